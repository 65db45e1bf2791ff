"""Lists that grow are read piece by piece on every storage: nothing twice, nothing left out, of one moment by the id."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.positions import TopicPosition
from cloud.domain.consultation.ballot import Ballot
from cloud.domain.consultation.majorities import ONE_MEMBER_ONE_VOTE
from cloud.domain.consultation.petition import Petition
from cloud.domain.consultation.proposal import MatterKind
from cloud.domain.consultation.topic import Origin, Topic, TopicState
from cloud.domain.fleet.boot_time import BootTime
from cloud.domain.incidents.exercise import Exercise
from cloud.domain.incidents.maintenance import Window
from cloud.domain.records.patrol import Patrol, Round
from schemas.topics import NodeAddress
from tests.fakes.clocks import START

ESTATE, NODE = "example", NodeAddress("example", "b1-node")
HOUR = timedelta(hours=1)
MOMENTS = [0, 1, 1, 1, 2, 3, 3, 4, 5, 5, 6]
"""Hours after the beginning; several of one moment, so that a piece ends among them."""


def pieces(piece: Callable[[Any], Sequence[Any]], position: Callable[[Any], Any], most: int) -> list[Any]:
    found: list[Any] = []
    before = None
    while shown := piece(before):
        assert len(shown) <= most
        found += shown
        before = position(shown[-1])
        assert len(found) <= len(MOMENTS), "it goes round in circles"
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def real_units(request):
    """Consultation has no storage in memory."""
    return SqlUnitsOfWork(request.getfixturevalue("engine" if request.param == "sqlite" else "server"))


@pytest.mark.parametrize("most", [1, 2, 3, 20])
@pytest.mark.parametrize("sort", ["exercises", "windows", "patrols"])
def test_what_is_planned_and_walked(units, sort, most):
    made = {
        "exercises": lambda at, name, estate: Exercise(name, estate, "p", "m", ("b1/lift-1",), {}, at, at + HOUR),
        "windows": lambda at, name, estate: Window(name, estate, "p", "m", at, at + HOUR, "repair", ("b1/lift-1",)),
        "patrols": lambda at, name, estate: Patrol(name, estate, "p", "m", at, Round.DAILY, ("b1/lift-1",)),
    }[sort]
    moment = (lambda one: one.at) if sort == "patrols" else (lambda one: one.starts_at)
    kept = [made(START + hours * HOUR, f"id-{number}", ESTATE) for number, hours in enumerate(MOMENTS)]
    with units.writing() as uow:
        book = getattr(uow, sort)
        for one in (*kept, made(START + HOUR, "of-another", "elsewhere")):
            book.put(one) if sort == "patrols" else book.save(one)
        uow.commit()
    with units.reading() as uow:
        found = pieces(
            lambda before: getattr(uow, sort).of(ESTATE, most, before), lambda one: (moment(one), one.id), most
        )
    assert found == sorted(kept, key=lambda one: (moment(one), one.id), reverse=True)


@pytest.mark.parametrize("sort", ["exercises", "windows"])
def test_what_lies_around_a_time_is_found_however_much_is_planned_later(units, sort):
    def made(name: str, begins: int, ends: int) -> Any:
        start, end = START + begins * HOUR, START + ends * HOUR
        if sort == "exercises":
            return Exercise(name, ESTATE, "p", "m", ("b1/lift-1",), {}, start, end)
        return Window(name, ESTATE, "p", "m", start, end, "repair", ("b1/lift-1",))

    with units.writing() as uow:
        book = getattr(uow, sort)
        for one in [
            made("before", 0, 2),
            made("into", 1, 3),
            made("within", 3, 4),
            made("out", 4, 9),
            made("after", 6, 7),
        ]:
            book.save(one)
        for number in range(120):
            book.save(made(f"far-{number:03}", 100 + number, 101 + number))
        uow.commit()
        found = book.around(ESTATE, START + 2 * HOUR, START + 6 * HOUR)
        if sort == "exercises":
            book.save(replace(made("elsewhere", 3, 4), estate="another"))
            several = book.around_over([ESTATE, "another"], START + 2 * HOUR, START + 6 * HOUR)
            assert [one.id for one in several] == ["out", "within", "elsewhere", "into"]
    assert [one.id for one in found] == ["out", "within", "into"]


@pytest.mark.parametrize("most", [1, 2, 3, 20])
def test_boots_of_a_node_those_of_before_1970_among_them(units, most):
    kept = [BootTime(f"boot-{number:02}", (hours - 3) * 10**6, None, 10**12) for number, hours in enumerate(MOMENTS)]
    with units.writing() as uow:
        for one in kept:
            uow.boots.decide(NODE, one)
        uow.boots.decide(NodeAddress("example", "another"), kept[0])
        uow.commit()
    with units.reading() as uow:
        found = pieces(lambda before: uow.boots.of(NODE, most, before), lambda one: one.boot, most)
    assert found == sorted(kept, key=lambda one: (one.offset, one.boot), reverse=True)


@pytest.mark.parametrize("most", [1, 2, 3, 20])
def test_petitions_and_ballots(real_units, most):
    petitions = [Petition(f"p-{n}", ESTATE, START + hours * HOUR, ("m",), 3) for n, hours in enumerate(MOMENTS)]
    ballots = [
        Ballot(
            f"b-{n}", ESTATE, "t", "x", MatterKind.ORDINARY, ONE_MEMBER_ONE_VOTE, (), START + hours * HOUR, "m",
            START + 99 * HOUR,
        )
        for n, hours in enumerate(MOMENTS)
    ]  # fmt: skip
    with real_units.writing() as uow:
        uow.consultation.topics.save(Topic("t", ESTATE, "key", Origin.PETITION, START))
        for one in petitions:
            uow.consultation.petitions.save(one)
        for one in ballots:
            uow.consultation.ballots.save(one)
        uow.commit()
    with real_units.reading() as uow:
        book = uow.consultation
        asked = pieces(lambda last: book.petitions.of(ESTATE, most, last), lambda one: (one.started_at, one.id), most)
        held = pieces(
            lambda last: book.ballots.of_estate(ESTATE, most, last), lambda one: (one.opened_at, one.id), most
        )
    assert [one.id for one in asked] == [
        one.id for one in sorted(petitions, key=lambda one: (one.started_at, one.id), reverse=True)
    ]
    assert [one.id for one in held] == [
        one.id for one in sorted(ballots, key=lambda one: (one.opened_at, one.id), reverse=True)
    ]


@pytest.mark.parametrize("most", [1, 2, 3, 5, 20])
def test_topics_those_that_are_not_over_first(real_units, most):
    topics = [
        Topic(f"t-{n}", ESTATE, f"key-{n}", Origin.PETITION, START + hours * HOUR) for n, hours in enumerate(MOMENTS)
    ]
    for one in topics[::2]:
        one.enter(TopicState.WITHDRAWN, START + 9 * HOUR)
    with real_units.writing() as uow:
        for one in topics:
            uow.consultation.topics.save(one)
        uow.commit()
    with real_units.reading() as uow:
        found = pieces(
            lambda last: uow.consultation.topics.of(ESTATE, most, last),
            lambda one: TopicPosition(one.over, one.opened_at, one.id),
            most,
        )
    expected = sorted(topics, key=lambda one: (not one.over, one.opened_at, one.id), reverse=True)
    assert [one.id for one in found] == [one.id for one in expected]
