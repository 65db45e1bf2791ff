"""The stream over a real connection: from the commit to the reader, resumed, ended, and never open to strangers."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from cloud.entrypoints.feeds import live
from tests.integration.cloud_web.house import ESTATE, House


@contextmanager
def stream(client: httpx.Client, **headers: str) -> Iterator[Iterator[dict[str, str]]]:
    """The events of the stream as they come, without beats."""
    query = {"since": headers.pop("since")} if "since" in headers else None
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    with client.stream("GET", "/api/v1/live", params=query, headers=given, timeout=15) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield events(answer)


def events(answer: httpx.Response) -> Iterator[dict[str, str]]:
    fields: dict[str, str] = {}
    for line in answer.iter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        else:
            if "data" in fields:
                yield fields
            fields = {}


def lines(found: Iterator[dict[str, str]]) -> Iterator[dict]:
    return (json.loads(event["data"]) for event in found if "id" in event and "event" not in event)


def first_beat(found: Iterator[dict[str, str]]) -> None:
    assert next(found)["event"] == "beat"


def asked_again(found: Iterator[dict[str, str]], beats: int = 3) -> None:
    """The stream goes on beyond some beats: with as much time between two, whether its reader may read on was asked meanwhile."""
    heard = 0
    for one in found:
        heard += one.get("event") == "beat"
        if heard == beats:
            return
    raise AssertionError(f"the stream ended after {heard} beats")


def test_a_commit_reaches_the_reader_with_words_in_both_languages(house: House, program):
    with stream(program) as found:
        first_beat(found)
        house.goes_wrong("lift.entrapment", "b3/lift-2")
        line = next(lines(found))
        while line["kind"] != "incident.opened":
            line = next(lines(found))
    assert "Person trapped in lift" in line["text"]["en"]
    assert "电梯困人" in line["text"]["zh"]
    assert line["incident_id"]


@pytest.mark.parametrize("by", ["header", "address", "both"])
def test_whoever_comes_back_misses_nothing_and_reads_nothing_twice(house: House, program, by):
    house.goes_wrong("access.forced-open", "b5/north-gate")
    with stream(program, since="0") as found:
        read = [next(lines(found))["seq"] for _ in range(2)]
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    head = house.services.queries.ledger_head("example", None).seq
    last = str(read[-1])
    resumed = {
        "header": {"last_event_id": last},
        "address": {"since": last},
        "both": {"since": "0", "last_event_id": last},
    }[by]
    with stream(program, **resumed) as found:
        told = lines(found)
        while read[-1] < head:
            read.append(next(told)["seq"])
    assert read == list(range(1, head + 1))


def test_many_readers_and_many_writers_and_one_order(house: House, address):
    """Eight readers come at different moments while three threads commit; each reads the ledger as it is."""
    tasks = [house.goes_wrong("access.forced-open", f"b7/door-{n}") for n in range(3)]
    token, start = house.api_token_of("manager"), house.services.queries.ledger_head("example", None).seq
    each, seen = 12, {}

    def write(task: str) -> None:
        for n in range(each):
            house.services.act.note(task, "manager", f"note {n}")

    def read(name: int) -> None:
        headers = {"authorization": f"Bearer {token}"}
        with (
            httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30) as client,
            stream(client, since=str(start)) as found,
        ):
            told = lines(found)
            seen[name] = [next(told)["seq"] for _ in range(each * len(tasks))]

    threads = [threading.Thread(target=read, args=(n,)) for n in range(4)]
    threads += [threading.Thread(target=write, args=(task,)) for task in tasks]
    threads += [threading.Thread(target=read, args=(n,)) for n in range(4, 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    expected = list(range(start + 1, start + 1 + each * len(tasks)))
    assert all(seqs == expected for seqs in seen.values())
    assert len(seen) == 8


def test_a_stream_ends_with_the_session_it_was_opened_with(house: House, visitor, monkeypatch):
    monkeypatch.setattr(live, "BEAT_S", 0.05)
    monkeypatch.setattr(live, "WELCOME_S", 0.05)
    session = house.session_of("manager")
    visitor.cookies.set("tocsin_session", session)
    with stream(visitor) as found:
        first_beat(found)
        house.services.sign_in.leave(session)
        said = [event for event in found if event.get("event") != "beat"]
        told = {json.loads(event["data"])["kind"] for event in said}
        assert told <= {"member.signed-out"}, "it ends, and says nothing more before than that the member has left"


def test_the_server_stops_though_streams_are_open(house: House, program):
    with stream(program) as found:
        first_beat(found)
        house.feeds.close()
        assert list(found) == []


def test_another_estates_ledger_cannot_be_followed(house: House, address):
    headers = {"authorization": f"Bearer {house.api_token_of('stranger')}"}
    with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30) as stranger:
        assert stranger.get("/api/v1/live?estate=example").status_code in {403, 404}


def come_to(house: House, streams: int) -> int:
    """How many streams are open, once it is so many; after five seconds however many."""
    deadline = time.monotonic() + 5
    while house.feeds.streams != streams and time.monotonic() < deadline:
        time.sleep(0.01)
    return house.feeds.streams


def test_a_reader_who_leaves_ends_its_stream_at_once_and_what_began_it_set_its_headers(house: House, program):
    with stream(program) as found:
        first_beat(found)
        assert come_to(house, 1) == 1, "it is counted after its first words"
    assert come_to(house, 0) == 0, "long before the next beat would have failed"
    with program.stream("GET", "/api/v1/live") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"


def test_its_stream_says_that_something_happened_and_not_what(house, visitor):
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    visitor.cookies.set("tocsin_session", house.screen_of("manager", "property"))
    told = []
    with visitor.stream("GET", "/api/v1/live", params={"estate": ESTATE, "since": 0}) as answer:
        assert answer.status_code == 200
        for line in answer.iter_lines():
            if line.startswith("data:") and "seq" in line:
                told.append(json.loads(line.removeprefix("data:")))
            if len(told) == 3:
                break
    assert all(set(one) == {"seq"} for one in told)
