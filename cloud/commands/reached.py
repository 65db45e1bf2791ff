"""Who is reached and who is not, told on the command line. Kinds of channels, never an address."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from cloud.application.asking.duty_views import (
    CallView,
    CoverageView,
    HoleView,
    ReachedPartyView,
    ReachedPersonView,
    ReachedView,
)
from cloud.domain.community.names import Names


def to_jsonable(found: ReachedView | CoverageView) -> Any:
    return TypeAdapter[Any](type(found)).dump_python(found, mode="json")


def told_reached(found: ReachedView, zone: ZoneInfo) -> Iterator[str]:
    at = found.at.astimezone(zone)
    yield f"{_both(found.hazard_names)} ({found.hazard}), {found.place.en}, {at:%Y-%m-%d %H:%M}"
    yield f"duty {found.duty_id!r}, version {found.duty_version}: {found.basis.en}"
    for call in found.calls:
        yield f"{_when(call)}:"
        for party in call.parties:
            yield from _party(party)
        for number in call.numbers:
            yield f"    a person dials {number.phone} ({_both(number.names)})"
        for names in call.nobody:
            yield f"    nobody to be reached: {_both(names)}"
        if call.passed:
            yield "    reaches nobody: passed at once"
    yield "why:"
    yield from (f"    {line.text.en}" for line in found.trace)


def told_coverage(found: CoverageView, zone: ZoneInfo) -> Iterator[str]:
    yield f"{found.watched} pairs of building and hazard, {len(found.holes)} holes until {found.until.astimezone(zone):%Y-%m-%d %H:%M}"
    yield from (_hole(hole, zone) for hole in found.holes)


def _hole(hole: HoleView, zone: ZoneInfo) -> str:
    begins, ends = hole.starts_at.astimezone(zone), hole.ends_at.astimezone(zone)
    weak = " (weak)" if hole.weak else ""
    return (
        f"  {begins:%m-%d %H:%M} - {ends:%m-%d %H:%M}  {', '.join(_both(one.names) for one in hole.buildings)}  {hole.gap}{weak}: {_both(hole.owner)} ({hole.role}); "
        f"{''.join(f'of it {_both(names)}; ' for names in hole.only)}seen to by {_both(hole.above)}  [{', '.join(hole.hazards)}]"
    )


def _when(call: CallView) -> str:
    if call.condition is None:
        return "at once"
    rest = ""
    if call.every_s is not None:
        bound = "without end" if call.times is None else f"at most {call.times} times"
        rest = f", again every {_length(call.every_s)}, {bound}"
    each = ", each has to acknowledge" if call.each_answers else ""
    return f"after {_length(call.after_s)} {call.condition.value.replace('_', ' ')}{rest}{each}"


def _length(seconds: float) -> str:
    return f"{seconds:g} s" if seconds < 60 else f"{seconds / 60:g} min"  # noqa: PLR2004 - seconds of a minute


def _party(party: ReachedPartyView) -> Iterator[str]:
    role = party.role.value.replace("_", " ")
    only = "".join(f" - {_both(names)}" for names in party.only)
    yield f"    {_both(party.names)}{only} ({role}; {party.ground.value.replace('_', ' ')}){_limits(party)}: {_people(party.first)}"
    if party.then:
        yield f"        then: {_people(party.then)}"


def _limits(party: ReachedPartyView) -> str:
    answers = f", answers within {_length(party.accept_s)}" if party.accept_s else ""
    return answers + (f", on site within {_length(party.arrive_s)}" if party.arrive_s else "")


def _people(people: Sequence[ReachedPersonView]) -> str:
    return "; ".join(f"{_both(one.names)} by {_channels(one)}" for one in people) or "nobody"


def _channels(one: ReachedPersonView) -> str:
    proven = (f"{channel.kind}{'' if channel.verified else ' (not proven)'}" for channel in one.channels)
    return ", ".join(proven) or "NO CHANNEL"


def _both(names: Names) -> str:
    return names.zh if names.zh == names.en else f"{names.zh} {names.en}"
