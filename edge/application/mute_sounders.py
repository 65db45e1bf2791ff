"""Sirens and beacons of this node keep quiet for a while, because somebody on site said so (governance.md, safety floor);
those of a duty room sound because a call sheet is due there, until somebody has accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from edge.domain.reflexes import Action, Reflexes
from schemas.commands import LONGEST_MUTE_S, LONGEST_SOUND_S

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

    def sound(self, arguments: Arguments) -> str:
        """What came of it. Raises ValueError, saying why, where nothing sounds. Its end is the node's own, as a mute's is."""
        seconds = arguments.get("seconds", LONGEST_SOUND_S)
        if isinstance(seconds, (bool, str)) or not 1 <= seconds <= LONGEST_SOUND_S:
            raise ValueError(f"seconds is 1 to {LONGEST_SOUND_S:g}, not {seconds!r}")
        beacons: tuple[str, ...] = ()

        def change(reflexes: Reflexes, mono: float) -> list[Action]:
            nonlocal beacons
            actions, beacons = reflexes.sound(_sheet(arguments), mono + seconds)
            return actions

        self._sounders(change)
        self._wake()
        if not beacons:
            raise ValueError("this node has no duty_beacon; give an output of it that purpose")
        return f"{', '.join(beacons)} sounds for {seconds:g} s, or until somebody accepts"

    def hush(self, arguments: Arguments) -> str:
        self._sounders(lambda reflexes, _mono: reflexes.hush(_sheet(arguments)))
        return "the duty room sounds no more for this call sheet"


def _sheet(arguments: Arguments) -> str:
    """Which call sheet is meant: its incident."""
    return str(arguments.get("incident", ""))
