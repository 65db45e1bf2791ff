"""The channel that is always there: one line on standard output for each message."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TextIO

from cloud.domain.community.names import Language
from cloud.domain.records.notification import Notification

PartyNames = Callable[[str, str], str]
"""(estate, party id) → what people call the party."""


class ConsoleNotifier:
    """Prints who is told, what, where and why. Never fails: a closed output is no reason to hold a task back."""

    def __init__(self, names: PartyNames | None = None, language: Language = "en", out: TextIO | None = None) -> None:
        self._names = names
        self._language = language
        self._out = out

    def deliver(self, notification: Notification) -> None:
        who = self._names(notification.estate, notification.party_id) if self._names else notification.party_id
        line = f"TO {who} [{notification.importance}]: {notification.words.of(self._language)}"
        try:
            print(line, file=self._out or sys.stdout, flush=True)
        except (OSError, ValueError):
            return
