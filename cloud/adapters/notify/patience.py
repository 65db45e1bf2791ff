"""How long one message may take on its way out."""

from __future__ import annotations

from typing import Final

PATIENCE_S: Final = 9.0
"""Seconds for one message, from looking a name up to the other side's last word: within `send_notifications.TAKES_AT_MOST`."""
