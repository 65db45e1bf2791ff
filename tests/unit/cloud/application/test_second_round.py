"""Those on duty are called first, the rest when none of them has accepted in time; nobody is lost by it."""

from datetime import date, time, timedelta

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from cloud.domain.community.contacts import Contact
from cloud.domain.community.names import Names
from cloud.domain.community.roster import Roster, Shift
from cloud.domain.duties.reach import callable_members
from cloud.domain.duties.second_round import LATEST_LIFE_SAFETY, second_round_after
from cloud.domain.records.delivery import DeliveryState
from tests.fakes.channels import FakeChannel, reach, sender, sends_all
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE
from tests.fakes.scene import Scene

ENTRAPMENT = ("lift.entrapment", "b1/lift-1")
HELD_OPEN = ("access.held-open", "b1/door")
PROPERTY = ("manager", "guard")
LIFTS = ("technician", "foreman")


def rostered(scene, party, *on_duty, since=time(0), until=time(0)):
    """These of the party are on duty at these hours of every day, in the estate's time."""
    shift = Shift(on_duty, since, until, since=date(2026, 1, 1))
    with scene.units.writing() as uow:
        uow.rosters.save(Roster(f"of-{party}", ESTATE, party, Names("排班", "Roster"), shifts=(shift,)))
        uow.commit()


def called(scene, party):
    timeline = scene.incident(scene.only_task()).timeline
    return [
        (line.data["members"], line.data["ground"])
        for line in timeline
        if line.kind == "notification.called" and line.data["party"] == party
    ]


def words(scene, party):
    timeline = scene.incident(scene.only_task()).timeline
    return [line.text for line in timeline if line.kind == "notification.called" and line.data["party"] == party]


@pytest.fixture
def sms():
    return FakeChannel()


@pytest.fixture
def send(scene, sms):
    for member in (*PROPERTY, *LIFTS, "clerk"):
        reach(scene.units, member, f"sms:{member}")
    return sender(scene, {"sms": sms})


def test_those_on_duty_are_called_and_the_rest_only_when_they_do_not_accept(scene, send, sms):
    rostered(scene, "property", "guard")
    scene.rings(*HELD_OPEN)
    sends_all(send)
    assert sms.addresses == ["guard"]
    scene.clock.advance(minutes=5, seconds=-1)  # half of the ten minutes to accept
    sends_all(send)
    assert sms.addresses == ["guard"]
    scene.clock.advance(seconds=1)
    sends_all(send)
    assert sms.addresses == ["guard", "manager"]
    assert called(scene, "property") == [(["guard"], "on_duty"), (["manager"], "second_round")]
    first, second = words(scene, "property")
    assert (first.en, first.zh) == ("Property is called: guard (on duty)", "呼叫物业：guard（当班人员）")
    assert second.zh == "呼叫物业：manager（当班人员未响应，呼叫其余人员）"
    scene.clock.advance(days=1)
    assert sends_all(send) == (0, 0)


def test_who_accepts_in_time_spares_the_others(scene, send, sms):
    rostered(scene, "property", "guard")
    scene.rings(*HELD_OPEN)
    sends_all(send)
    scene.acknowledge("guard")
    scene.clock.advance(days=1)
    sends_all(send)
    assert "manager" not in sms.addresses


def test_where_life_is_at_stake_the_second_round_comes_sooner(scene, send, sms):
    rostered(scene, "lift-firm", "technician")
    scene.rings(*ENTRAPMENT)
    sends_all(send)
    assert "foreman" not in sms.addresses
    scene.clock.advance(seconds=45)
    sends_all(send)
    assert "foreman" in sms.addresses


@given(st.timedeltas(timedelta(), timedelta(days=3)))
def test_the_second_round_lies_within_the_time_to_accept_and_never_later_for_life_safety(limit):
    urgent, usual = (second_round_after(limit, life_safety=safety) for safety in (True, False))
    assert timedelta() <= urgent <= min(usual, LATEST_LIFE_SAFETY)
    assert usual <= limit


