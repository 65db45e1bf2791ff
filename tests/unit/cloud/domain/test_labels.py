"""Codes of labels: read however they are typed, and never found by trying."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.community.label import ALPHABET, LENGTH, fresh_code, printed, read_code

CODES = st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH)


@given(CODES)
def test_what_is_printed_is_read_back_however_it_is_typed(code):
    misread = printed(code).lower().replace("0", "o").replace("1", "l")
    assert read_code(printed(code)) == read_code(misread) == read_code(f" {code} ") == code


@given(st.text(max_size=20))
def test_what_can_be_no_code_is_none(text):
    code = read_code(text)
    assert code is None or (len(code) == LENGTH and set(code) <= set(ALPHABET))


def test_codes_say_nothing_of_each_other():
    assert len({fresh_code() for _ in range(1000)}) == 1000
    assert len(ALPHABET) ** LENGTH > 2**39, "an estate has hundreds of labels, and an address asks ten times a second"
