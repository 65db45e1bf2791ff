"""A member's own credit on a page: entries, reversals, today's caps and the table, and nobody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cloud.application.exchange.board import Wording
from cloud.domain.community.hours import ALWAYS
from cloud.domain.credit.account import ReversalReason
from cloud.domain.exchange.small_task import SmallTaskKind

ROUND = Wording("patrol", "Walk the stairs", "binhai/example/b1", ALWAYS)


@pytest.fixture
def earns(house):
    """`earns()`: the tenant walks a patrol and the officer confirms it."""
    small, who = (
        house.services.exchange.small_tasks,
        {one: house.identity(one) for one in ("manager", "tenant", "officer")},
    )

    def patrol(wanted=1):
        house.clock.pass_by(timedelta(minutes=1))
        task = small.post("example", SmallTaskKind.PATROL, ROUND, who["manager"], wanted=wanted)
        small.claim(task.id, who["tenant"])
        if wanted > 1:
            small.claim(task.id, house.identity("lodger"))
        small.finish(task.id, who["tenant"])
        small.confirm(task.id, who["officer"])

    return patrol


@pytest.fixture
def page(house, visitor):
    def as_member(name: str, address: str = "/credit?lang=en") -> str:
        visitor.cookies.set("tocsin_session", house.session_of(name))
        return " ".join(visitor.get(address).text.split())

    return as_member


def test_what_was_earned_stands_there_with_how_far_the_caps_are_filled(earns, page):
    earns()
    said = page("tenant")
    for words in (
        '<p class="points">10</p>',
        "+10",
        "10 of 20",
        "10 of 40",
        "Your part of it: 10",
        "Day of the act: 2026-05-13",
    ):
        assert words in said, words
    for rule in ("Shapley value", "who confirms never earns", "Daily caps"):
        assert rule in said, "how it is computed"
    assert '<p class="points">0</p>' in page("lodger"), "nobody sees another's account"


def test_a_joint_act_is_divided_and_what_is_over_the_cap_says_so(earns, page):
    earns(wanted=2)
    assert "Your part of it: 5" in page("tenant")
    earns()
    earns()
    said = page("tenant")
    assert "Your part was 10, paid were 5 · the day's cap was reached" in said.replace("&#39;", "'")
    assert "20 of 20" in said


def test_what_is_taken_back_is_a_new_entry_with_the_reason(house, earns, page):
    earns()
    entry = house.services.credit.statement("example", house.identity("tenant"), limit=1).entries[0]
    house.services.credit.reverse(entry.id, house.identity("manager"), ReversalReason.NOT_DONE)
    said = page("tenant")
    for words in ("taken back", "it had not been done", "-10", "+10", '<p class="points">0</p>', "0 of 20"):
        assert words in said, words


def test_an_organisations_people_are_told_that_they_earn_none_and_why(page):
    assert "must not gain by it" in page("guard")
    assert "must not gain by it" not in page("tenant")


def test_the_statement_goes_on_page_by_page(earns, page, monkeypatch):
    monkeypatch.setattr("cloud.entrypoints.web.credit.AT_ONCE", 1)
    earns()
    earns()
    first = page("tenant")
    assert first.count("+10") == 1
    cursor = first.partition("/credit?cursor=")[2].partition('"')[0]
    second = page("tenant", f"/credit?cursor={cursor}")
    assert second.count("+10") == 1
    assert "Older ones" in first
    assert "Older ones" not in second
