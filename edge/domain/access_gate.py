"""What the signals of a door or barrier mean: who was let in, and what happened without anybody being let in."""

from __future__ import annotations

from edge.domain.passages import Passages
from edge.domain.signals import (
    AccessDecision,
    CardPresented,
    ContactChanged,
    Finding,
    LockDriven,
    PointValue,
    ReleaseCommanded,
    Signal,
    earliest,
)
from schemas.equipment import AccessGate

CONTROLLER_ANSWER_S = 2.0
"""How long after a card a controller may take to close its `granted` contact before the card counts as denied."""
GRANT_DEBOUNCE_S = 1.0
"""Around a grant a door may open a moment early, or fall to and open again (equipment.md, Access gate)."""

_PLAIN = {"tamper": "tamper", "fire_input": "fire-input", "lock_released": "released", "obstructed": "obstructed"}


class AccessGateInterpreter:
    """One gate. Decides by the controller's contact where one is wired, otherwise by the node's own list."""

    def __init__(self, gate: AccessGate) -> None:
        self._gate = gate
        self._passages = Passages(gate.grant_window_s)
        self._open: bool | None = None
        self._closed_at: float | None = None
        self._unexplained_since: float | None = None
        self._unauthorised: bool | None = None
        self._waiting_card: tuple[CardPresented, float] | None = None
        self._controller_grant_at: float | None = None
        self._relock_at: float | None = None
        self._unlocked = False
        self._fire_input = False
        self._reflex_release = False

    @property
    def due(self) -> float | None:
        return earliest(
            None if self._unexplained_since is None else self._unexplained_since + GRANT_DEBOUNCE_S,
            None if self._waiting_card is None else self._waiting_card[1] + CONTROLLER_ANSWER_S,
            self._relock_at,
        )

    def start(self, mono: float) -> list[Finding]:
        del mono
        quiet = ["granted", "denied", "unpaid-passage"]
        if self._gate.fire_input is None:
            quiet.append("release-commanded")
        if self._gate.lock is not None:
            quiet.append("unlocked")
        return [PointValue(point, False) for point in quiet]

    def observe(self, signal: Signal, mono: float) -> list[Finding]:
        match signal:
            case ContactChanged():
                return self._contact(signal, mono)
            case CardPresented():
                return self._card(signal, mono)
            case ReleaseCommanded():
                self._reflex_release = signal.on
                return self._release(mono)
            case _:
                return []

    def tick(self, mono: float) -> list[Finding]:
        found: list[Finding] = []
        if self._waiting_card is not None and mono >= self._waiting_card[1] + CONTROLLER_ANSWER_S:
            found += self._deny("controller-denied", self._waiting_card[0])
            self._waiting_card = None
        if self._unexplained_since is not None and mono >= self._unexplained_since + GRANT_DEBOUNCE_S:
            found += self._declare_forced()
        if self._relock_at is not None and mono >= self._relock_at:
            self._relock_at = None
            found += self._drive_lock(self._releasing)
        return found

    @property
    def _releasing(self) -> bool:
        return self._fire_input or self._reflex_release

    def _contact(self, contact: ContactChanged, mono: float) -> list[Finding]:
        match contact.input:
            case "contact":
                return self._door(contact.active, mono, first=contact.first)
            case "rex":
                return self._exit_requested(contact, mono)
            case "granted" | "beam":
                return self._momentary(contact, mono)
            case "fire_input":
                self._fire_input = contact.active
                # The release goes first, the reading of its cause after it.
                return [*self._release(mono), PointValue("fire-input", contact.active)]
            case other:
                return [PointValue(_PLAIN[other], contact.active)]

    def _exit_requested(self, contact: ContactChanged, mono: float) -> list[Finding]:
        found: list[Finding] = [PointValue("rex", contact.active)]
        self._passages.exit_requested(contact.active, mono)
        if contact.active and not contact.first:
            found += self._grant(AccessDecision("access.granted", "rex"), mono)
        return found

    def _momentary(self, contact: ContactChanged, mono: float) -> list[Finding]:
        """Contacts that say something by closing; one that is closed when the node begins to watch says nothing."""
        if contact.first or not contact.active:
            return []
        if contact.input == "granted":
            return self._controller_granted(mono)
        return _pulse("unpaid-passage") if self._passages.unpaid_crossing(mono) else []

    def _door(self, is_open: bool, mono: float, *, first: bool) -> list[Finding]:
        self._open = is_open
        found: list[Finding] = [PointValue("open", is_open)]
        if first:
            # Nobody knows how a door came to stand open before the node began to watch: it is held open, not forced - and
            # one that was forced before a restart is not explained by it.
            return found if is_open else [*found, *self._explained()]
        if not is_open:
            if self._unexplained_since is not None:
                found = [*self._declare_forced(), *found]
            found += self._explained()
            self._closed_at = mono
            return found
        fell_to = self._closed_at is not None and mono - self._closed_at < GRANT_DEBOUNCE_S
        if self._releasing:
            return found
        if not self._passages.authorised(mono):
            self._unexplained_since = mono
        elif self._gate.beam is None and not fell_to and self._passages.unpaid_crossing(mono):
            found += _pulse("unpaid-passage")
        return found

    def _explained(self) -> list[Finding]:
        """The door is closed: whatever was open without a grant is so no longer."""
        if self._unauthorised is False:
            return []
        self._unauthorised = False
        return [PointValue("open-unauthorised", False)]

    def _declare_forced(self) -> list[Finding]:
        self._unexplained_since = None
        self._unauthorised = True
        return [PointValue("open-unauthorised", True)]

    def _card(self, card: CardPresented, mono: float) -> list[Finding]:
        if card.credential is None:
            return self._deny("bad-parity", card)
        if self._gate.granted is None:
            if card.is_listed(self._gate.credentials):
                return self._grant(AccessDecision("access.granted", "listed", card.credential, card.key), mono)
            return self._deny("unknown-card", card)
        granted_at = self._controller_grant_at
        if granted_at is not None and mono - granted_at < GRANT_DEBOUNCE_S:
            # The controller was faster than the end of the frame; the grant has been reported.
            return []
        found: list[Finding] = []
        if self._waiting_card is not None:
            found += self._deny("controller-denied", self._waiting_card[0])
        self._waiting_card = (card, mono)
        return found

    def _controller_granted(self, mono: float) -> list[Finding]:
        last, self._controller_grant_at = self._controller_grant_at, mono
        if last is not None and mono - last < GRANT_DEBOUNCE_S:
            return []
        card = self._waiting_card[0] if self._waiting_card is not None else CardPresented(None)
        self._waiting_card = None
        return self._grant(AccessDecision("access.granted", "controller", card.credential, card.key), mono)

    def _grant(self, decision: AccessDecision, mono: float) -> list[Finding]:
        found: list[Finding] = []
        if self._gate.lock is not None:
            self._relock_at = mono + self._gate.unlock_s
            found += self._drive_lock(True)
        if decision.reason != "rex":
            self._passages.granted(mono, door_open=bool(self._open))
        if self._unexplained_since is not None:
            # The door moved a moment before its grant was seen: that passage is this grant's.
            self._unexplained_since = None
            self._passages.unpaid_crossing(mono)
        return [*found, decision, *_pulse("granted")]

    def _deny(self, reason: str, card: CardPresented) -> list[Finding]:
        assert reason in ("unknown-card", "bad-parity", "controller-denied")
        key = None if card.credential is None else card.key
        return [AccessDecision("access.denied", reason, card.credential, key), *_pulse("denied")]  # type: ignore[arg-type] # asserted

    def _release(self, mono: float) -> list[Finding]:
        found: list[Finding] = []
        if self._gate.lock is not None:
            found += self._drive_lock(self._releasing or (self._relock_at is not None and mono < self._relock_at))
        return [*found, PointValue("release-commanded", self._releasing)]

    def _drive_lock(self, unlocked: bool) -> list[Finding]:
        if unlocked == self._unlocked:
            return []
        self._unlocked = unlocked
        return [LockDriven(unlocked), PointValue("unlocked", unlocked)]


def _pulse(point: str) -> list[Finding]:
    return [PointValue(point, True), PointValue(point, False)]
