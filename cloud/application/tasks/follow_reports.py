"""Who reported follows what became of it, adds a photo, and judges the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cloud.application.assurance_ports import PhotoFiles
from cloud.application.incidents.close_matter import close_matter
from cloud.application.incidents.summons import Summons
from cloud.application.incidents.uncover import uncover
from cloud.application.notices.withdraw import Answer, Withdraw
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.tasks.attach_photo import add_photo, facts_of
from cloud.application.tasks.report_keys import Key, found, held
from cloud.application.tasks.report_view import ReportView, report_view
from cloud.domain.duties.register import Register
from cloud.domain.incidents.report import Report
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.notification import Reason
from cloud.domain.records.personal import PersonalClass, PersonalRecord, new_salt
from cloud.domain.tasks import closing
from cloud.domain.tasks.task import Task
from cloud.domain.tasks.witness import Stage, Verdict
from cloud.errors import Conflict, Invalid

MAX_WORDS: Final = 2000
MOST_PHOTOS: Final = 3
"""By one reporter: nobody has signed in here."""

Closed = Callable[[UnitOfWork, Task, Register, str, datetime], Sequence[Draft]]
Reopened = Callable[[UnitOfWork, Task, str, datetime], Sequence[Draft]]


@dataclass(frozen=True, slots=True)
class Following:
    """What follows a verdict: credit paid, or taken back."""

    closed: Closed = field(default=lambda *_: ())
    reopened: Reopened = field(default=lambda *_: ())


class FollowReports:
    """By the private link or by one's own account. Raises NotFound for a key that opens nothing, Conflict, Invalid, Unavailable."""

    def __init__(
        self, units: UnitsOfWork, clock: Clock, ids: Ids, files: PhotoFiles, following: Following | None = None
    ) -> None:
        self._units, self._clock, self._ids, self._files = units, clock, ids, files
        self._following = following or Following()

    def read(self, key: Key) -> ReportView:
        with self._units.reading() as uow:
            report, task, register = found(uow, key)
            return report_view(uow, report, task, register)

    def opens(self, key: Key) -> None:
        """Raises NotFound where it opens nothing."""
        with self._units.reading() as uow:
            found(uow, key)

    def judge(self, key: Key, verdict: Verdict, words: str = "", *, cause: str | None = None) -> ReportView:
        """What is not good begins again; what is good closes it where nothing else is missing."""
        if len(words) > MAX_WORDS:
            raise Invalid("The verdict was not taken.", [f"words: write at most {MAX_WORDS} characters"])
        with self._units.writing() as uow:
            now = self._clock.now()
            report, task, register = held(uow, key)
            why, by = cause or f"report:{report.id}", f"report:{report.id}"

            def draft(kind: Kind, facts: dict[str, object], actor: str = by) -> Draft:
                return Draft(kind, now, actor, task.incident_id, task.id, why, facts)

            over = closing.judged(task, report.id, verdict, now, own=_own(task, report, register))
            said = self._said(uow, report, words.strip(), now)
            drafts = [draft(Kind.RESULT_JUDGED, {"verdict": verdict.value, "report": report.id, **said})]
            if over:
                drafts += self._closes(uow, task, register, draft, report)
            elif verdict is not Verdict.GOOD:
                drafts += self._begins_again(uow, task, register, draft, report)
            uow.tasks.save(task)
            uow.ledger.append(task.estate, drafts)
            if over or verdict is not Verdict.GOOD:
                uncover(uow, register, self._ids, now, why)
            uow.commit()
            return report_view(uow, report, uow.tasks.get(task.id) or task, register)

    def photo(self, key: Key, raw: bytes, *, cause: str | None = None) -> ReportView:
        """Of what was reported; for the parties to see. Raises Conflict when there are too many already."""
        with self._units.reading() as uow:
            # Nobody without a report has pictures worked on and kept, nor more of them than are taken.
            report, task, _ = found(uow, key)
            _room(report, task)
        picture = self._files.launder(raw)
        self._files.keep(picture)
        with self._units.writing() as uow:
            now = self._clock.now()
            report, task, register = held(uow, key)
            by = f"report:{report.id}"
            _room(report, task)
            photo = add_photo(
                uow,
                task,
                picture,
                Stage.BEFORE,
                by=by,
                party=None,
                public=False,
                photo_id=self._ids.new(now),
                salt=new_salt(),
                now=now,
            )
            uow.tasks.save(task)
            uow.ledger.append(
                task.estate,
                [Draft(Kind.PHOTO_ADDED, now, by, task.incident_id, task.id, cause or by, facts_of(photo))],
            )
            uow.commit()
            return report_view(uow, report, task, register)

    def _said(self, uow: UnitOfWork, report: Report, words: str, now: datetime) -> dict[str, str]:
        if not words:
            return {}
        record = PersonalRecord(
            self._ids.new(now), report.estate, report.subject, PersonalClass.REPORTER, now, words, new_salt(),
            report.incident_id,
        )  # fmt: skip
        uow.personal.put(record)
        return {"digest": record.digest}

    def _closes(
        self, uow: UnitOfWork, task: Task, register: Register, draft: Callable[..., Draft], report: Report
    ) -> list[Draft]:
        now = self._clock.now()
        close_matter(uow, task, now)
        reason = task.resolution.reason.value if task.resolution else None
        facts = {"checks": [*(check.need.value for check in task.checks), "reporter"], "reason": reason}
        return [
            draft(Kind.TASK_CLOSED, {**facts, "state": task.state.value}, "system"),
            *self._following.closed(uow, task, register, report.member_id or f"report:{report.id}", now),
        ]

    def _begins_again(
        self, uow: UnitOfWork, task: Task, register: Register, draft: Callable[..., Draft], report: Report
    ) -> list[Draft]:
        now, by = self._clock.now(), f"report:{report.id}"
        Withdraw(uow, self._ids, task, Answer(), now).answered(lead=False, over=True)
        incident = uow.incidents.get(task.incident_id)
        assert incident is not None, f"task {task.id} has lost its incident"
        incident.closed_at = None
        uow.incidents.save(incident)
        summons = Summons(register, self._ids, now)
        summons.again(task, incident, Reason.REOPENED)
        uow.outbox.put(summons.taken())
        return [
            draft(Kind.TASK_REOPENED, {"count": task.reopened_count, "state": task.state.value}),
            *self._following.reopened(uow, task, by, now),
        ]


def _own(task: Task, report: Report, register: Register) -> bool:
    """Whether the voice behind the link is one of those whose work it judges: who worked on it, or the desk of who claims
    that it is done, which was handed the link for its caller.
    """
    voice = report.member_id or report.desk_id
    if voice is None:
        return False
    desk = register.members.get(report.desk_id) if report.desk_id else None
    claimant = task.resolution.party_id if task.resolution else None
    return voice in task.workers or (desk is not None and claimant in {one.party_id for one in desk.memberships})


def _room(report: Report, task: Task) -> None:
    """Raises Conflict when there is none for another photo of theirs."""
    if sum(one.by == f"report:{report.id}" for one in task.photos) >= MOST_PHOTOS:
        raise Conflict(f"You have added {MOST_PHOTOS} photos: more are not taken.", "照片数量已达上限")
