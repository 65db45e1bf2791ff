"""What an API token may be made for."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """`read` what its member may see; `act` in their name; `accounts`: sessions, tokens and invitations. None includes another."""

    READ = "read"
    ACT = "act"
    ACCOUNTS = "accounts"


LASTS: Final = timedelta(days=90)
LASTS_AT_MOST: Final = timedelta(days=366)
