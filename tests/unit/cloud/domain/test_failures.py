"""Why something was not taken is kept as a code with its values; each language says it in its own words."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest

from cloud.domain.community.contacts import Contact
from cloud.domain.community.failure_texts import FAILURE_TEXTS
from cloud.domain.community.faults import fault
from cloud.domain.records.failure import coded, facts_of, known_again, without_its_address, words, words_of

SLOW = fault("too-slow", host="hooks.example", seconds="10")


@pytest.mark.parametrize("code", sorted(FAILURE_TEXTS))
def test_what_is_kept_is_known_again_with_its_words(code):
    values = {
        "host": "h",
        "address": "a",
        "scheme": "https",
        "status": 503,
        "seconds": "9",
        "detail": "d",
        "channel": "c",
    }
    why = fault(code, **{key: value for key, value in values.items() if f"{{{key}}}" in FAILURE_TEXTS[code][0]})
    again = known_again(str(why), json.loads(json.dumps(coded(why))))
    assert (again, words(again), coded(again)) == (why, words(why), coded(why))
    assert words(again).zh != words(again).en


def test_an_entry_of_the_ledger_says_the_sentence_and_its_code():
    assert facts_of(SLOW) == {
        "reason": "hooks.example: it took more than 10 s",
        "failure": {"code": "too-slow", "values": {"host": "hooks.example", "seconds": "10"}},
    }
    assert words_of(facts_of(SLOW)).zh == "hooks.example：超过 10 秒未完成"


def test_what_was_kept_before_there_were_codes_is_shown_as_it_was_written():
    written = "feishu: the provider did not take it (it answered 404)"
    assert known_again(written, None) == written
    assert (words_of({"reason": written}).zh, words_of({"reason": written}).en) == (written, written)
    assert facts_of(written) == {"reason": written}


def test_a_code_without_a_sentence_of_its_own_is_said_as_the_timeline_says_it():
    assert words("no_channel").zh == "没有可用的联系方式"


@pytest.mark.parametrize(
    "failure",
    [
        {"code": "of-tomorrow", "values": {"what": "x"}},
        {"code": "too-slow", "values": {"minutes": 1}},
        {"code": "too-slow"},
    ],
)
def test_what_a_later_version_kept_stays_as_it_was_written(failure):
    assert known_again("it is said in a new way", failure) == "it is said in a new way"


def test_the_address_it_was_sent_to_stands_in_none_of_its_values():
    contact = Contact("guard", "email", "guard@example.org")
    why = without_its_address(fault("cannot-be-reached", host="h", detail="no guard@example.org here"), contact)
    assert coded(why) == {"code": "cannot-be-reached", "values": {"host": "h", "detail": "no *** here"}}
    assert "guard@" not in words(why).zh + words(why).en
    assert without_its_address("no guard@example.org", contact) == "no ***"


def test_it_outlives_copying():
    assert coded(deepcopy(SLOW)) == coded(SLOW)
