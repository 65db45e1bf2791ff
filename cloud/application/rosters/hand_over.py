"""Shift handover (交接班): drawn up from what is open, signed by who leaves and who comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.rosters.keeping import KEEPS, Act, register_for
from cloud.application.sight import Sight
from cloud.domain.community.names import Names
from cloud.domain.community.on_duty import spells
from cloud.domain.community.party import Member, Role
from cloud.domain.duties.register import Register
from cloud.domain.incidents.drilled import drilled_names
from cloud.domain.records.handover import UNSIGNED_AFTER, Handover, HandoverState, Item, ItemKind, Shifts, Side
from cloud.domain.records.ledger import Kind
from cloud.domain.tasks.sight import outlook
from cloud.errors import Invalid, NotAllowed, NotFound
from schemas.hazards import hazard

MAX_NOTE: Final = 4000
LOOKS_BACK: Final = timedelta(hours=36)
_ENTRIES: Final = 5000
"""Of the ledger, among which it is looked whether a roster was made since `LOOKS_BACK`."""

_JUST_NOW: Final = timedelta(seconds=1)
"""What was made at this very instant counts."""

AROUND: Final = timedelta(hours=2)
"""A handover drawn up this near to a change of shift is that change's."""


@dataclass(frozen=True, slots=True)
class HandoverView:
    handover: Handover
    state: HandoverState
    party: Names
    shifts: Shifts


@dataclass(frozen=True, slots=True)
class MissingView:
    """A change of shift for which no handover was signed. `leaving` and `coming`: whom the roster names."""

    party_id: str
    at: datetime
    leaving: tuple[str, ...]
    coming: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HandoversView:
    """Handovers, newest first, and the changes of shift in the last day and a half that were not handed over."""

    handovers: Sequence[HandoverView]
    missing: Sequence[MissingView]


