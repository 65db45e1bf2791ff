"""What of a matrix will not hold as it stands, although it holds together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from cloud.domain.community.faults import fault
from cloud.domain.duties.duty import CALL_AGAIN, Duty, ends_in_call_sheet, latest_call_sheet
from cloud.domain.duties.escalation import TOLD_AT_MOST, Importance
from schemas.hazards import HAZARDS


def matrix_warnings(duties: Iterable[Duty]) -> Iterator[str]:
    """What of a matrix will not hold as it stands: where no life is at stake no step calls again for ever, and where it is
    no ladder goes on without saying whom to phone, and none says it late or rarely.
    """
    duties = tuple(duties)
    for duty in duties:
        grave = [known.id for known in HAZARDS.values() if known.life_safety and governs(duty, known.id, duties)]
        yield from _unphoned(duty, grave)
        yield from _overruled(duty, grave)
        light = [known.id for known in HAZARDS.values() if not known.life_safety and duty.names(known.id)]
        yield from _not_so_grave(duty, light)
        for step in duty.ladder.steps if light else ():
            if step.repeat is not None and step.at_most(TOLD_AT_MOST) != step:
                limit = step.repeat.limit
                yield fault(
                    "repeats-too-often",
                    ("duty", duty.id),
                    delay=step.delay,
                    often=f"{limit} times" if limit else "without bound",
                    often_zh=f" {limit} 次" if limit else "无限",
                    hazards=", ".join(light),
                    most=TOLD_AT_MOST,
                )


def _not_so_grave(duty: Duty, light: Sequence[str]) -> Iterator[str]:
    for step in duty.ladder.steps if light else ():
        if step.importance is Importance.EMERGENCY:
            yield fault("emergency-not-grave", ("duty", duty.id), delay=step.delay, hazards=", ".join(light))


def _overruled(duty: Duty, grave: Sequence[str]) -> Iterator[str]:
    """A call sheet for life safety that the row wants later or more rarely than the floor lets it."""
    latest = latest_call_sheet(duty)
    for step in duty.ladder.steps if grave else ():
        if not (step.endless and step.call_sheet):
            continue
        if step.delay > latest:
            yield fault(
                "call-sheet-late",
                ("duty", duty.id),
                wanted=step.delay,
                hazards=", ".join(grave),
                latest=latest,
                write=_written(latest),
            )
        if step.repeat is not None and step.repeat.every > CALL_AGAIN:
            yield fault(
                "call-sheet-rare",
                ("duty", duty.id),
                wanted=step.repeat.every,
                hazards=", ".join(grave),
                latest=CALL_AGAIN,
                write=_written(CALL_AGAIN),
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
        numbers = ", ".join(map(str, duty.call_sheet))
        yield fault(
            "nobody-to-phone",
            ("duty", duty.id),
            hazards=", ".join(grave),
            added=f"{numbers} after {duty.tto}" if numbers else "those whom it calls",
            added_zh=f"{duty.tto} 后拨打 {numbers}" if numbers else "其呼叫的单位",
        )


def governs(duty: Duty, hazard_id: str, duties: Iterable[Duty]) -> bool:
    """Whether no row names the hazard more exactly."""
    weights = {one.id: one.specificity(hazard_id)[0] for one in duties if one.names(hazard_id)}
    return duty.id in weights and weights[duty.id] == max(weights.values())