def test_when_none_of_those_on_duty_can_be_reached_the_rest_is_called_at_once(scene, send, sms):
    rostered(scene, "lift-firm", "technician")
    reach(scene.units, "technician", "pager:1")
    scene.rings(*ENTRAPMENT)
    sends_all(send)
    assert "foreman" in sms.addresses
    assert called(scene, "lift-firm") == [(["technician"], "on_duty"), (["foreman"], "unreached")]
    scene.timers()
    assert "ladder.step-taken" not in scene.kinds(scene.only_task()), "the foreman was reached and may answer"


def test_an_empty_roster_and_none_at_all_call_everybody(scene, send, sms):
    rostered(scene, "property", "guard", since=time(0), until=time(1))
    scene.rings(*ENTRAPMENT)
    sends_all(send)
    assert set(sms.addresses) >= {*PROPERTY, *LIFTS}
    assert called(scene, "property") == [(list(PROPERTY), "empty_roster")]
    assert called(scene, "lift-firm") == [(list(LIFTS), "no_roster")]


def test_once_those_on_duty_left_a_message_unanswered_everybody_is_called_for_the_next(scene, send, sms):
    rostered(scene, "property", "guard")
    scene.rings(*ENTRAPMENT)
    for _ in range(20):
        sends_all(send)
        scene.passes(seconds=15)
    sends_all(send)
    grounds = [ground for _, ground in called(scene, "property")]
    assert grounds[:2] == ["on_duty", "second_round"]
    assert set(grounds[2:]) == {"called_before"}


def test_who_has_taken_the_part_is_told_on_duty_or_not(scene, send, sms):
    rostered(scene, "lift-firm", "technician")
    scene.rings(*ENTRAPMENT)
    scene.act.acknowledge(scene.only_task().id, "foreman")
    sends_all(send)
    sms.delivered.clear()
    scene.passes(minutes=16)  # half-way to the time to be on site
    sends_all(send)
    assert set(sms.addresses) >= set(LIFTS), "the reminder reaches who accepted, and who is there now"


def test_two_workers_and_a_restart_make_one_second_round(scene, send, sms):
    rostered(scene, "property", "guard")
    scene.rings(*HELD_OPEN)
    sends_all(send)
    scene.clock.advance(minutes=6)
    for worker in (sender(scene, {"sms": sms}), send, sender(scene, {"sms": sms})):
        worker()
    assert sms.addresses == ["guard", "manager"]
    assert len(called(scene, "property")) == 2


def test_a_channel_nobody_has_proven_is_tried_but_not_relied_upon_where_life_is_at_stake(scene, send, sms):
    for member in LIFTS:
        reach(scene.units, member, f"sms:{member}", verified_at=None)
    scene.rings(*ENTRAPMENT)
    sends_all(send)
    assert set(sms.addresses) >= set(LIFTS), "it is tried all the same"
    scene.timers()
    timeline = scene.incident(scene.only_task()).timeline
    (said,) = [line for line in timeline if line.data.get("reason") == "not_proven"]
    assert said.data["party"] == "lift-firm"
    assert "unverified" in said.text.en
    assert "ladder.step-taken" in [line.kind for line in timeline], "three minutes before its time"


def test_a_channel_nobody_has_proven_is_enough_where_nothing_is_at_stake(scene, send, sms):
    for member in PROPERTY:
        reach(scene.units, member, f"sms:{member}", verified_at=None)
    scene.rings(*HELD_OPEN)
    sends_all(send)
    scene.timers()
    assert sms.addresses == list(PROPERTY)
    assert not {"notification.not-sent", "ladder.step-taken"} & set(scene.kinds(scene.only_task()))


def test_the_console_beside_real_channels_is_not_relied_upon(scene, sms):
    for member in ("manager", "guard"):
        reach(scene.units, member, f"sms:{member}")
    console = FakeChannel(carries_links=False)
    scene.rings(*ENTRAPMENT)
    sends_all(sender(scene, {"sms": sms, "console": console}))
    assert console.delivered
    scene.timers()
    assert "ladder.step-taken" in scene.kinds(scene.only_task())


