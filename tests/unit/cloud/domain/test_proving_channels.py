"""What proves that a channel is a member's: a code that comes back in time, and is not guessed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cloud.domain.community.contacts import Contact
from cloud.domain.community.verification import CODE_AGAIN, CODE_LASTS, CODE_TRIES, tried, with_code
from cloud.errors import Conflict
from tests.fakes.clocks import START

ASKED = with_code(Contact("guard", "sms", "13800000000"), "123456", START)
SECOND = timedelta(seconds=1)


def guessed(contact: Contact, times: int = CODE_TRIES) -> Contact:
    for number in range(times):
        contact = tried(contact, f"00000{number}", START)
    return contact


def test_a_code_proves_the_channel_until_its_time_is_over():
    assert tried(ASKED, " 123456 ", START + CODE_LASTS - SECOND).relied_upon
    with pytest.raises(Conflict, match="too old"):
        tried(ASKED, "123456", START + CODE_LASTS)


def test_after_five_wrong_codes_the_right_one_proves_nothing():
    assert tried(guessed(ASKED, CODE_TRIES - 1), "123456", START).relied_upon
    with pytest.raises(Conflict, match="Too many"):
        tried(guessed(ASKED), "123456", START)


def test_whoever_guessed_too_often_asks_for_another_code_and_begins_anew():
    anew = with_code(guessed(ASKED), "654321", START + CODE_AGAIN)
    assert not tried(anew, "123456", START + CODE_AGAIN).relied_upon
    assert tried(anew, "654321", START + CODE_AGAIN).relied_upon


def test_nobody_is_flooded_with_codes():
    with pytest.raises(Conflict, match="less than a minute"):
        with_code(ASKED, "654321", START + CODE_AGAIN - SECOND)
    assert with_code(ASKED, "654321", START + CODE_AGAIN).code_sent_at == START + CODE_AGAIN
    with pytest.raises(Conflict, match="verified already"):
        with_code(tried(ASKED, "123456", START), "654321", START + CODE_AGAIN)
