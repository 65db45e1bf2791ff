"""A gate as physics: a leaf that people open, a lock that lets them or does not, a reader, and what is done to it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from firmware_sim.script import Script, Stage
from firmware_sim.wiegand import Card

DECISION_S: Final = 0.3
"""From card to decision of the door's own controller."""
_GRANT_CONTACT_S: Final = 1.0
_HAND_S: Final = 1.0
_LEAF_S: Final = 3.0
_PAUSE_S: Final = 2.0
"""Between two people: past the second around a grant in which contacts are not judged (equipment.md)."""
_PATIENCE_S: Final = 3.0

OnCard = Callable[[Card], None]
OnChatter = Callable[[], None]


@dataclass(slots=True)
class Gate:
    """The terminals: `open`, `granted`, `rex`, `tamper`, `fire_input`, `beam`, `lock_released`.

    `decides`: the gate's own controller knows `cards` and grants. Otherwise the node does, through its lock output,
    which sets `unlocked_by_node`. `released_by_node` is the fire release. A `jammed` lock lets go of nothing.
    """

    id: str
    rng: random.Random
    decides: bool = True
    unlock_s: float = 5.0
    stage: Stage = field(default_factory=Stage)
    cards: set[Card] = field(default_factory=set)
    on_card: list[OnCard] = field(default_factory=list)
    on_chatter: list[OnChatter] = field(default_factory=list)
    open: bool = False
    granted: bool = False
    rex: bool = False
    tamper: bool = False
    fire_input: bool = False
    beam: bool = False
    jammed: bool = False
    reserved: bool = False
    unlocked_by_node: bool = False
    released_by_node: bool = False
    now: float = 0.0
    last_allowed: float = -1e9
    _unlocked_until: float = -1.0
    _busy: bool = False

    @property
    def lock_released(self) -> bool:
        if self.jammed:
            return False
        return self.released_by_node or self.unlocked_by_node or self.now < self._unlocked_until

    @property
    def quiet(self) -> bool:
        """Shut, and nobody at it."""
        return not self.open and not self._busy

    def step(self, now: float) -> None:
        self.now = now
        self.stage.step(now)

    # -- what people do ----------------------------------------------------------------------------------------------

    def present(self, card: Card) -> Script:
        """Hold a card to the reader; its controller, if it has one, decides."""
        for tell in self.on_card:
            tell(card)
        yield DECISION_S
        if self.decides and card in self.cards:
            self._unlock()
            self.stage.play(self._close_granted_contact())

    def enter(self, card: Card) -> Script:
        """One person comes in by card, alone; gives up where the lock stays shut."""
        yield from self._queue()
        yield from self.present(card)
        given_up = self.now + _PATIENCE_S
        yield lambda: self.lock_released or self.now >= given_up
        if self.lock_released:
            self.last_allowed = self.now
            yield from self.pass_through()
        self._busy = False

    def leave(self) -> Script:
        """One person goes out by the button."""
        yield from self._queue()
        self._unlock()
        yield from self._press_rex()
        yield from self.pass_through()
        self._busy = False

    def pass_through(self, held_s: float = 0.0) -> Script:
        yield _HAND_S * self.rng.uniform(0.4, 1.2)
        self.open = True
        yield 0.6
        self.beam = True
        yield 0.4
        self.beam = False
        yield _LEAF_S * self.rng.uniform(0.8, 1.4) + held_s
        self.open = False
        yield _PAUSE_S

    # -- what is done to it ------------------------------------------------------------------------------------------

    def take(self) -> Script:
        """Keep everybody else away until `give_back`, once whoever is there has gone."""
        self.reserved = True
        yield lambda: self.quiet

    def admit(self, by_card: Card | None = None) -> None:
        """Let someone in (by card, where there is a reader) or out, without anybody passing yet."""
        if by_card is not None and self.decides:
            self.stage.play(self.present(by_card))
        else:
            self._unlock()
            self.stage.play(self._press_rex())

    def give_back(self) -> None:
        self.reserved = False

    def chatter(self) -> None:
        """The contact shakes in the wind: pulses of milliseconds, and the door stays shut."""
        for tell in self.on_chatter:
            tell()

    def _queue(self) -> Script:
        yield lambda: self.quiet and not self.reserved
        self._busy = True

    def _unlock(self) -> None:
        self._unlocked_until = self.now + self.unlock_s
        self.last_allowed = self.now

    def _press_rex(self) -> Script:
        self.rex = True
        yield 0.5
        self.rex = False

    def _close_granted_contact(self) -> Script:
        self.granted = True
        yield _GRANT_CONTACT_S
        self.granted = False