PEOPLE = (*PROPERTY, *LIFTS)
REACHED = st.sampled_from(["sms", "unproven sms", "voice", "pager", "sms then voice", None])
CALL_SHEET_EVERY = timedelta(minutes=2)


def arranged(scene, how):
    for member, ways in how.items():
        named = {"sms then voice": ("sms", "voice"), None: ()}.get(ways, ((ways or "").removeprefix("unproven "),))
        proven = None if (ways or "").startswith("unproven") else START
        with scene.units.writing() as uow:
            uow.contacts.replace(
                member, [Contact(member, way, member, proven, number) for number, way in enumerate(named)]
            )
            uow.commit()


def trying(scene, task_id):
    """Whether somebody is being tried: a message waits to go out, or went through a proven channel to who may accept yet."""
    now, limit = scene.clock.now(), timedelta(minutes=3)
    with scene.units.reading() as uow:
        waiting = [n for n in uow.outbox.of_task(task_id) if n.addressed_at is None or n.second_at is not None]
        made = [d for d in uow.outbox.latest(ESTATE, failed=False, limit=10_000) if d.task_id == task_id]
    live = [
        d for d in made
        if (d.state is DeliveryState.WAITING and d.rounds == 0)
        or (d.state is DeliveryState.SENT and d.proven and now - d.sent_at <= limit)
    ]  # fmt: skip
    return bool(waiting or live)


def sounding(scene, task):
    """Whether the call sheet was taken no longer ago than its rhythm."""
    with scene.units.reading() as uow:
        steps = [entry.at for entry in uow.ledger.of_incident(task.incident_id) if entry.kind == "ladder.step-taken"]
    return bool(steps) and scene.clock.now() - steps[-1] <= CALL_SHEET_EVERY


@settings(deadline=None, max_examples=12, phases=(Phase.explicit, Phase.generate))
@given(
    how=st.fixed_dictionaries(dict.fromkeys(PEOPLE, REACHED)),
    duty=st.fixed_dictionaries({p: st.none() | st.sets(st.sampled_from(m)) for p, m in
                                {"property": PROPERTY, "lift-firm": LIFTS}.items()}),
    hours=st.tuples(st.integers(0, 23), st.integers(0, 23)),
    cuts=st.lists(st.sampled_from(["sms", "voice", "mend sms", "mend voice", "", ""]), min_size=12, max_size=12),
    steps=st.lists(st.integers(1, 60), min_size=12, max_size=12),
)  # fmt: skip
def test_for_life_safety_somebody_is_always_being_tried_or_the_call_sheet_sounds(how, duty, hours, cuts, steps):
    scene = Scene()
    channels = {"sms": FakeChannel(), "voice": FakeChannel(rings=True)}
    send = sender(scene, channels)
    arranged(scene, how)
    for party, on_duty in duty.items():
        if on_duty is not None:
            rostered(scene, party, *sorted(on_duty), since=time(hours[0]), until=time(hours[1]))
    scene.rings(*ENTRAPMENT)
    for cut, seconds in zip(cuts, steps, strict=True):
        if cut.startswith("mend"):
            channels[cut.removeprefix("mend ")].mend()
        elif cut:
            channels[cut].cut()
        sends_all(send)
        scene.timers()
        sends_all(send)
        task = scene.only_task()
        assert trying(scene, task.id) or sounding(scene, task)
        scene.clock.advance(seconds=seconds)
    scene.clock.advance(minutes=3)
    scene.timers()
    sends_all(send)
    assert sounding(scene, scene.only_task()), "nobody has accepted: it sounds, whoever was reached"
    with scene.units.reading() as uow:
        register = uow.registers.find(ESTATE)
        tried = {d.member_id for d in uow.outbox.latest(ESTATE, failed=False, limit=10_000)}
    assert {m.id for m in callable_members(register, "lift-firm")} <= tried, "no roster keeps anybody out for good"
