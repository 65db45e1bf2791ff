"""What of a matrix will not hold as it stands, although it holds together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from cloud.domain.duties.duty import CALL_AGAIN, Duty, ends_in_call_sheet, latest_call_sheet
from cloud.domain.duties.escalation import TOLD_AT_MOST, Importance
from schemas.hazards import HAZARDS


def matrix_warnings(duties: Iterable[Duty]) -> Iterator[str]:
    """What of a matrix will not hold as it stands: where no life is at stake no step calls again for ever, and where it is
    no ladder goes on without saying whom to phone, and none says it late or rarely.
    """
    duties = tuple(duties)
    for duty in duties:
        grave = [known.id for known in HAZARDS.values() if known.life_safety and _governs(duty, known.id, duties)]
        yield from _unphoned(duty, grave)
        yield from _overruled(duty, grave)
        light = [known.id for known in HAZARDS.values() if not known.life_safety and duty.names(known.id)]
        yield from _not_so_grave(duty, light)
        for step in duty.ladder.steps if light else ():
            if step.repeat is not None and step.at_most(TOLD_AT_MOST) != step:
                often = f"{step.repeat.limit} times" if step.repeat.limit else "without bound"
                yield (
                    f"duty {duty.id!r}: the step after {step.delay} calls again {often}; for {', '.join(light)}, where no life"
                    f" is at stake, that ends after {TOLD_AT_MOST} times and the task goes one level up. Write times:"
                    f" {TOLD_AT_MOST}, or give them a row of their own"
                )


def _not_so_grave(duty: Duty, light: Sequence[str]) -> Iterator[str]:
    for step in duty.ladder.steps if light else ():
        if step.importance is Importance.EMERGENCY:
            yield (
                f"duty {duty.id!r}: the step after {step.delay} says emergency, which is for life safety alone; for"
                f" {', '.join(light)} it is sent as high. Write importance: high, or give them a row of their own"
            )


def _overruled(duty: Duty, grave: Sequence[str]) -> Iterator[str]:
    """A call sheet for life safety that the row wants later or more rarely than the floor lets it."""
    latest = latest_call_sheet(duty)
    for step in duty.ladder.steps if grave else ():
        if not (step.endless and step.call_sheet):
            continue
        if step.delay > latest:
            yield (
                f"duty {duty.id!r}: its call sheet is wanted after {step.delay}; for {', '.join(grave)} it sounds after"
                f" {latest} at the latest. Write after: {_written(latest)}, or less"
            )
        if step.repeat is not None and step.repeat.every > CALL_AGAIN:
            yield (
                f"duty {duty.id!r}: its call sheet is wanted every {step.repeat.every}; for {', '.join(grave)} it is said every"
                f" {CALL_AGAIN}. Write every: {_written(CALL_AGAIN)}, or less"
            )


def _written(span: timedelta) -> str:
    """As a matrix has it."""
    seconds = int(span.total_seconds())
    return f"{seconds} s" if seconds % 60 else f"{seconds // 60} min"


def _unphoned(duty: Duty, grave: Sequence[str]) -> Iterator[str]:
    """Life safety that the row calls for without end and without a number."""
    if not duty.ladder.endless or any(ends_in_call_sheet(duty, step) for step in duty.ladder.steps):
        return
    if grave:
        added = f"{', '.join(map(str, duty.call_sheet))} after {duty.tto}" if duty.call_sheet else "those whom it calls"
        yield (
            f"duty {duty.id!r}: its ladder calls without end and names nobody to phone; for {', '.join(grave)} a call sheet is"
            f" added: {added}. Write call_sheet: true and the numbers into the step that repeats"
        )


def _governs(duty: Duty, hazard_id: str, duties: Iterable[Duty]) -> bool:
    """Whether no row names the hazard more exactly."""
    weights = {one.id: one.specificity(hazard_id)[0] for one in duties if one.names(hazard_id)}
    return duty.id in weights and weights[duty.id] == max(weights.values())
