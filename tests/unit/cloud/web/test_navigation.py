"""From every page a role comes with one tap to the five places it needs most, and with two to everywhere it may."""

from __future__ import annotations

import pytest

from cloud.domain.accounts.invitation import INVITES
from cloud.domain.community.party import Role
from cloud.entrypoints.api.access import INSPECTS, OPERATES, SETS_UP
from cloud.entrypoints.web.navigation import FIRST, menu


@pytest.mark.parametrize("role", Role)
def test_no_more_than_five_stand_in_the_row_and_nothing_twice(role):
    shown = menu(role)
    assert 1 <= len(shown.first) <= 5
    assert [place.section for place in shown.first] == list(FIRST[role])
    everywhere = [place.path for place in (*shown.first, *shown.more)]
    assert len(everywhere) == len(set(everywhere))


@pytest.mark.parametrize(
    ("section", "roles"),
    [
        ("board", frozenset(Role) - {Role.RESIDENT}),
        ("desk", frozenset(Role) - {Role.RESIDENT}),
        ("credit", frozenset({Role.RESIDENT})),
        ("registers", INSPECTS),
        ("rules", OPERATES),
        ("dead-letters", OPERATES),
        ("webhooks", OPERATES),
        ("members", INVITES),
        ("guide", SETS_UP),
        ("channels", SETS_UP),
        ("buildings", frozenset(Role)),
        ("neighbours", frozenset(Role)),
    ],
)
def test_a_page_stands_there_for_who_may_see_it_and_for_nobody_else(section, roles):
    leading = {role for role in Role if section in {place.section for place in (*menu(role).first, *menu(role).more)}}
    assert leading == roles


def test_the_word_is_marked_when_the_page_stands_behind_it():
    assert menu(Role.MANAGER).hides("rules")
    assert not menu(Role.MANAGER).hides("board")
    assert not menu(Role.MANAGER).hides("incident")
