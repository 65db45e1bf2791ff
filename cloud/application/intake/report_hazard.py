"""Somebody reports a hazard: by the code on the lift or door without login, signed in, or by phone at the desk."""

from __future__ import annotations

import secrets
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from cloud.application.estates.keep_labels import meant
from cloud.application.incidents.consequences import Consequences
from cloud.application.incidents.sightings import Sighting
from cloud.application.intake.mine_too import matter_meant, seen_again
from cloud.application.intake.reported_again import said_before
from cloud.application.once_more import on_what_is_there
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.domain.community.access import token_hash
from cloud.domain.community.contacts import channel_of
from cloud.domain.community.emergency import numbers_of
from cloud.domain.duties.register import Register
from cloud.domain.incidents.alert import Fingerprint
from cloud.domain.incidents.caller_link import WORDS
from cloud.domain.incidents.report import HAZARDS, Concern, Report, Spot, Way, may_mean, spot_of
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.missive import Missive, Subject
from cloud.domain.records.personal import PersonalClass, PersonalRecord, new_salt
from cloud.domain.tasks.task import Task
from cloud.errors import Invalid, NotFound, Throttled
from schemas.hazards import hazard

MAX_WORDS: Final = 2000
MAX_CONTACT: Final = 200


@dataclass(frozen=True, slots=True)
class Given:
    """What is reported. `code`: of a label, or what the register calls it. `same_as`: the incident that it is about ("this is mine too"); then no concern is needed.
    `too_many`: too much came from there lately; it is taken all the same where it says that life is at stake.
    """

    estate: str
    code: str
    concern: Concern | None = None
    words: str = ""
    contact: str = ""
    same_as: str | None = None
    device: str = ""
    member_id: str | None = None
    desk_id: str | None = None
    too_many: bool = False


@dataclass(frozen=True, slots=True)
class Reported:
    """`token` is told once: with it the reporter follows and judges. The desk is told none: the caller's goes to what the caller
    has left (`link` is `sent`), or is printed for them (`slip`). `told`: the parties that were paged. `folded`: too many
    came from there, and people said so already: it counts with the first report of that, without one of its own.
    """

    report_id: str
    token: str
    incident_id: str
    told: Sequence[str]
    folded: bool = False
    link: Literal["told", "sent", "slip"] = "told"


def _known_danger(uow: UnitOfWork, given: Given, register: Register, report: Report) -> Task | None:
    """The open task about the same danger to life at that very spot."""
    if given.same_as is not None:
        incident, task = uow.incidents.get(given.same_as), uow.tasks.of_incident(given.same_as)
        mine = incident is not None and task is not None and task.open and may_mean(report, incident, register)
        return task if mine and task is not None and task.life_safety else None
    if given.concern is None or not hazard(HAZARDS[given.concern]).life_safety:
        return None
    tasks = {task.incident_id: task for task in uow.tasks.open(given.estate) if task.hazard == HAZARDS[given.concern]}
    here = (one for one in uow.incidents.among(list(tasks)).values() if one.equipment_id == report.equipment_id)
    return next((tasks[one.id] for one in here if one.mode == "real"), None)


def _throttled(register: Register) -> Throttled:
    numbers = list(numbers_of(register.estate.days.region).by_number())
    en, zh = " or ".join(numbers), "、".join(numbers)
    return Throttled(
        f"Too many reports came from here just now. In an emergency call {en}; else try in ten minutes.",
        f"短时间内报告过多。紧急情况请拨打{zh}，否则请十分钟后再试",
    )


