"""Verification codes on standard output: what stands in until a channel of its own is set up."""

from __future__ import annotations

import sys
from typing import TextIO

from cloud.domain.community.contacts import Contact
from cloud.domain.community.names import Names
from cloud.errors import Unavailable


class ConsoleCodes:
    """Implements `reach_ports.CodeSender`. The address is shown masked: a log is no place for personal data."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out

    def send_code(self, contact: Contact, words: Names) -> None:
        line = f"CODE for {contact.member_id} by {contact.channel} ({contact.masked}): {words.en}"
        try:
            print(line, file=self._out or sys.stdout, flush=True)
        except (OSError, ValueError) as error:
            raise Unavailable(f"The code could not be printed ({error}).", "验证码未能发出") from error
