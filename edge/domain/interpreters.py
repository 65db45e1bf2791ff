"""The interpreter for each kind of equipment, and what interpreters must remember over a restart."""

from __future__ import annotations

from collections.abc import Mapping

from edge.domain.access_gate import AccessGateInterpreter
from edge.domain.lift import LiftInterpreter
from edge.domain.signals import Interpreter
from edge.domain.smoke_detector import SmokeDetectorInterpreter
from schemas.equipment import AccessGate, Equipment, Lift, SmokeDetector

_NOTHING: Mapping[str, float] = {}


def interpreter_of(item: Equipment, memory: Mapping[str, float] = _NOTHING) -> Interpreter:
    """`memory`: what its predecessor had learned."""
    match item:
        case AccessGate():
            return AccessGateInterpreter(item)
        case SmokeDetector():
            return SmokeDetectorInterpreter(item, memory)
        case Lift():
            return LiftInterpreter(item)


def memories_of(interpreters: Mapping[str, Interpreter]) -> dict[str, dict[str, float]]:
    return {
        equipment: interpreter.memory()
        for equipment, interpreter in interpreters.items()
        if isinstance(interpreter, SmokeDetectorInterpreter)
    }
