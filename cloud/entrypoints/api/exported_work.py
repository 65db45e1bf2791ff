"""Lists of those who work in an estate, as files: alarms, who is on duty, what is planned and what was walked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cloud.application.asking.views import AlertView
from cloud.application.rosters.hand_over import HandoverView
from cloud.domain.community.roster import Override, Roster
from cloud.domain.records.handover import Signature
from cloud.entrypoints.api.exported import (
    STRETCH,
    Asked,
    Export,
    as_member,
    both,
    day,
    fields,
    listed,
    of_its,
    through,
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One way in which a roster says who is on duty: a rotation, or a shift."""

    roster: Roster
    way: str
    members: tuple[str, ...]
    begins: str
    ends: str | None
    days: Iterable[int]
    only: str
    every_days: int | None
    since: str | None
    until: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """One override of a roster."""

    roster: Roster
    override: Override


def _alerts(asked: Asked) -> Iterator[AlertView]:
    history, before = asked.services.queries.alert_history, None
    while True:
        stretch, before = history(asked.estate, asked.member, STRETCH, before)
        yield from stretch
        if before is None:
            return


def _turns(asked: Asked) -> Iterator[Turn]:
    for view in asked.services.reach.questions.rosters(asked.estate, asked.member):
        roster = view.roster
        for one in roster.rotations:
            begins = one.handoff.isoformat("minutes")
            since = day(one.starts_on)
            yield Turn(roster, "rotation", one.participants, begins, None, (), one.only, one.every_days, since, None)
        for shift in roster.shifts:
            begins, ends = (at.isoformat("minutes") for at in (shift.start, shift.end))
            yield Turn(
                roster, "shift", shift.members, begins, ends, sorted(shift.days), shift.only, None, day(shift.since),
                day(shift.until),
            )  # fmt: skip


def _overrides(asked: Asked) -> Iterator[Standing]:
    for view in asked.services.reach.questions.rosters(asked.estate, asked.member):
        yield from (Standing(view.roster, one) for one in view.roster.overrides)


def _handovers(asked: Asked) -> Iterator[HandoverView]:
    use = asked.services.reach.handovers
    return through(
        lambda before: use.listed(asked.estate, asked.member, limit=STRETCH, before=before).handovers,
        lambda one: (one.handover.drawn_at, one.handover.id),
    )


def _exercises(asked: Asked) -> Iterator[Any]:
    use = asked.services.assurance.exercises
    return through(
        lambda before: use.listed(asked.estate, asked.member, limit=STRETCH, before=before),
        lambda one: (one.starts_at, one.id),
    )


def _windows(asked: Asked) -> Iterator[Any]:
    use = asked.services.assurance.windows
    return through(
        lambda before: use.listed(asked.estate, asked.member, limit=STRETCH, before=before),
        lambda one: (one.starts_at, one.id),
    )


def _patrols(asked: Asked) -> Iterator[Any]:
    use = asked.services.assurance.patrols
    return through(
        lambda before: use.listed(asked.estate, asked.member, limit=STRETCH, before=before),
        lambda one: (one.at, one.id),
    )


def _signed(signature: Signature | None) -> tuple[str | None, Any]:
    return (signature.member_id, signature.at) if signature else (None, None)


WORK: Final[Mapping[str, Export]] = {
    "alerts": Export(
        "/alerts",
        "Every alarm there was and is, the latest first",
        as_member,
        _alerts,
        {
            **fields("id", "hazard"), **both("hazard", lambda one: one.hazard_names),
            **fields("severity", "life_safety", "state", "started_at", "resolved_at", "raises", "lost_track", "late"),
            "equipment": lambda one: one.equipment.id, **both("address", lambda one: one.equipment.address),
            **fields("suppressed_by", "point", "value", "threshold"),
        },
    ),
    "rosters": Export(
        "/estates/{estate}/rosters",
        "Rosters: each rotation and shift",
        as_member,
        _turns,
        {
            "roster": lambda one: one.roster.id, **both("roster", lambda one: one.roster.names),
            "party": lambda one: one.roster.party_id, "way": lambda one: one.way,
            "members": lambda one: listed(one.members), **fields("begins", "ends"),
            "weekdays": lambda one: listed(one.days), **fields("only", "every_days", "since", "until"),
        },
    ),
    "overrides": Export(
        "/estates/{estate}/rosters",
        "Overrides of rosters: who stands in for whom",
        as_member,
        _overrides,
        {
            "roster": lambda one: one.roster.id, "party": lambda one: one.roster.party_id,
            **of_its("override", fields("id", "starts_at", "ends_at")),
            "members": lambda one: listed(one.override.members), **of_its("override", fields("replaces", "note")),
        },
    ),
    "handovers": Export(
        "/estates/{estate}/handovers",
        "Shift handovers, the latest first",
        as_member,
        _handovers,
        {
            **of_its("handover", fields("id", "party_id")), **both("party", lambda one: one.party), **fields("state"),
            **of_its("handover", fields("drawn_at", "drawn_by")), "items": lambda one: len(one.handover.items),
            "what": lambda one: listed(item.names.en for item in one.handover.items),
            "what_zh": lambda one: listed(item.names.zh for item in one.handover.items),
            "left_by": lambda one: _signed(one.handover.leaving)[0],
            "left_at": lambda one: _signed(one.handover.leaving)[1],
            "taken_by": lambda one: _signed(one.handover.coming)[0],
            "taken_at": lambda one: _signed(one.handover.coming)[1],
            "note": lambda one: one.handover.note,
        },
    ),
    "exercises": Export(
        "/estates/{estate}/exercises",
        "Exercises, the latest first",
        as_member,
        _exercises,
        {
            **fields("id", "party_id", "planned_by", "starts_at", "ends_at", "ended_at"),
            "equipment": lambda one: listed(one.equipment),
            "hazards": lambda one: listed(sorted({each for many in one.hazards.values() for each in many})),
            "told": lambda one: listed(one.told), "by_phone": lambda one: listed(one.by_phone),
        },
    ),
    "maintenance-windows": Export(
        "/estates/{estate}/maintenance-windows",
        "Maintenance windows, the latest first",
        as_member,
        _windows,
        {
            **fields("id", "party_id", "member_id", "starts_at", "ends_at", "reason"),
            "equipment": lambda one: listed(one.equipment), "place": lambda one: one.place_id,
            "hazards": lambda one: listed(one.hazards),
            **fields("held", "ended_at", "ended_by", "accepted_at", "accepted_by"),
        },
    ),
    "patrols": Export(
        "/estates/{estate}/patrols",
        "Patrols that were walked, the latest first",
        as_member,
        _patrols,
        {
            **fields("id", "at", "round"), **both("party", lambda one: one.party), **fields("member_id"),
            "points": lambda one: listed(each.en for each in one.points),
            "points_zh": lambda one: listed(each.zh for each in one.points), **fields("findings"),
        },
    ),
    "upkeep": Export(
        "/estates/{estate}/upkeep",
        "Lifts, their last visit and inspection",
        as_member,
        lambda asked: asked.services.assurance.upkeep.listed(asked.estate, asked.member),
        {
            **fields("equipment"), **both("name", lambda one: one.names),
            "maintained_on": lambda one: day(one.maintained_on), "visit_by": lambda one: day(one.visit_by),
            "inspected_until": lambda one: day(one.inspected_until),
            "inspection_from": lambda one: day(one.inspection_from),
        },
    ),
}  # fmt: skip