class HandOver:
    """Raises NotFound, NotAllowed (who does not act for the party, is not of that shift or would sign both sides), Conflict,
    Invalid.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids

    def draw(
        self, estate: str, party_id: str, note: str, viewer: Identity, *, cause: str | None = None
    ) -> HandoverView:
        """Drawn up from what is open now; both sign it afterwards."""
        if len(note) > MAX_NOTE:
            raise Invalid("The handover was not drawn up.", [f"note: write at most {MAX_NOTE} characters"])
        with self._units.writing() as uow:
            register, now = register_for(uow, estate, viewer), self._clock.now()
            _check_acts(register, viewer.member, party_id)
            items = tuple(_items(uow, register, Sight(uow, register, viewer), party_id, now))
            handover = Handover(self._ids.new(now), estate, party_id, now, viewer.member.id, items, note.strip())
            again = next(
                (one for one in uow.handovers.of(estate, parties=[party_id], limit=1) if _same(one, handover)), None
            )
            if again is not None:
                return _view(again, register, now)
            uow.handovers.save(handover)
            counts = {kind.value: sum(one.kind is kind for one in items) for kind in ItemKind}
            act = Act(Kind.HANDOVER_DRAWN, viewer.member.id, cause, {"count": len(items), **counts})
            self._note(uow, handover, act)
            uow.commit()
            return _view(handover, register, now)

    def sign(
        self, estate: str, handover_id: str, side: Side, viewer: Identity, *, cause: str | None = None
    ) -> HandoverView:
        with self._units.writing() as uow:
            register, now = register_for(uow, estate, viewer), self._clock.now()
            handover = self._find(uow, register, handover_id, viewer.member)
            _check_acts(register, viewer.member, handover.party_id)
            signed = handover.signed(side, viewer.member.id, now)
            _check_shift(register, handover, side, viewer.member.id)
            uow.handovers.save(signed)
            self._note(uow, signed, Act(Kind.HANDOVER_SIGNED, viewer.member.id, cause, {"side": side}))
            uow.commit()
            return _view(signed, register, now)

    def read(self, estate: str, handover_id: str, viewer: Identity) -> HandoverView:
        with self._units.reading() as uow:
            register = register_for(uow, estate, viewer)
            return _view(self._find(uow, register, handover_id, viewer.member), register, self._clock.now())

    def listed(
        self,
        estate: str,
        viewer: Identity,
        *,
        party: str | None = None,
        limit: int = 50,
        before: tuple[datetime, str] | None = None,
    ) -> HandoversView:
        """`before`: those that follow the one drawn up then, with that id."""
        with self._units.reading() as uow:
            register, now = register_for(uow, estate, viewer), self._clock.now()
            seen = [one for one in register.parties if party in (None, one) and _sees(register, viewer.member, one)]
            known = uow.handovers.of(estate, parties=seen, limit=limit, before=before)
            recent = uow.handovers.of(estate, parties=seen, limit=200)
            begun = _begun(uow, register, now)
            missing = [gap for one in seen for gap in _missing(register, one, recent, now, begun)]
            return HandoversView([_view(one, register, now) for one in known], missing)

    @staticmethod
    def _find(uow: UnitOfWork, register: Register, handover_id: str, member: Member) -> Handover:
        handover = uow.handovers.get(handover_id)
        here = handover is not None and handover.estate == register.estate.id
        if handover is None or not here or not _sees(register, member, handover.party_id):
            raise NotFound(f"There is no handover {handover_id!r} here.", "没有这份交接班记录")
        return handover

    def _note(self, uow: UnitOfWork, handover: Handover, act: Act) -> None:
        facts = {"handover": handover.id, "party": handover.party_id}
        uow.ledger.append(handover.estate, [act.draft(self._clock.now(), handover.id, facts)])


def _same(known: Handover, drawn: Handover) -> bool:
    """Whether nobody has signed it and it says the same, by the same person: whoever heard no answer draws it up again."""
    fresh = drawn.drawn_at - known.drawn_at < UNSIGNED_AFTER
    return fresh and replace(known, id=drawn.id, drawn_at=drawn.drawn_at) == drawn


def _sees(register: Register, member: Member, party_id: str) -> bool:
    """Who acts for the party, who runs the estate, and overseers of all of it."""
    runs = member.role_in(register.fallback.id) in KEEPS
    heads = member.role in (Role.OVERSEER, Role.ADMINISTRATOR)
    oversees = heads and outlook(register, member).oversees(register.estate.place_id)
    return member.role_in(party_id) is not None or runs or oversees


def _check_acts(register: Register, member: Member, party_id: str) -> None:
    if party_id not in register.parties:
        raise NotFound(f"There is no party {party_id!r} in this estate.", "本小区没有这个单位")
    if member.role_in(party_id) in (None, Role.RESIDENT):
        raise NotAllowed("A shift is handed over by the people of its own party.", "交接班只能由本单位人员办理")


def _shifts(register: Register, handover: Handover) -> Shifts:
    """The change of shift that it is about: the nearest to when it was drawn up, where one is near."""
    zone, days, at = ZoneInfo(register.estate.time_zone), register.estate.days, handover.drawn_at
    stretches = list(spells(register.rosters_of(handover.party_id), at - AROUND, at + AROUND, zone, days))
    changes = [(abs(after.starts_at - at), before, after) for before, after in pairwise(stretches)]
    if not changes:
        return Shifts()
    _, before, after = min(changes, key=lambda change: change[0])
    return Shifts(before.members, after.members)


def _check_shift(register: Register, handover: Handover, side: Side, member_id: str) -> None:
    shifts = _shifts(register, handover)
    if shifts.signs(side, member_id):
        return
    named = [register.members[one].names if one in register.members else Names(one, one) for one in shifts.of(side)]
    zh, en = "、".join(one.zh for one in named), ", ".join(one.en for one in named)
    if side == "leaving":
        raise NotAllowed(
            f"By the roster {en} leaves, and signs for that side. Who stood in for them is put into the roster first.",
            f"按值班表，交班人为{zh}，由其签字；如有顶班请先在值班表登记",
        )
    raise NotAllowed(
        f"By the roster {en} comes, and signs for that side. Who stands in for them is put into the roster first.",
        f"按值班表，接班人为{zh}，由其签字；如有顶班请先在值班表登记",
    )


def _items(uow: UnitOfWork, register: Register, sight: Sight, party_id: str, now: datetime) -> list[Item]:
    """Open tasks in which the party has work; alerts that are hidden or whose node lost track; exercises under way."""
    estate = register.estate.id
    tasks = [task for task in sight.open() if (part := task.part_of(party_id)) and part.works]
    incidents = uow.incidents.among([task.incident_id for task in tasks])
    found = []
    for task in tasks:
        where = register.names_of(incidents[task.incident_id].equipment_id)
        found.append(Item(ItemKind.TASK, task.id, _about(task.hazard, where), task.state.value, task.life_safety))
    for alert in sight.alerts(uow.alerts.firing(estate)):
        names = _about(alert.fingerprint.hazard, register.names_of(alert.fingerprint.equipment))
        life = hazard(alert.fingerprint.hazard).life_safety
        if alert.fingerprint.mode == "exercise":
            found.append(Item(ItemKind.EXERCISE, alert.id, names, alert.state.value, life))
        elif alert.suppressed_by:
            found.append(Item(ItemKind.MUTED, alert.id, names, alert.state.value, life))
    found += _muted(uow, register, sight, now)
    return sorted(found, key=lambda one: (not one.life_safety, one.kind, one.subject))


def _muted(uow: UnitOfWork, register: Register, sight: Sight, now: datetime) -> list[Item]:
    """What somebody has muted, what is under maintenance, and which exercises are planned or under way."""
    estate, found = register.estate.id, []
    for task in sight.open():
        incident = uow.incidents.get(task.incident_id)
        if task.muted is not None and incident is not None:
            names = _about(task.hazard, register.names_of(incident.equipment_id))
            found.append(Item(ItemKind.MUTED, task.id, names, _until(register, task.muted.until), task.life_safety))
    for window in uow.windows.running(estate, now):
        there = [register.names_of(one) for one in window.equipment] or [register.places.address(window.place_id or "")]
        names = Names(
            "维护：" + "、".join(one.zh for one in there), "maintenance: " + ", ".join(one.en for one in there)
        )
        found.append(Item(ItemKind.MUTED, window.id, names, _until(register, window.ends_at)))
    for exercise in uow.exercises.running(estate, now):
        points, drilled = [register.names_of(one) for one in exercise.equipment], drilled_names(exercise.hazards)
        names = Names(
            f"演练：{'、'.join(one.zh for one in points)}（{'、'.join(one.zh for one in drilled)}）",
            f"exercise: {', '.join(one.en for one in points)} ({', '.join(one.en for one in drilled)})",
        )
        found.append(Item(ItemKind.EXERCISE, exercise.id, names, _until(register, exercise.ends_at)))
    return found


def _until(register: Register, moment: datetime) -> str:
    return register.estate.local(moment).isoformat(timespec="minutes")


def _about(hazard_id: str, where: Names) -> Names:
    known = hazard(hazard_id)
    return Names(f"{where.zh}：{known.zh}", f"{known.en} at {where.en}")


def _begun(uow: UnitOfWork, register: Register, now: datetime) -> Mapping[str, datetime]:
    """From when each roster held: since the estate is there, or since the roster was made, as far as that is looked back on."""
    estate = register.estate.id
    first = next(iter(uow.ledger.since(estate, 0, 1)), None)
    there = first.at if first is not None else now - LOOKS_BACK
    found = dict.fromkeys((one.id for one in register.rosters), there)
    if any(not one.laid for one in register.rosters):
        for entry in uow.ledger.between(estate, now - LOOKS_BACK, now + _JUST_NOW, _ENTRIES):
            if entry.kind == Kind.ROSTER_CHANGED and entry.data.get("revision") == 1:
                found[str(entry.data["roster"])] = entry.at
    return found


def _missing(
    register: Register, party_id: str, known: Sequence[Handover], now: datetime, begun: Mapping[str, datetime]
) -> list[MissingView]:
    """Changes of shift without a signed handover near them. A party without roster changes no shift, nor did one before
    there was any.
    """
    rosters = register.rosters_of(party_id)
    if not rosters:
        return []
    signed = [one.drawn_at for one in known if one.party_id == party_id and one.state(now) is HandoverState.SIGNED]
    zone, days = ZoneInfo(register.estate.time_zone), register.estate.days
    since = max(now - LOOKS_BACK, min(begun[one.id] for one in rosters))
    shifts = list(spells(rosters, since, now, zone, days))
    return [
        MissingView(party_id, after.starts_at, before.members, after.members)
        for before, after in pairwise(shifts)
        if before.members and after.members and not any(abs(at - after.starts_at) <= AROUND for at in signed)
    ]


def _view(handover: Handover, register: Register, now: datetime) -> HandoverView:
    names = register.party(handover.party_id).names
    return HandoverView(handover, handover.state(now), names, _shifts(register, handover))
