"""How a member is reached: channels in order, quiet hours, digests, rounds; and what an answer makes needless."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.community.contacts import Contact, ordered
from cloud.domain.community.reaching import quiet_end, way_to
from cloud.domain.duties.escalation import Condition, EscalationPolicy, Ladder, Repeat, Step
from cloud.domain.records.delivery import FIRST_WAIT, LONGEST_WAIT, MOST_ROUNDS, Delivery, DeliveryState
from cloud.domain.records.notification import ASKS, Reason, answered
from cloud.domain.records.webhook import BOTH_SECRETS, MOST_ATTEMPTS, Posting, Webhook
from tests.fakes.clocks import START

SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHT = {"quiet_from": time(22), "quiet_until": time(7)}


def at(hour, minute=0):
    return datetime(2026, 11, 23, hour, minute, tzinfo=SHANGHAI)


def contact(channel="sms", address="1", **extra):
    return Contact("guard", channel, address, **extra)


def way(contacts, local, tried=(), *, urgent=False, told=False, waited=False):
    return way_to(contacts, tried, local, urgent=urgent, told=told, waited=waited)


def test_the_preferred_channel_is_tried_first_and_the_next_when_it_has_failed():
    sms, voice = contact("sms", preference=1), contact("voice", preference=0)
    assert (way([sms, voice], at(12)).contact, way([sms, voice], at(12)).others) == (voice, True)
    second = way([sms, voice], at(12), [voice.key])
    assert (second.contact, second.others) == (sms, False)
    assert way([sms, voice], at(12), [voice.key, sms.key]).contact is None


def test_an_address_that_was_proven_goes_before_one_that_was_not():
    proven, hoped = contact("sms", preference=5, verified_at=START), contact("voice", preference=0)
    assert ordered([hoped, proven]) == [proven, hoped]


@pytest.mark.parametrize(
    ("local", "until"),
    [
        (at(21, 59), None), (at(22), at(7) + timedelta(days=1)), (at(23, 30), at(7) + timedelta(days=1)),
        (at(0), at(7)), (at(6, 59), at(7)), (at(7), None), (at(12), None),
    ],
)  # fmt: skip
def test_quiet_hours_run_past_midnight_and_end_when_they_say(local, until):
    assert quiet_end(contact(**NIGHT), local) == until


def test_no_hours_are_quiet_without_both_ends_or_between_the_same():
    assert quiet_end(contact(quiet_from=time(22)), at(23)) is None
    assert quiet_end(contact(quiet_from=time(9), quiet_until=time(9)), at(9)) is None
    assert quiet_end(contact(quiet_from=time(12), quiet_until=time(14)), at(13)) == at(14)


def test_life_safety_ignores_quiet_hours_and_everything_else_waits_for_their_end():
    sleeper = contact(**NIGHT)
    assert way([sleeper], at(3), urgent=True).contact == sleeper
    assert way([sleeper], at(3)).until == at(7)
    assert way([sleeper], at(12)).contact == sleeper


def test_who_sleeps_by_every_channel_is_told_when_the_first_of_them_wakes():
    early, late = contact("sms", **NIGHT), contact("voice", quiet_from=time(22), quiet_until=time(9))
    assert way([early, late], at(3)).until == at(7)


def test_a_channel_that_is_awake_is_used_before_one_that_is_quiet():
    call, chat = contact("voice", preference=0, **NIGHT), contact("feishu", preference=1)
    assert way([call, chat], at(3)).contact == chat
    assert way([call, chat], at(3), urgent=True).contact == call


def test_what_is_merely_told_is_gathered_until_the_next_half_hour_once():
    gathers = contact(digest=True)
    assert way([gathers], at(12, 10), told=True).until == at(12, 30)
    assert way([gathers], at(12, 30), told=True).until == at(13)
    assert way([gathers], at(12, 30), told=True, waited=True).contact == gathers
    assert way([gathers], at(12, 10)).contact == gathers, "what asks for something is not gathered"
    assert way([contact()], at(12, 10), told=True).contact is not None


@given(
    st.lists(
        st.builds(
            Contact, st.just("m"), st.sampled_from(["sms", "voice", "email"]), st.text(min_size=1, max_size=3),
            st.none(), st.integers(0, 3), st.none() | st.times(), st.none() | st.times(), st.booleans(),
        ), min_size=1, max_size=5,
    ),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - made aware below
    st.booleans(), st.booleans(),
)  # fmt: skip
def test_there_is_always_a_way_or_an_end_of_waiting_and_never_a_wait_where_life_is_at_stake(
    contacts, naive, told, waited
):
    local = naive.replace(tzinfo=SHANGHAI)
    assert way(contacts, local, urgent=True, told=told, waited=waited).contact == ordered(contacts)[0]
    found = way(contacts, local, told=told, waited=waited)
    assert (found.contact is None) != (found.until is None)
    assert found.until is None or local < found.until <= local + timedelta(days=1)


def waiting():
    return Delivery("d", "n", "example", "t", "i", "property", "guard", 2, START, START)


def test_the_next_channel_is_tried_at_once_and_all_of_them_again_after_a_wait_that_doubles():
    sms, voice = contact("sms"), contact("voice")
    one = waiting().failed(voice, "busy", START, others=True)
    assert (one.next_attempt_at, one.tried, one.rounds) == (START, (voice.key,), 0)
    assert not one.reached_nobody_yet
    both = one.failed(sms, "down", START, others=False)
    assert (both.next_attempt_at, both.tried, both.rounds) == (START + FIRST_WAIT, (), 1)
    assert both.reached_nobody_yet
    assert both.failed(sms, "down", START, others=False).next_attempt_at == START + FIRST_WAIT * 2


def test_after_its_last_round_it_is_a_dead_letter():
    delivery = waiting()
    for _ in range(MOST_ROUNDS):
        assert delivery.state is DeliveryState.WAITING
        delivery = delivery.failed(contact(), "down", START, others=False)
        assert delivery.next_attempt_at - START <= LONGEST_WAIT
    assert delivery.state is DeliveryState.FAILED


def test_the_key_of_a_call_is_taken_until_its_time_is_up_and_not_twice():
    ringing = waiting().rings("h", START)
    assert ringing.takes_answer(START + timedelta(minutes=29))
    assert not ringing.takes_answer(START + timedelta(minutes=30))
    assert not waiting().takes_answer(START)


def test_when_somebody_leads_nobody_else_is_asked_and_what_others_are_to_support_stands():
    led = {"same_party": False, "lead": True, "over": False}
    assert all(answered(reason, **led) for reason in ASKS)
    assert not answered(Reason.ASKED_TO_SUPPORT, **led)
    assert not answered(Reason.TOLD, **led)
    assert not answered(Reason.FIRE_PRESUMED, **led), "that 119 is to be called stands until it is over"


def test_who_joins_answers_for_their_own_party_alone():
    assert answered(Reason.ASKED_TO_SUPPORT, same_party=True, lead=False, over=False)
    assert not answered(Reason.ASKED_TO_SUPPORT, same_party=False, lead=False, over=False)
    assert not answered(Reason.ESCALATED, same_party=False, lead=False, over=False)


def test_when_it_is_over_nothing_is_said_any_more_but_that():
    over = {"same_party": False, "lead": False, "over": True}
    assert all(answered(reason, **over) for reason in Reason if reason is not Reason.HANDLED)
    assert not answered(Reason.HANDLED, **over)


def ladder(*steps):
    policy = EscalationPolicy(tuple(steps))
    return policy, Ladder.start(policy, START)


def step(minutes, condition=Condition.IF_NOT_ACKNOWLEDGED, repeat=None):
    return Step(timedelta(minutes=minutes), condition, (), repeat=repeat)


def test_who_cannot_be_reached_is_not_waited_for():
    policy, stands = ladder(step(3), step(10))
    hurried = stands.bring_forward(policy, START)
    assert (hurried.due_at, hurried.step) == (START, 0)
    assert hurried.climb(policy, START).due_at == START + timedelta(minutes=10), "the step after it keeps its time"


def test_steps_that_wait_for_an_arrival_keep_their_time():
    policy, stands = ladder(step(1, Condition.IF_LEAD_NOT_ARRIVED), step(3))
    hurried = stands.bring_forward(policy, START)
    assert (hurried.due_at, hurried.step) == (START, 1)
    policy, stands = ladder(step(30, Condition.IF_LEAD_NOT_ARRIVED))
    assert stands.bring_forward(policy, START) == stands


def test_a_ladder_at_rest_is_not_woken_because_somebody_cannot_be_reached():
    policy, stands = ladder(step(3), step(10))
    assert stands.rest().bring_forward(policy, START) == stands.rest(), "nobody was called for it"


def test_a_step_that_is_due_already_is_not_put_off_by_bringing_it_forward():
    policy, stands = ladder(step(3, repeat=Repeat(timedelta(minutes=2))), step(10))
    assert stands.bring_forward(policy, START + timedelta(minutes=8)) == stands, "what waits behind it keeps its time"


def test_a_step_that_repeats_keeps_its_rhythm():
    policy, stands = ladder(step(0, repeat=Repeat(timedelta(minutes=2))))
    sounding = stands.climb(policy, START)
    assert sounding.bring_forward(policy, START) == sounding


def test_a_call_sheet_that_was_brought_forward_repeats_on_its_rhythm_from_then():
    policy, stands = ladder(step(3, repeat=Repeat(timedelta(minutes=2))))
    sounding = stands.bring_forward(policy, START).climb(policy, START)
    assert sounding.due_at == START + timedelta(minutes=2), "not two minutes after the three it did not wait"


def test_both_secrets_of_a_webhook_hold_for_a_day_after_they_were_changed():
    hook = Webhook("w", "example", "https://x/", "old", "m", START).rotated("new", START)
    assert hook.secrets(START) == ("new", "old")
    assert hook.secrets(START + BOTH_SECRETS) == ("new",)


@given(st.floats(0, 1))
def test_webhooks_are_tried_for_more_than_a_day_with_growing_waits(jitter):
    posting, last = Posting("p", "w", "example", 1, START, START), timedelta()
    now = START
    for number in range(MOST_ATTEMPTS):
        assert posting.failed_at is None
        posting = posting.failed("503", now, jitter)
        wait = posting.next_attempt_at - now
        assert last <= wait or number > 6
        assert wait <= timedelta(hours=16)
        last, now = wait, posting.next_attempt_at
    assert posting.failed_at is not None
    assert now - START > timedelta(days=1)
