"""Where too many connections stand: who loses theirs, and who does not."""

from __future__ import annotations

from cloud.entrypoints.crowd import FILES, Crowd, room_in


class Someone:
    def __init__(self, crowd, address, *, asks=False):
        self.crowd, self.address, self.out = crowd, address, False
        crowd.came(self, address)
        if asks:
            self.asks()

    def asks(self):
        self.crowd.asks(self, self.address)

    def shut_out(self):
        self.out = True


def out(people):
    return [number for number, one in enumerate(people) if one.out]


def test_while_there_is_room_everybody_stays():
    crowd = Crowd(3)
    people = [Someone(crowd, "192.0.2.1") for _ in range(3)]
    assert out(people) == []
    assert len(crowd) == 3


def test_the_silent_go_first_of_whoever_has_most_of_them():
    crowd = Crowd(6)
    office = [Someone(crowd, "192.0.2.1", asks=True) for _ in range(3)]
    resident = Someone(crowd, "192.0.2.2")
    flood = [Someone(crowd, "198.51.100.1") for _ in range(5)]
    assert out(flood) == [0, 1, 2]
    assert out([*office, resident]) == []
    assert len(crowd) == 6


def test_whoever_has_most_loses_the_last_where_all_have_asked_for_something():
    crowd = Crowd(4)
    flood = [Someone(crowd, "198.51.100.1", asks=True) for _ in range(3)]
    office = Someone(crowd, "192.0.2.1", asks=True)
    resident = Someone(crowd, "192.0.2.2")
    assert out(flood) == [2]
    assert out([office, resident]) == []
    assert Someone(crowd, "198.51.100.1").out
    assert not resident.out


def test_a_flood_that_asks_keeps_nobody_else_out():
    crowd = Crowd(4)
    flood = [Someone(crowd, "198.51.100.1", asks=True) for _ in range(4)]
    people = [Someone(crowd, f"192.0.2.{n}", asks=True) for n in range(1, 3)]
    assert out(people) == []
    assert out(flood) == [2, 3]
    assert Someone(crowd, "198.51.100.1", asks=True).out
    assert out(people) == []


def test_who_has_networks_full_of_addresses_is_one():
    crowd = Crowd(3)
    resident = Someone(crowd, "2001:db8:1::1")
    flood = [Someone(crowd, f"2001:db8:2::{n:x}") for n in range(1, 9)]
    assert out(flood) == [0, 1, 2, 3, 4, 5]
    assert resident.out is False


def test_who_leaves_makes_room_and_is_forgotten():
    crowd = Crowd(2)
    first, second = Someone(crowd, "192.0.2.1"), Someone(crowd, "192.0.2.2", asks=True)
    for one in (first, second, first):
        crowd.left(one, one.address)
    assert len(crowd) == 0
    assert out([Someone(crowd, "192.0.2.3"), Someone(crowd, "192.0.2.4")]) == []


def test_who_has_been_answered_is_silent_again():
    crowd = Crowd(2)
    first, second = Someone(crowd, "192.0.2.1", asks=True), Someone(crowd, "192.0.2.2", asks=True)
    crowd.waits(first, first.address)
    Someone(crowd, "192.0.2.3")
    assert (first.out, second.out) == (True, False)


def test_of_large_bodies_whoever_sends_most_loses_the_one_that_takes_longest():
    crowd = Crowd(100, large=3)
    resident = Someone(crowd, "192.0.2.2")
    flood = [Someone(crowd, "198.51.100.1") for _ in range(5)]
    for one in (flood[0], resident, *flood[1:]):
        crowd.grew(one, one.address)
        crowd.grew(one, one.address)
    assert out(flood) == [0, 1, 2]
    assert not resident.out
    assert len(crowd) == 3


def test_what_has_come_whole_is_worked_on_and_the_next_large_one_waits_for_no_answer():
    crowd = Crowd(100, large=1)
    first, second, third = (Someone(crowd, f"192.0.2.{n}") for n in range(3))
    crowd.grew(first, first.address)
    first.asks()
    crowd.grew(second, second.address)
    assert (first.out, second.out) == (False, True)
    crowd.waits(first, first.address)
    crowd.grew(third, third.address)
    assert (first.out, third.out) == (False, False)


def test_the_process_keeps_files_for_itself_however_few_there_are():
    for files in (64, 256, 1024, FILES):
        room = room_in(files)
        # Those who are let in at one moment, before anybody is looked at, and those who leave at the next.
        assert room.most + 2 * room.at_once <= files - min(256, files // 4)
        assert room.most >= files // 3
    assert room_in(FILES).most > 2000, "a thousand who follow, and as many who look"
