"""Whom tasks concern, kept beside them so that a list is narrowed in its query: a page never comes out short."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    false,
    insert,
    or_,
    select,
    true,
    tuple_,
)

from cloud.adapters.sql import tables as t
from cloud.domain.community.party import WELFARE, PartyRef
from cloud.domain.tasks.sight import Concern, Outlook
from cloud.domain.tasks.task import Task

PART: Final = "part"

_c: Final = t.task_concerns.c
_KEPT: Final = select(_c.how, _c.value).where(_c.task_id == bindparam("task"))
_INSERT: Final = insert(t.task_concerns)
_OF_INCIDENTS: Final = (
    select(t.incidents.c.id, t.incidents.c.hazard, t.incidents.c.place_id, _c.how, _c.value)
    .select_from(
        t.incidents.outerjoin(t.tasks, t.tasks.c.incident_id == t.incidents.c.id).outerjoin(
            t.task_concerns, _c.task_id == t.tasks.c.id
        )
    )
    .where(t.incidents.c.id.in_(bindparam("incidents", expanding=True)))
)
_AT_ONCE: Final = 500
"""Incidents asked about in one statement."""

Row = tuple[str, str]


def keep(connection: Connection, task: Task, concern: Concern, *, new: bool) -> None:
    """What the task says now, and nothing it said before."""
    wanted = set(_rows(concern))
    kept: set[Row] = set() if new else {(how, value) for how, value in connection.execute(_KEPT, {"task": task.id})}
    if gone := kept - wanted:
        connection.execute(
            delete(t.task_concerns).where(_c.task_id == task.id, tuple_(_c.how, _c.value).in_(sorted(gone)))
        )
    if more := sorted(wanted - kept):
        connection.execute(_INSERT, [{"task_id": task.id, "how": how, "value": value} for how, value in more])


def of_incidents(connection: Connection, incident_ids: Collection[str]) -> Mapping[str, Concern]:
    """By incident. One without a task concerns whoever oversees its place."""
    asked = sorted(incident_ids)
    found: dict[str, Concern] = {}
    for start in range(0, len(asked), _AT_ONCE):
        parts: dict[str, tuple[str, str, set[str], set[PartyRef]]] = {}
        for id_, hazard, place, how, value in connection.execute(
            _OF_INCIDENTS, {"incidents": asked[start : start + _AT_ONCE]}
        ):
            _, _, having, named = parts.setdefault(id_, (hazard, place, set(), set()))
            if how == PART:
                having.add(value)
            elif how is not None:
                named.add(PartyRef(how, value))
        found |= {id_: Concern(h, p, frozenset(a), frozenset(n)) for id_, (h, p, a, n) in parts.items()}
    return found


def seen_in(outlook: Outlook) -> ColumnElement[bool]:
    """Of a select of tasks joined with their incidents: `Outlook.sees`, for the database."""
    place, home = t.incidents.c.place_id, t.incidents.c.hazard.startswith(WELFARE, autoescape=True)
    part = _has([(PART, party) for party in sorted(outlook.parties)])
    there = [within(place, area) for area in outlook.areas]
    called = [
        and_(
            _has((ref.by, ref.value) for ref in sorted(one.refs, key=str)), or_(*(within(place, a) for a in one.areas))
        )
        for one in outlook.serving
        if one.areas
    ]
    # The cheapest question first: a row is asked no more once one of them holds.
    if outlook.homes:
        return or_(home, *there, part, *called)
    return or_(and_(~home, or_(false(), *there)), part, and_(~home, or_(false(), *called)))


def seen_over(outlooks: Mapping[str, Outlook]) -> ColumnElement[bool]:
    """The same over several estates, each with its own outlook; those that see alike are asked together."""
    alike: dict[Outlook, list[str]] = {}
    for estate, outlook in outlooks.items():
        alike.setdefault(outlook, []).append(estate)
    return or_(
        false(),
        *(
            and_(t.tasks.c.estate.in_(estates), true() if outlook.everything else seen_in(outlook))
            for outlook, estates in alike.items()
        ),
    )


def has_part(parties: Collection[str]) -> ColumnElement[bool]:
    """Of a select of tasks: whether any of these parties has a part in it."""
    return _has([(PART, party) for party in sorted(parties)])


def _has(rows: Iterable[Row]) -> ColumnElement[bool]:
    either = [and_(_c.how == how, _c.value == value) for how, value in rows]
    return exists().where(_c.task_id == t.tasks.c.id, or_(*either)).correlate(t.tasks) if either else false()


def within(place: ColumnElement[str], area: str) -> ColumnElement[bool]:
    """There, or in a place that lies in it."""
    return or_(place == area, place.startswith(f"{area}/", autoescape=True)) if area else true()


def _rows(concern: Concern) -> Iterator[Row]:
    yield from ((PART, party) for party in concern.parts)
    yield from ((ref.by, ref.value) for ref in concern.named)
