"""Claim codes: typed by people, so every slip has to be noticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.enrolment import ClaimCode, ClaimCodeError

CODES = st.builds(ClaimCode.made, st.binary(min_size=4, max_size=4), *[st.binary(min_size=10, max_size=10)] * 2)


@given(CODES)
def test_a_code_is_read_as_it_was_made(code):
    assert ClaimCode.parse(code.text) == code
    assert ClaimCode.parse(code.text.lower().replace("-", " ")) == code
    assert all(len(group) == 5 for group in code.text.split("-"))


@given(CODES)
def test_letters_that_look_alike_are_one(code):
    mistaken = code.text.replace("0", "O").replace("1", "l")
    assert ClaimCode.parse(mistaken) == code


@given(CODES, st.integers(0, 39), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_letter_never_makes_another_valid_code(code, at, letter):
    letters = code.text.replace("-", "")
    wrong = letters[:at] + letter + letters[at + 1 :]
    if wrong == letters:
        return
    with pytest.raises(ClaimCodeError, match="mistyped"):
        ClaimCode.parse(wrong)


@given(st.text(max_size=80))
def test_whatever_is_typed_is_answered_in_a_sentence(text):
    with pytest.raises(ClaimCodeError, match="claim code"):
        ClaimCode.parse(text)


def test_its_secret_does_not_get_into_logs():
    code = ClaimCode.made(b"1234", b"secret-123", bytes(10))
    assert "secret" not in repr(code)
    assert code.text not in repr(code)
