"""Names of places are read from large to small in Chinese and from small to large in English (people.md, Look)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.community.names import Names, from_large_to_small, joined


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        (["滨海街道", "示例小区", "3号楼", "7层"], "滨海街道示例小区3号楼7层"),
        (["High Street", "Maple Court", "A座"], "High Street Maple Court A座"),
        (["Block 3", "7层"], "Block 3 7层"),
        (["枫园", "Maple Court", "1号楼"], "枫园Maple Court 1号楼"),
        (["Café", "Über"], "Café Über"),
        (["Court ", "B"], "Court B"),
        (["", "Maple", "", "Court", ""], "Maple Court"),
        (["花园（北区）", "B1"], "花园（北区）B1"),
        ([], ""),
    ],
)
def test_chinese_runs_on_and_other_scripts_and_figures_keep_apart(parts, whole):
    assert joined(parts) == whole


def test_an_address_is_turned_round_in_english_and_names_nothing_twice_that_is_not_there():
    assert from_large_to_small([Names("示例小区", "Example"), Names("", ""), Names("3号楼", "Building 3")]) == Names(
        "示例小区3号楼", "Building 3, Example"
    )


@given(st.lists(st.text(max_size=8), max_size=5))
def test_nothing_is_lost_but_blanks_are_put_between(parts):
    assert joined(parts).replace(" ", "") == "".join(parts).replace(" ", "")
