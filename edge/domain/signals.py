"""What reaches an interpreter, and what it finds in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

Value = bool | float | str


@dataclass(frozen=True, slots=True)
class ContactChanged:
    """A debounced contact. `input` is its name in the configuration, such as `rex`; `first` at the first observation."""

    input: str
    active: bool
    first: bool = False


@dataclass(frozen=True, slots=True)
class VoltageRead:
    """One conversion of an analog input, in volts."""

    input: str
    volts: float


@dataclass(frozen=True, slots=True)
class CardPresented:
    """A card was shown. `credential` is its keyed hash; None where the frame's parity was wrong. `formerly`: the hash under
    the key before. Each with the name of its key.
    """

    credential: str | None
    formerly: str | None = None
    key: str | None = None
    former_key: str | None = None

    def is_listed(self, credentials: Collection[str]) -> bool:
        """Whether a gate lists it: under the name of the key that it was hashed with, or under none."""
        hashed = ((self.key, self.credential), (self.former_key, self.formerly))
        return any(one in credentials or f"{key}:{one}" in credentials for key, one in hashed if one is not None)


@dataclass(frozen=True, slots=True)
class RegistersRead:
    """All registers of a lift controller, read at once, by their names in `LiftRegisters`; 16 bits, unsigned."""

    values: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ControllerSilent:
    """A controller did not answer. What it would have said stays unobserved."""

    reason: str


@dataclass(frozen=True, slots=True)
class ReleaseCommanded:
    """A reflex of this node commanded the release of its gates, or ended it."""

    on: bool


Signal = ContactChanged | VoltageRead | CardPresented | RegistersRead | ControllerSilent | ReleaseCommanded


@dataclass(frozen=True, slots=True)
class PointValue:
    """A point of the equipment has this value now."""

    point: str
    value: Value


@dataclass(frozen=True, slots=True)
class PointAssumed:
    """A point that nothing here is wired to measure. Rules take it for this value; no reading of it is ever reported."""

    point: str
    value: Value


@dataclass(frozen=True, slots=True)
class PointAwaited:
    """A point whose first value a converter or controller has yet to give: its silence counts from here."""

    point: str


@dataclass(frozen=True, slots=True)
class PointLost:
    """What the point was is no longer known: its sensor or controller is silent. Nothing is invented in its place."""

    point: str


@dataclass(frozen=True, slots=True)
class AccessDecision:
    """A card was shown, or somebody asked to leave, and a decision was taken."""

    kind: Literal["access.granted", "access.denied"]
    reason: Literal["listed", "controller", "rex", "unknown-card", "bad-parity", "controller-denied"]
    credential: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class CodeReported:
    """A controller said something of itself."""

    kind: Literal["equipment.code", "equipment.service-mode"]
    code: int
    meaning: str


@dataclass(frozen=True, slots=True)
class LockDriven:
    """The gate's lock is to be driven. Done before anything else waits."""

    unlocked: bool


Finding = PointValue | PointAssumed | PointAwaited | PointLost | AccessDecision | CodeReported | LockDriven


class Interpreter(Protocol):
    """A small state machine for one piece of equipment. Times are monotonic seconds and never run backwards."""

    @property
    def due(self) -> float | None:
        """When `tick` next has something to say; None while only a signal can."""

    def start(self, mono: float) -> list[Finding]:
        """The points whose first value needs no signal."""

    def observe(self, signal: Signal, mono: float) -> list[Finding]:
        """What a signal means."""

    def tick(self, mono: float) -> list[Finding]:
        """What the passing of time alone means."""


def earliest(*dues: float | None) -> float | None:
    """The first of several due times, None where nothing is due."""
    return min((due for due in dues if due is not None), default=None)
