"""Messages wait in order and within bounds; who does not fit comes again."""

from datetime import UTC, datetime

from cloud.entrypoints.ingest.decoding import Arrival
from cloud.entrypoints.ingest.waiting_room import WaitingRoom

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def arrival(n, size=100):
    return Arrival(f"t/{n}", b"x" * size, NOW)


def test_first_come_first_served_and_the_bell_rings_until_all_are_taken():
    room = WaitingRoom()
    for n in range(3):
        assert room.put(arrival(n))
    assert [taken.topic for taken in room.take(2)] == ["t/0", "t/1"]
    assert room.somebody.is_set()
    assert [taken.topic for taken in room.take(2)] == ["t/2"]
    assert not room.somebody.is_set()
    assert room.take(2) == []


def test_a_full_room_turns_away_and_has_place_again_after_a_while():
    room = WaitingRoom(capacity_bytes=1000)
    assert room.put(arrival(0))
    assert room.put(arrival(1))
    assert not room.put(arrival(2, size=600))
    assert room.turned_away == 1
    assert room.fullness == 0.8
    room.take(1)
    assert room.put(arrival(3))
    assert room.oldest == NOW