class ReportHazard:
    """One unit of work; who is overtaken by another alarm of the same reports once more. Raises NotFound, Invalid, Conflict,
    Throttled, Unavailable.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids, links_through: Container[str] = frozenset()) -> None:
        """`links_through`: the channels that carry a link to whoever has left an address; none: each gets a slip."""
        self._units, self._clock, self._ids, self._links_through = units, clock, ids, links_through

    def __call__(self, given: Given, *, cause: str | None = None) -> Reported:
        _check(given)
        return on_what_is_there(lambda: self._once(given, cause))

    def _once(self, given: Given, cause: str | None) -> Reported:
        with self._units.writing() as uow:
            now = self._clock.now()
            register = uow.registers.find(given.estate)
            if register is None:
                raise NotFound(f"There is no estate {given.estate!r} here.", "没有这个小区")
            uow.ledger.hold(given.estate)
            token = secrets.token_urlsafe(32)
            report = self._report(given, spot_of(meant(uow, given.estate, given.code), register), token, now)
            again = said_before(uow, report, _words(given), given.same_as)
            if again is not None:
                return self._once_more(uow, again, report.token_hash, token)
            if given.too_many:
                known = _known_danger(uow, given, register, report)
                if known is not None and known.undone and known.reports:
                    # Whoever it concerns was paged for it; what is said to be done, nobody is paged for any more.
                    self._bears_out(uow, register, report, known, cause)
                    return Reported(known.reports[0], "", known.incident_id, known.parties(), folded=True)
                if known is None and (given.concern is None or not hazard(HAZARDS[given.concern]).life_safety):
                    raise _throttled(register)
            by = _actor(report)
            consequences = Consequences(uow, register, self._ids, now, by)
            if given.same_as:
                task = self._joined(uow, consequences, register, report, given.same_as)
            else:
                assert report.concern is not None
                fingerprint = Fingerprint(report.estate, HAZARDS[report.concern], report.equipment_id)
                task = self._raised(uow, consequences, report, fingerprint)
            report = replace(report, incident_id=task.incident_id)
            self._take_down(uow, consequences, report, task, given, by=by, cause=cause)
            consequences.settle()
            self._send_link(uow, report, given)
            return self._made(uow, report, token, task)

    def _made(self, uow: UnitOfWork, report: Report, token: str, task: Task) -> Reported:
        """Committed. The desk hears no token: who phoned is to judge, not who took the call."""
        link: Literal["told", "sent", "slip"] = "told"
        if report.way is Way.DESK:
            gone = any(one.failed_at is None for one in uow.missives.about(report.id))
            link, token = ("sent" if gone else "slip"), ""
        uow.commit()
        return Reported(report.id, token, task.incident_id, task.parties(), link=link)

    def _report(self, given: Given, spot: Spot, token: str, now: datetime) -> Report:
        if given.same_as is None and given.concern not in spot.concerns:
            fitting = ", ".join(spot.concerns)
            raise Invalid("The report was not taken.", [f"concern: at this place choose one of {fitting}"])
        return Report(
            id=self._ids.new(now),
            estate=given.estate,
            concern=given.concern,
            equipment_id=spot.equipment_id,
            place_id=spot.place_id,
            at=now,
            token_hash=token_hash(token),
            way=Way.DESK if given.desk_id else Way.CODE,
            device=given.device,
            member_id=given.member_id,
            desk_id=given.desk_id,
        )

    def _send_link(self, uow: UnitOfWork, report: Report, given: Given) -> None:
        """To the caller, by what they have left; it is made when it is sent."""
        if report.way is Way.DESK and channel_of(given.contact) in self._links_through:
            uow.missives.save(
                Missive(
                    self._ids.new(report.at), report.estate, Subject.REPORT_LINK, report.id, WORDS, report.at, report.at
                )
            )

    def _once_more(self, uow: UnitOfWork, known: Report, hashed: str, token: str) -> Reported:
        """The report that was made already, under a new link; a caller's stays."""
        if known.way is not Way.DESK:
            uow.reports.save(replace(known, token_hash=hashed))
        task = uow.tasks.of_incident(known.incident_id or "")
        assert task is not None, f"report {known.id} has lost its task"
        return self._made(uow, known, token, task)

    @staticmethod
    def _raised(uow: UnitOfWork, consequences: Consequences, report: Report, fingerprint: Fingerprint) -> Task:
        """The report as an alarm that people raise; no node will clear it."""
        known, severity = _equipment_node(uow, report), hazard(fingerprint.hazard).severity
        cause = f"report:{report.id}"
        consequences.raised(Sighting(fingerprint, known, report.occurrence, severity, report.at, cause))
        alert = next(
            a for a in uow.alerts.concerning(fingerprint, report.occurrence) if report.occurrence in a.occurrences
        )
        task = uow.tasks.of_incident(alert.incident_id or "")
        assert task is not None, f"report {report.id} has led to no task"
        return task

    def _joined(
        self, uow: UnitOfWork, consequences: Consequences, register: Register, report: Report, incident_id: str
    ) -> Task:
        """The task of what is known already. Where that is said to be done, it fires again by this word: `resolved` is a
        claim, and a person contradicts it.
        """
        incident, task = matter_meant(uow, register, report, incident_id)
        return task if task.undone else self._raised(uow, consequences, report, seen_again(uow, incident))

    def _take_down(
        self, uow: UnitOfWork, consequences: Consequences, report: Report, task: Task, given: Given, *, by: str,
        cause: str | None,
    ) -> None:  # fmt: skip
        earlier = uow.reports.of_incidents([task.incident_id])
        uow.reports.save(report)
        task.reports += (report.id,)
        facts = {
            "concern": report.concern.value if report.concern else "mine-too",
            "channel": report.way.value,
            "report": report.id,
            **self._words(uow, report, given),
        }
        why = cause or f"report:{report.id}"
        consequences.note(Draft(Kind.HAZARD_REPORTED, report.at, by, report.incident_id, task.id, why, facts))
        if task.others_at is not None and any(not report.same_voice(other) for other in earlier):
            incident = uow.incidents.get(task.incident_id)
            assert incident is not None, f"task {task.id} has lost its incident"
            consequences.corroborated(incident, task, why)
        uow.tasks.save(task)

    def _bears_out(self, uow: UnitOfWork, register: Register, report: Report, known: Task, cause: str | None) -> None:
        """Too much came from there, as from a building behind one router: what another voice says is heard all the same, and the
        others are called.
        """
        earlier, incident = uow.reports.of_incidents([known.incident_id]), uow.incidents.get(known.incident_id)
        heard = not report.device or any(report.same_voice(other) for other in earlier)
        if known.others_at is None or incident is None or heard:
            return
        consequences = Consequences(uow, register, self._ids, report.at, "system")
        consequences.corroborated(incident, known, cause or f"report:{report.id}")
        uow.tasks.save(known)
        consequences.settle()
        uow.commit()

    def _words(self, uow: UnitOfWork, report: Report, given: Given) -> dict[str, str]:
        """Words and contact go beside the ledger; it holds their digests."""
        attested = {}
        for name, text in _words(given).items():
            record = PersonalRecord(
                f"{report.id}-{name}", report.estate, report.subject, PersonalClass.REPORTER, report.at, text, new_salt(),
                report.incident_id,
            )  # fmt: skip
            uow.personal.put(record)
            attested[name] = record.digest
        return attested


def _words(given: Given) -> dict[str, str]:
    """What is said and how to reach who says it, where it is said."""
    return {name: text for name, text in (("words", given.words.strip()), ("contact", given.contact.strip())) if text}


def _check(given: Given) -> None:
    faults = []
    if len(given.words) > MAX_WORDS:
        faults.append(f"words: write at most {MAX_WORDS} characters")
    if len(given.contact) > MAX_CONTACT:
        faults.append(f"contact: write at most {MAX_CONTACT} characters")
    if given.same_as is None and given.concern is None:
        faults.append("concern: say what it is, or which known matter it is (same_as)")
    if faults:
        raise Invalid("The report was not taken.", faults)


def _actor(report: Report) -> str:
    member = report.desk_id or report.member_id
    return f"member:{member}" if member else f"report:{report.id}"


def _equipment_node(uow: UnitOfWork, report: Report) -> str:
    register: Register | None = uow.registers.find(report.estate)
    item = register.equipment.get(report.equipment_id) if register else None
    return item.node_id or "" if item else ""
