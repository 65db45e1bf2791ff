"""Every hazard of a gate, from pins through interpreter and default rules to the alarm."""

from edge.domain.credentials import credential_of
from edge.domain.wiegand import Card
from schemas.events import AccessDecided
from tests.fakes.edge_bench import KEY, Bench
from tests.unit.edge.equipment import GATE, gate, node_decides

CARD = Card(12, 34567)
HASH = credential_of(CARD, KEY)


def bench(item=None, **config) -> Bench:
    return Bench(item or gate(), **config).rest().power_on()


def controller_lets_in(node: Bench) -> None:
    node.show_card(GATE, CARD)
    node.press(GATE, "granted")


def test_a_day_like_any_other_raises_nothing():
    with bench() as node:
        for _ in range(3):
            controller_lets_in(node)
            node.set(GATE, "contact")
            node.wait(4)
            node.set(GATE, "contact", False)
            node.wait(60)
            node.press(GATE, "rex")
            node.set(GATE, "contact")
            node.wait(5)
            node.set(GATE, "contact", False)
            node.wait(60)
        assert node.raised == []


def test_a_door_that_opens_with_no_grant_is_forced_a_second_later():
    with bench() as node:
        began = node.clock.mono()
        node.set(GATE, "contact")
        node.wait(5)
        assert node.raised == [("access.forced-open", began + 0.05 + 1.0)]
        node.set(GATE, "contact", False)
        node.wait(2)
        assert node.standing == []


def test_a_door_forced_for_half_a_second_only_is_forced_all_the_same():
    with bench() as node:
        node.set(GATE, "contact")
        node.wait(0.5)
        node.set(GATE, "contact", False)
        node.wait(5)
        assert [hazard for hazard, _ in node.raised] == ["access.forced-open"]
        assert node.standing == []


def test_a_grant_that_comes_a_moment_after_the_door_moved_still_pays_for_it():
    with bench() as node:
        node.set(GATE, "contact")
        node.wait(0.8)
        node.press(GATE, "granted")
        node.wait(10)
        assert node.raised == []


def test_a_grant_lasts_seven_seconds():
    with bench() as node:
        node.press(GATE, "granted")
        node.wait(6.0)
        node.set(GATE, "contact")
        node.wait(2)
        assert node.raised == []
        node.set(GATE, "contact", False)
        node.wait(10)
        node.press(GATE, "granted")
        node.wait(7.5)
        node.set(GATE, "contact")
        node.wait(2)
        assert [hazard for hazard, _ in node.raised] == ["access.forced-open"]


def test_a_contact_that_bounces_for_forty_milliseconds_opens_once():
    with bench() as node:
        node.press(GATE, "rex")
        for _ in range(4):
            node.set(GATE, "contact")
            node.wait(0.005)
            node.set(GATE, "contact", False)
            node.wait(0.005)
        node.set(GATE, "contact")
        node.wait(1)
        assert node.values(f"{GATE}/open") == [False, True]


def test_held_open_is_minor_after_thirty_seconds_and_major_after_ten_minutes():
    with bench() as node:
        node.press(GATE, "rex")
        opened = node.clock.mono()
        node.set(GATE, "contact")
        node.wait(700)
        held = [(event.severity, round(event.mono, 2)) for event in node.events if event.kind == "alarm.raised"]
        assert held == [("minor", round(opened + 30.05, 2)), ("major", round(opened + 600.05, 2))]
        node.set(GATE, "contact", False)
        node.wait(1)
        assert node.standing == []


def test_a_door_in_use_is_not_held_open():
    with bench() as node:
        controller_lets_in(node)
        node.set(GATE, "contact")
        for _ in range(5):
            node.wait(20)
            controller_lets_in(node)
        assert node.raised == []


def test_a_node_that_starts_beside_an_open_door_calls_it_held_open_and_not_forced():
    with Bench(gate()).rest(contact=True).power_on() as node:
        node.wait(31)
        assert [hazard for hazard, _ in node.raised] == ["access.held-open"]


def test_two_openings_on_one_card_are_tailgating():
    with bench() as node:
        controller_lets_in(node)
        for _ in range(2):
            node.set(GATE, "contact")
            node.wait(1.0)
            node.set(GATE, "contact", False)
            node.wait(1.2)
        node.wait(20)
        assert [hazard for hazard, _ in node.raised] == ["access.tailgating"]
        assert node.standing == []


def test_a_door_that_falls_to_and_is_pulled_open_again_is_one_opening():
    with bench() as node:
        controller_lets_in(node)
        node.set(GATE, "contact")
        node.wait(1.0)
        node.set(GATE, "contact", False)
        node.wait(0.6)
        node.set(GATE, "contact")
        node.wait(1.0)
        assert node.raised == []


def test_a_beam_counts_people_through_one_opening():
    with bench(gate(beam={"pin": 27})) as node:
        controller_lets_in(node)
        node.set(GATE, "contact")
        node.wait(1)
        node.press(GATE, "beam", 0.3)
        assert node.raised == []
        node.press(GATE, "beam", 0.3)
        assert [hazard for hazard, _ in node.raised] == ["access.tailgating"]


def test_a_request_to_exit_is_not_counted():
    with bench(gate(beam={"pin": 27})) as node:
        node.press(GATE, "rex")
        node.set(GATE, "contact")
        for _ in range(3):
            node.wait(0.5)
            node.press(GATE, "beam", 0.3)
        assert node.raised == []


def test_a_beam_crossed_by_nobody_who_was_let_in_is_the_forced_doors_matter():
    with bench(gate(beam={"pin": 27})) as node:
        node.set(GATE, "contact")
        node.wait(1.5)
        node.press(GATE, "beam", 0.3)
        assert [hazard for hazard, _ in node.raised] == ["access.forced-open"]


