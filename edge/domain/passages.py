"""How many may pass a gate: each grant pays for one passage, a request to exit for all while it lasts."""

from __future__ import annotations


class Passages:
    """The account of one gate. A plain contact cannot count people: without a beam an opening is one passage."""

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._granted_at: float | None = None
        self._paid = 0
        self._exit_active = False
        self._exit_at: float | None = None

    def granted(self, mono: float, *, door_open: bool) -> None:
        """One more may pass. What earlier grants paid for and nobody used has lapsed, unless the door still stands open."""
        if not door_open and not self._within(self._granted_at, mono):
            self._paid = 0
        self._granted_at = mono
        self._paid += 1

    def exit_requested(self, active: bool, mono: float) -> None:
        """The request-to-exit contact moved. Its window runs from its end."""
        if active or self._exit_active:
            self._exit_at = mono
        self._exit_active = active

    def authorised(self, mono: float) -> bool:
        """Whether the door may open now: a grant or a request to exit within the window."""
        return self._leaving(mono) or self._within(self._granted_at, mono)

    def unpaid_crossing(self, mono: float) -> bool:
        """Count one passage. True where people were let in, but fewer than passed.

        A crossing that nobody was let in for at all is no tailgating: the opening before it is reported as forced.
        """
        if self._leaving(mono):
            return False
        if self._paid > 0:
            self._paid -= 1
            return False
        return self._within(self._granted_at, mono)

    def _leaving(self, mono: float) -> bool:
        return self._exit_active or self._within(self._exit_at, mono)

    def _within(self, then: float | None, mono: float) -> bool:
        return then is not None and mono - then <= self._window_s
