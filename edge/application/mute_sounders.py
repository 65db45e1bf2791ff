"""Sirens and beacons of this node keep quiet for a while, because somebody on site said so (governance.md, safety floor)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from edge.domain.reflexes import Action, Reflexes
from schemas.commands import LONGEST_MUTE_S

Change = Callable[[Reflexes, float], Iterable[Action]]
Arguments = Mapping[str, str | float | bool]


class MuteSounders:
    """The end of a mute is the node's own: it needs no network, and a node that starts anew sounds again.

    `sounders`: has the reflexes changed, and drives what changes with it. `wake`: something will fall due that was not
    before.
    """

    def __init__(self, sounders: Callable[[Change], None], wake: Callable[[], None]) -> None:
        self._sounders, self._wake = sounders, wake

    def mute(self, arguments: Arguments) -> str:
        """What came of it. Raises ValueError, saying why, where nothing keeps quiet."""
        equipment, seconds = str(arguments.get("equipment", "")).split(), arguments.get("seconds", LONGEST_MUTE_S)
        if isinstance(seconds, (bool, str)) or not 1 <= seconds <= LONGEST_MUTE_S:
            raise ValueError(f"seconds is 1 to {LONGEST_MUTE_S:g}, not {seconds!r}")
        quiet: tuple[str, ...] = ()
        sounding: tuple[str, ...] = ()

        def change(reflexes: Reflexes, mono: float) -> list[Action]:
            nonlocal quiet, sounding
            actions, quiet, sounding = reflexes.mute(equipment, mono + seconds)
            return actions

        self._sounders(change)
        self._wake()
        on = f"{', '.join(sounding)} goes on: something else sounds it" if sounding else ""
        if sounding and not quiet:
            raise ValueError(on)
        if not quiet:
            return "nothing sounds at this node"
        return f"{', '.join(quiet)} keeps quiet for {seconds:g} s" + (f"; {on}" if on else "")

    def unmute(self) -> str:
        self._sounders(lambda reflexes, _mono: reflexes.unmute())
        return "whatever was muted sounds again"
