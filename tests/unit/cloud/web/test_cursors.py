from __future__ import annotations

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.entrypoints.api import cursors
from cloud.entrypoints.api.problems import Refusal

RANK = (False, True, 1, -3, "2026-05-12T19:04:10+00:00", "0197a6")


def test_a_rank_comes_back_as_it_went():
    assert cursors.decode_rank(cursors.encode(RANK)) == RANK


def test_a_moment_comes_back_as_it_went():
    moment = datetime(2026, 5, 12, 19, 4, 10, 123456, tzinfo=UTC)
    assert cursors.decode_closing(cursors.encode([moment.isoformat(), "t1"])) == (moment, "t1")


def test_a_moment_before_the_calendar_is_refused():
    with pytest.raises(Refusal, match="leave it away"):
        cursors.decode_closing(cursors.encode(["0001-01-01T00:00:00+14:00", "t1"]))


@given(st.text(max_size=200))
def test_nonsense_is_refused_and_says_what_to_do(cursor):
    for decode in (cursors.decode_rank, cursors.decode_closing):
        with pytest.raises(Refusal, match="leave it away"):
            decode(cursor)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=7) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@given(json_values)
def test_json_of_another_shape_is_refused_or_a_cursor_of_ours(value):
    cursor = base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
    for decode in (cursors.decode_rank, cursors.decode_closing):
        with suppress(Refusal):
            assert decode(cursor)


def test_deep_nesting_is_refused():
    cursor = base64.urlsafe_b64encode(b"[" * 300).decode()
    with pytest.raises(Refusal):
        cursors.decode_rank(cursor)
