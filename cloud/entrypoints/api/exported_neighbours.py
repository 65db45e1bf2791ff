"""Lists that residents read too, as files: what is consulted about, offered, needed, reported and earned. Nobody's vote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cloud.application.positions import TopicPosition
from cloud.domain.consultation.topic import OVER
from cloud.domain.exchange.posting import Side
from cloud.entrypoints.api.exported import (
    STRETCH,
    Asked,
    Columns,
    Export,
    as_neighbour,
    both,
    day,
    fields,
    listed,
    through,
)


def _topics(asked: Asked) -> Iterator[Any]:
    ask = asked.services.consulting.ask
    return through(
        lambda before: ask.topics(asked.estate, asked.member, limit=STRETCH, before=before),
        lambda one: TopicPosition(one.state in OVER, one.opened_at, one.id),
    )


def _ballots(asked: Asked) -> Iterator[Any]:
    ask = asked.services.consulting.ask
    return through(
        lambda before: ask.public(asked.estate, limit=STRETCH, before=before), lambda one: (one.opened_at, one.id)
    )


def _petitions(asked: Asked) -> Iterator[Any]:
    ask = asked.services.consulting.ask
    return through(
        lambda before: ask.petitions(asked.estate, asked.member, limit=STRETCH, before=before),
        lambda one: (one.started_at, one.id),
    )


def _postings(asked: Asked, side: Side) -> Iterator[Any]:
    board = asked.services.exchange.board
    return through(
        lambda before: board.listed(asked.estate, side, asked.member, limit=STRETCH, before=before).items,
        lambda one: (one.posted_at, one.id),
    )


def _small_tasks(asked: Asked) -> Iterator[Any]:
    """Those that are open, then those that are over; what ends meanwhile is told once."""
    told = set[str]()
    for one in _some_small_tasks(asked, over=False):
        told.add(one.id)
        yield one
    yield from (one for one in _some_small_tasks(asked, over=True) if one.id not in told)


def _some_small_tasks(asked: Asked, *, over: bool) -> Iterator[Any]:
    board = asked.services.exchange.small_tasks
    return through(
        lambda before: board.listed(asked.estate, asked.member, over=over, limit=STRETCH, before=before).items,
        lambda one: (one.posted_at, one.id),
    )


def _credit(asked: Asked) -> Iterator[Any]:
    credit = asked.services.credit
    return through(
        lambda before: credit.statement(asked.estate, asked.member, limit=STRETCH, before=before).entries,
        lambda one: (one.at, one.id),
    )


def _reports(asked: Asked) -> Iterator[Any]:
    home = asked.services.home
    return through(
        lambda before: home.reports(asked.estate, asked.member, STRETCH, before).reports,
        lambda one: (one.reported_at, one.id),
    )


def _counts(name: str, of: Any) -> Columns:
    def heads(one: Any) -> int | None:
        count = of(one)
        return count.heads if count else None

    def area(one: Any) -> str | None:
        count = of(one)
        return str(count.area_m2) if count else None

    return {f"{name}_heads": heads, f"{name}_area_m2": area}


def _chosen(choice: str) -> Any:
    return lambda one: one.result.by_choice.get(choice) if one.result else None


_POSTING: Final[Columns] = {
    **fields("id", "good", "capability", "text", "place_id"),
    "weekdays": lambda one: listed(sorted(one.hours.days)),
    "from": lambda one: one.hours.start.isoformat("minutes"), "to": lambda one: one.hours.end.isoformat("minutes"),
    **fields("posted_at"), **both("by", lambda one: one.by), **fields("mine", "open", "met_at", "withdrawn_at"),
}  # fmt: skip

NEIGHBOURS: Final[Mapping[str, Export]] = {
    "topics": Export(
        "/topics",
        "Topics of an estate: those that are not over first",
        as_neighbour,
        _topics,
        {
            **fields("id", "origin"), **both("subject", lambda one: one.subject),
            **fields("equipment", "hazard", "state", "opened_at"), "evidence": lambda one: len(one.evidence),
            **fields("days", "false_alarms", "before", "outcome"), "review_on": lambda one: day(one.review_on),
            **fields("resolution_task", "revision"),
        },
    ),
    "ballots": Export(
        "/public/{estate}/ballots",
        "Open ballots and results, without personal data, the latest first",
        as_neighbour,
        _ballots,
        {
            **fields("id"), **both("subject", lambda one: one.subject), **fields("origin", "matter"),
            "cost_minor": lambda one: one.cost.minor, "currency": lambda one: one.cost.currency, **fields("payer"),
            **both("party", lambda one: one.party), **both("rule", lambda one: one.rule_names),
            **fields("state", "opened_at", "closes_at", "closed_at"), **_counts("roll", lambda one: one.roll),
            "outcome": lambda one: one.result.outcome if one.result else None,
            **_counts("participating", lambda one: one.result and one.result.participating),
            **_counts("for", _chosen("for")), **_counts("against", _chosen("against")),
            **_counts("abstain", _chosen("abstain")),
        },
    ),
    "petitions": Export(
        "/petitions",
        "Petitions, the latest first; how many signed, not who",
        as_neighbour,
        _petitions,
        fields("id", "started_at", "text", "equipment", "signatures", "needed", "signed", "topic_id"),
    ),
    "offers": Export(
        "/offers", "Open offers, the latest first", as_neighbour, lambda asked: _postings(asked, Side.OFFER), _POSTING
    ),
    "needs": Export(
        "/needs", "Open needs, the latest first", as_neighbour, lambda asked: _postings(asked, Side.NEED), _POSTING
    ),
    "small-tasks": Export(
        "/small-tasks",
        "Small tasks, those that are open first",
        as_neighbour,
        _small_tasks,
        {
            **fields("id", "kind", "state", "capability", "text", "place_id"),
            "weekdays": lambda one: listed(sorted(one.hours.days)),
            "from": lambda one: one.hours.start.isoformat("minutes"),
            "to": lambda one: one.hours.end.isoformat("minutes"), **fields("posted_at"),
            **both("by", lambda one: one.by), **fields("wanted", "helpers", "need_id", "done_at", "over_at"),
            "who": lambda one: listed(each.en for each in one.who),
            "who_zh": lambda one: listed(each.zh for each in one.who),
        },
    ),
    "credit": Export(
        "/credit/statement",
        "The entries of the member's own account, the latest first",
        as_neighbour,
        _credit,
        {
            **fields("id", "kind", "act", "act_id", "points", "earned"), "day": lambda one: day(one.day),
            **fields("at", "table_version", "withheld", "incident_id", "reverses", "reason"),
        },
    ),
    "reports": Export(
        "/reports/mine",
        "What the member reported, the latest first",
        as_neighbour,
        _reports,
        {
            **fields("id", "reported_at"), **both("hazard", lambda one: one.hazard_names),
            **both("where", lambda one: one.where), **both("address", lambda one: one.address),
            **fields("life_safety", "state", "open", "judges", "judged"),
        },
    ),
}  # fmt: skip
