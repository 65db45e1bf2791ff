"""Contacts bounce: a level counts once it has stood still for a while."""

from __future__ import annotations


class Debounce:
    """One contact. A level is accepted `quiet_s` seconds after its last edge; the first one ever at once.

    Edges carry two times: `mono`, when they were told, and `at`, when they happened, where that was measured. A press of
    half a second that a busy machine hears of all at once, with its end, was a press all the same.
    """

    def __init__(self, quiet_s: float) -> None:
        self._quiet_s = quiet_s
        self._candidate_since: float | None = None
        self._candidate_at: float | None = None
        self.accepted: bool | None = None

    @property
    def due(self) -> float | None:
        """When the level now standing will be accepted, if nothing moves before."""
        return None if self._candidate_since is None else self._candidate_since + self._quiet_s

    def observe(self, level: bool, mono: float, at: float | None = None) -> bool | None:
        """An edge, or a level read anew. The newly accepted level, or None while nothing is decided."""
        if self.accepted is None:
            self.accepted = level
            return level
        if level != self.accepted:
            if self._candidate_since is None:
                self._candidate_since, self._candidate_at = mono, at
            elif self._candidate_at is None:
                # A look at the line was faster than the telling of its edge.
                self._candidate_at = at
            return self.tick(mono)
        stood_s = 0.0 if at is None or self._candidate_at is None else at - self._candidate_at
        if self._candidate_since is None or stood_s < self._quiet_s:
            self._candidate_since = None
            return None
        # The other level stood long enough before this edge ended it: it counts, and this one is the next to be judged.
        self._candidate_since, self._candidate_at = mono, at
        self.accepted = not level
        return self.accepted

    def tick(self, mono: float) -> bool | None:
        """The level accepted because it stood still until `mono`, or None."""
        due = self.due
        if due is None or mono < due:
            return None
        self._candidate_since = None
        self.accepted = not self.accepted
        return self.accepted
