"""Why a message does not satisfy its schema: where in it, and what is wrong there, in both languages. What was sent is not repeated,
it stands beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from cloud.application.intake.dead_letters import of_event
from cloud.domain.community.faults import Fault, fault, joined, under
from cloud.domain.community.value_faults import UNKNOWN, value_fault

FAULTS_NAMED: Final = 3
_LONGEST: Final = 300


def message_reason(error: ValidationError) -> Fault:
    """The first faults of a message."""
    faults = _errors(error)
    named = [_placed(one, "message", "消息") for one in faults[:FAULTS_NAMED]]
    if len(faults) > FAULTS_NAMED:
        named.append(fault("more-faults", count=len(faults) - FAULTS_NAMED))
    return joined(named)


def event_reason(index: int, error: ValidationError) -> Fault:
    """The first fault of one event; `index` from 0, as it stands in the batch."""
    return of_event(index, _placed(_errors(error)[0], "record", "记录"))


def _errors(error: ValidationError) -> Sequence[ErrorDetails]:
    return error.errors(include_url=False, include_input=False)


def _placed(found: ErrorDetails, whole: str, whole_zh: str) -> Fault:
    where, told = ".".join(map(str, found["loc"])), value_fault(found)
    known = told if told.zh != UNKNOWN else Fault(told, told)
    return under(known, f"{where or whole}: ", f"{where or whole_zh}：").cut(_LONGEST)