def test_five_cards_that_the_controller_does_not_grant_are_a_burst():
    with bench() as node:
        for number in range(5):
            node.show_card(GATE, Card(12, number))
            node.wait(4)
        node.wait(2)
        assert [hazard for hazard, _ in node.raised] == ["access.denied-burst"]
        decided = [event for event in node.events if isinstance(event, AccessDecided)]
        assert [event.reason for event in decided] == ["controller-denied"] * 5
        assert all(len(event.credential) == 32 for event in decided)
        node.wait(120)
        assert node.standing == []


def test_a_second_card_while_the_first_waits_denies_the_first():
    with bench() as node:
        node.show_card(GATE, CARD)
        node.wait(0.5)
        node.show_card(GATE, Card(12, 1))
        node.press(GATE, "granted")
        reasons = [(event.kind, event.reason) for event in node.events if isinstance(event, AccessDecided)]
        assert reasons == [("access.denied", "controller-denied"), ("access.granted", "controller")]


def test_a_controller_faster_than_the_frame_is_reported_once():
    with bench() as node:
        node.press(GATE, "granted", 0.2)
        node.show_card(GATE, CARD)
        node.wait(5)
        decided = [(event.kind, event.reason) for event in node.events if isinstance(event, AccessDecided)]
        assert decided == [("access.granted", "controller")]


def test_a_grant_contact_that_closes_twice_within_a_second_is_one_grant():
    with bench() as node:
        node.press(GATE, "granted", 0.2)
        node.press(GATE, "granted", 0.2)
        node.wait(5)
        assert node.values(f"{GATE}/granted").count(True) == 1


def test_contacts_that_are_closed_when_the_node_starts_grant_nothing():
    with Bench(gate(beam={"pin": 27})).rest(granted=True, rex=True, beam=True).power_on() as node:
        node.wait(1)
        assert [event for event in node.events if isinstance(event, AccessDecided)] == []


def test_a_reader_pulled_off_the_wall_is_tampered_with_after_a_second():
    with bench() as node:
        began = node.clock.mono()
        node.set(GATE, "tamper")
        node.wait(2)
        assert node.raised == [("access.reader-tamper", round(began + 1.05, 3))]


def test_a_bolted_exit_is_obstructed_after_a_minute():
    with bench(gate(obstructed={"pin": 20})) as node:
        node.set(GATE, "obstructed")
        node.wait(59)
        assert node.raised == []
        node.wait(2)
        assert [hazard for hazard, _ in node.raised] == ["fire.exit-obstructed"]
        node.set(GATE, "obstructed", False)
        node.wait(6)
        assert node.standing == []


def test_a_lock_that_does_not_let_go_within_two_seconds_of_the_panels_call_has_failed():
    with bench() as node:
        began = node.clock.mono()
        node.set(GATE, "fire_input")
        node.wait(5)
        assert node.raised == [("access.release-failed", round(began + 2.05, 3))]
        node.set(GATE, "lock_released")
        node.wait(1.1)
        assert node.standing == []


def test_a_lock_that_lets_go_in_time_raises_nothing():
    with bench() as node:
        node.set(GATE, "fire_input")
        node.wait(1.5)
        node.set(GATE, "lock_released")
        node.wait(60)
        assert node.raised == []


def test_people_who_leave_through_released_doors_force_nothing():
    with bench() as node:
        node.set(GATE, "fire_input")
        node.set(GATE, "lock_released")
        node.wait(10)
        node.set(GATE, "contact")
        node.wait(10)
        assert node.raised == []


def test_the_node_lets_in_whom_it_knows_and_drives_the_lock_for_five_seconds():
    with bench(node_decides(credentials=[HASH])) as node:
        began = node.clock.mono()
        node.show_card(GATE, CARD)
        node.wait(10)
        assert [(round(at - began, 2), on) for at, _, on in node.driven] == [(0.03, True), (5.03, False)]
        assert node.values(f"{GATE}/unlocked") == [False, True, False]
        (decided,) = [event for event in node.events if isinstance(event, AccessDecided)]
        assert (decided.reason, decided.credential) == ("listed", HASH)


def test_the_node_refuses_whom_it_does_not_know():
    with bench(node_decides(credentials=[HASH])) as node:
        node.show_card(GATE, Card(12, 1))
        node.wait(1)
        assert node.driven == []
        assert [event.reason for event in node.events if isinstance(event, AccessDecided)] == ["unknown-card"]


def test_a_card_with_a_lost_bit_is_denied_and_named_so():
    with bench(node_decides(credentials=[HASH])) as node:
        node.show_card(GATE, CARD, flip_bit=7)
        node.wait(1)
        (decided,) = [event for event in node.events if isinstance(event, AccessDecided)]
        assert (decided.reason, decided.credential) == ("bad-parity", None)


def test_a_fire_keeps_the_nodes_own_lock_open_until_it_is_over():
    with bench(node_decides(credentials=[HASH])) as node:
        node.show_card(GATE, CARD)
        node.set(GATE, "fire_input")
        node.wait(30)
        assert [on for _, _, on in node.driven] == [True]
        node.set(GATE, "fire_input", False)
        node.wait(1)
        assert [on for _, _, on in node.driven] == [True, False]


def test_no_reading_or_event_carries_a_card_number():
    with bench() as node:
        controller_lets_in(node)
        node.wait(2)
        written = " ".join(str(item) for item in (*node.events, *node.readings))
        assert HASH in written
        assert str(CARD.number) not in written
