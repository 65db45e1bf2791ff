"""Card readers: pulses become frames, frames become keyed hashes. No card number goes any further than this."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from edge.domain.credentials import CardKeys
from edge.domain.signals import CardPresented, earliest
from edge.domain.wiegand import FrameAssembler, FrameError, decode
from schemas.equipment import WiegandReader

_log = logging.getLogger(__name__)


class Cards:
    """All readers of one node, by the gate they stand at."""

    def __init__(self, readers: Mapping[str, WiegandReader], keys: CardKeys | None) -> None:
        """`keys`: None at a node without readers."""
        self._bits: dict[str, int] = {}
        self._frames: dict[str, FrameAssembler] = {}
        self._keys = keys
        self.change(readers)

    def change(self, readers: Mapping[str, WiegandReader]) -> None:
        """Other readers from now on; a card that is being shown to one that stays is read to its end."""
        before = self._bits
        self._bits = {gate: reader.bits for gate, reader in readers.items()}
        self._frames = {
            gate: self._frames[gate] if before.get(gate) == bits else FrameAssembler(bits)
            for gate, bits in self._bits.items()
        }

    def rekey(self, keys: CardKeys) -> None:
        """Other keys from the next card on."""
        self._keys = keys

    @property
    def due(self) -> float | None:
        return earliest(*(frames.due for frames in self._frames.values()))

    def pulse(self, gate: str, bit: int, at: float, mono: float) -> None:
        """`at`: the edge's time as the pin factory measured it, seconds on its own clock."""
        if gate in self._frames:  # A last pulse may come from a reader that was taken away.
            self._frames[gate].pulse(bit, at, mono)

    def tick(self, mono: float) -> list[tuple[str, CardPresented]]:
        """Cards whose frames ended by `mono`, with their gates."""
        presented = []
        for gate, frames in self._frames.items():
            frame = frames.tick(mono)
            if frame is not None:
                presented.append((gate, self._card(gate, frame)))
        return presented

    def _card(self, gate: str, frame: tuple[int, ...]) -> CardPresented:
        assert self._keys is not None, "settings with a reader and without a key are refused"
        try:
            card = decode(frame, self._bits[gate])
        except FrameError as error:
            _log.warning("a card could not be read", extra={"equipment": gate, "why": str(error)})
            return CardPresented(None)
        keys = self._keys
        return CardPresented(keys.credential(card), keys.formerly(card), keys.name, keys.former_name)
