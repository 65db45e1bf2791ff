"""Lists of those who work in an estate, as files: alarms, who is on duty, what is planned, what was told to whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from cloud.application.asking.views import AlertView
from cloud.application.rosters.hand_over import HandoverView
from cloud.domain.community.roster import Override, Roster
from cloud.domain.records.handover import Signature
from cloud.domain.records.webhook import Posting
from cloud.entrypoints.api.deliveries import shown_delivery
from cloud.entrypoints.api.exported import (
    STRETCH,
    Asked,
    Columns,
    Export,
    as_member,
    as_operator,
    both,
    day,
    fields,
    listed,
    through,
)
from cloud.entrypoints.api.webhooks import PostingShown, shown_posting, shown_webhook


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


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent to one webhook."""

    webhook: str
    posting: PostingShown


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


def _deliveries(asked: Asked) -> Iterator[Any]:
    sent = asked.services.messaging.sent
    found = through(
        lambda before: sent(asked.estate, False, STRETCH, asked.member, before=before),
        lambda one: one.id,
    )
    return map(shown_delivery, found)


def _postings(asked: Asked) -> Iterator[Sent]:
    book, who = asked.services.messaging.webhooks, asked.member.member.id
    for webhook in book.all(asked.estate, who):
        read = partial(book.postings, asked.estate, webhook.id, who, failed=False, limit=STRETCH)
        for posting in through(_before(read), lambda one: one.id):
            yield Sent(webhook.id, shown_posting(posting))


def _before(read: Callable[..., Sequence[Posting]]) -> Callable[[str | None], Sequence[Posting]]:
    return lambda before: read(before=before)


def _letters(asked: Asked) -> Iterator[Any]:
    return through(
        lambda before: asked.services.queries.dead_letters(asked.member, limit=STRETCH, before=before),
        lambda one: one.id,
    )


def _signed(signature: Signature | None) -> tuple[str | None, Any]:
    return (signature.member_id, signature.at) if signature else (None, None)


def _of(name: str, columns: Columns) -> Columns:
    """The same columns of a part of the item."""

    def reads(column: Any) -> Any:
        return lambda one: column(getattr(one, name))

    return {key: reads(column) for key, column in columns.items()}


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
            **_of("override", fields("id", "starts_at", "ends_at")),
            "members": lambda one: listed(one.override.members), **_of("override", fields("replaces", "note")),
        },
    ),
    "handovers": Export(
        "/estates/{estate}/handovers",
        "Shift handovers, the latest first",
        as_member,
        _handovers,
        {
            **_of("handover", fields("id", "party_id")), **both("party", lambda one: one.party), **fields("state"),
            **_of("handover", fields("drawn_at", "drawn_by")), "items": lambda one: len(one.handover.items),
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
    "deliveries": Export(
        "/deliveries",
        "Messages to members and what became of them, the latest first; no addresses",
        as_operator,
        _deliveries,
        fields(
            "id", "incident_id", "task_id", "party_id", "member_id", "state", "channel", "attempts", "rounds",
            "created_at", "next_attempt_at", "sent_at", "failed_at", "withdrawn_at", "answered_at", "why",
        ),
    ),
    "webhooks": Export(
        "/webhooks",
        "Systems that are told; no secrets",
        as_operator,
        lambda asked: map(shown_webhook, asked.services.messaging.webhooks.all(asked.estate, asked.member.member.id)),
        {
            **fields("id", "url"), "kinds": lambda one: listed(one.kinds),
            **fields("active", "created_at", "created_by", "position", "former_secret_until", "gone_at"),
        },
    ),
    "webhook-deliveries": Export(
        "/webhooks/{webhook_id}/deliveries",
        "What was sent to every webhook, the latest first",
        as_operator,
        _postings,
        {
            **fields("webhook"),
            **_of(
                "posting",
                fields("id", "seq", "created_at", "attempts", "next_attempt_at", "sent_at", "failed_at", "why"),
            ),
        },
    ),
    "dead-letters": Export(
        "/dead-letters",
        "What could never be taken, and why, the latest first",
        as_operator,
        _letters,
        fields(
            "id", "received_at", "estate", "node_id", "topic", "reason", "size", "excerpt", "replayed_at",
            "replayed_by",
        ),
    ),
}  # fmt: skip
