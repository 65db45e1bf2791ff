"""What a stream tells of other estates: where, the last of each, and that everything is to be looked at when it was too much."""

from __future__ import annotations

import json

import pytest

from cloud.domain.tasks.sight import Concern, Outlook
from cloud.entrypoints.feeds.elsewhere import KEPT, LOOK, Beyond, Elsewhere, Wanted
from cloud.entrypoints.feeds.frame import Frame

ALL = Outlook(("",), frozenset())
LIFTS = Outlook((), frozenset({"lifts"}))


def frame(seq: int, *parts: str, life: bool = True, incident: str | None = "incident") -> Frame:
    concern = Concern("lift.entrapment" if life else "access.forced-open", "somewhere", frozenset(parts))
    return Frame(seq, b"", concern, incident, life)


def told(news: bytes) -> list[dict]:
    blocks = [block.splitlines() for block in news.decode().split("\n\n") if block]
    assert all(block[0] == "event: elsewhere" and not any(one.startswith("id") for one in block) for block in blocks)
    return [json.loads(block[1].removeprefix("data: ")) for block in blocks]


@pytest.fixture
def woken():
    return []


@pytest.fixture
def elsewhere(woken):
    return Elsewhere(lambda: woken.append(True))


def of(elsewhere, wanted=Wanted.LIFE_SAFETY, **outlooks):
    return Beyond("own", elsewhere, {"own": ALL, **outlooks}, wanted)


def test_the_last_of_each_estate_is_told_once_and_nothing_of_the_streams_own(elsewhere):
    beyond = of(elsewhere, one=ALL, two=ALL)
    elsewhere.take("one", [frame(4), frame(5)])
    elsewhere.take("own", [frame(9)])
    elsewhere.take("two", [frame(1)])
    assert told(beyond.news()) == [{"estate": "one", "seq": 5}, {"estate": "two", "seq": 1}]
    assert beyond.news() == b""


def test_of_other_matters_it_is_silent_unless_they_are_asked_for_and_nobody_is_woken(elsewhere, woken):
    life, every = of(elsewhere, one=ALL), of(elsewhere, Wanted.ALL, one=ALL)
    elsewhere.take("one", [frame(3, life=False), frame(4, incident=None)])
    assert life.news() == b""
    assert told(every.news()) == [{"estate": "one", "seq": 3}]
    assert not woken
    elsewhere.take("one", [frame(5)])
    assert woken


def test_nothing_is_told_of_an_estate_or_a_matter_that_the_reader_does_not_see(elsewhere):
    beyond = of(elsewhere, Wanted.ALL, one=LIFTS)
    elsewhere.take("foreign", [frame(1, "lifts")])
    elsewhere.take("one", [frame(2, "guards")])
    assert beyond.news() == b""
    elsewhere.take("one", [frame(3, "guards", "lifts")])
    assert told(beyond.news()) == [{"estate": "one", "seq": 3}]


def test_one_who_is_further_behind_than_what_is_kept_looks_at_everything(elsewhere):
    beyond = of(elsewhere, one=ALL)
    elsewhere.take("one", [frame(seq) for seq in range(KEPT + 1)])
    assert beyond.news() == LOOK
    assert told(LOOK) == [{}]
    assert not beyond.behind


def test_those_who_see_the_same_share_what_they_see(elsewhere):
    assert elsewhere.shared({"one": ALL}) is elsewhere.shared({"one": Outlook(("",), frozenset())})
