"""Whoever "who is reached" and coverage call reached gets a message when the alarm comes, at that very instant, and nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from cloud.application.estates.channels import channels_of
from cloud.domain.community.contacts import Contact
from cloud.domain.community.means import Means
from cloud.domain.community.names import Names
from cloud.domain.community.roster import Roster, Shift
from cloud.domain.duties.channels import Answering
from cloud.domain.duties.coverage import coverage
from cloud.domain.duties.reach import Ground
from cloud.domain.duties.reached import CallRole, who_is_reached
from cloud.domain.records.notification import Reason
from schemas.hazards import hazard
from tests.fakes.channels import FakeChannel, sender, sends_all
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, HOME, description
from tests.fakes.scene import Scene

AT_ONCE = {Reason.ASKED_TO_LEAD, Reason.ASKED_TO_SUPPORT, Reason.TOLD}
MATTERS = (
    ("lift.entrapment", "b1/lift-1"),
    ("lift.door-fault", "b1/lift-1"),
    ("fire.smoke", "b1/smoke-1"),
    ("access.forced-open", "b1/door"),
)
PEOPLE = ("manager", "guard", "technician", "foreman", "watch", "clerk", "grid-officer")

quiet = st.sampled_from([(None, None), (time(20), time(8)), (time(6), time(22)), (time(0), time(23, 59))])


@st.composite
def contacts(draw):
    """Of one member: any mixture of channels that are set up, or are not, proven or not, with quiet hours."""
    found = []
    for number, kind in enumerate(draw(st.lists(st.sampled_from(["sms", "email", "fax"]), max_size=2, unique=True))):
        start, end = draw(quiet)
        found.append(
            Contact(
                "", kind, f"{kind}@{number}", START if draw(st.booleans()) else None, number, start, end,
                digest=draw(st.booleans()),
            )
        )  # fmt: skip
    return found


@st.composite
def nights(draw):
    known = {name: draw(contacts()) for name in PEOPLE}
    shifts = draw(st.lists(st.sampled_from(["technician", "foreman"]), max_size=2, unique=True))
    rosters = ()
    if draw(st.booleans()):
        hours = draw(st.sampled_from([(time(0), time(0)), (time(8), time(20)), (time(20), time(8))]))
        shift = Shift(tuple(shifts), *hours) if shifts else None
        rosters = (Roster("r", ESTATE, "lift-firm", Names("班", "Shifts"), (), (shift,) if shift else ()),)
    return known, rosters, draw(st.booleans()), draw(st.sampled_from(MATTERS)), draw(st.integers(0, 47))


def housed(known, rosters, hour):
    scene = Scene(estate=replace(description(), rosters=rosters))
    scene.clock.advance(minutes=30 * hour)
    with scene.units.writing() as uow:
        for member, given_ in known.items():
            uow.contacts.replace(member, [replace(one, member_id=member) for one in given_])
        uow.commit()
    return scene


def what_came(scene, now):
    """Of each (party, member): what became of the messages of the first call."""
    found = {}
    with scene.units.reading() as uow:
        for notification in scene.units.memory.notifications.values():
            if notification.reason not in AT_ONCE or notification.created_at != now:
                continue
            for one in uow.outbox.of_notification(notification.id):
                found[one.party_id, one.member_id] = one
    return found


def judged(delivery):
    """As the message itself had it."""
    if delivery.sent_at is not None:
        if delivery.channel == "console" and not delivery.proven:
            return Answering.NOBODY
        return Answering.SURE if delivery.proven else Answering.WEAK
    return Answering.LATER if delivery.waited else Answering.NOBODY


@given(nights())
@settings(max_examples=60, deadline=None)
def test_who_is_called_reached_gets_a_message_and_who_gets_one_was_called_reached(night):
    known, rosters, console, (name, equipment), hour = night
    means = Means(frozenset({"sms", "email"}), console=console)
    scene = housed(known, rosters, hour)
    now = scene.clock.now()
    with scene.units.reading() as uow:
        register = uow.registers.find(ESTATE)
        channels = channels_of(uow, register, means)
    promised = who_is_reached(register, channels, name, register.equipment[equipment].place_id, now)
    holes = [
        one
        for one in coverage(register, channels, now, timedelta(hours=1)).holes
        if (one.building_id, one.hazard, one.role) == (f"{HOME}/b1", name, CallRole.LEAD)
        and one.starts_at <= now < one.ends_at
    ]
    scene.rings(name, equipment)
    channel = {kind: FakeChannel() for kind in ("sms", "email", "console")}
    sends_all(sender(scene, channel, means=means))
    came = what_came(scene, now)
    first = {
        (party.party.id, one.member.id): one.answering for party in promised.calls[0].parties for one in party.first
    }
    then = {(party.party.id, one.member.id) for party in promised.calls[0].parties for one in party.then}
    assert {who: judged(came[who]) for who in first} == first
    assert came.keys() - {(party, None) for party, _ in came} <= first.keys() | then
    lead = promised.routing.lead.id
    surely = any(judged(came[who]) is Answering.SURE for who in first if who[0] == lead)
    if promised.calls[0].parties[0].ground is Ground.EMPTY_ROSTER:
        return  # A hole by itself, though everybody of the party is called meanwhile.
    if hazard(name).life_safety:
        assert surely is not bool(holes), "coverage and the messages differ on whether the lead is reached"
    elif not holes:
        later = any(
            judged(came[who]) in (Answering.SURE, Answering.LATER, Answering.WEAK) for who in first if who[0] == lead
        )
        assert later


def test_a_console_that_answers_nobody_is_a_hole_and_the_ladder_does_not_wait_for_it():
    scene = housed({}, (), 0)
    means = Means(frozenset({"sms"}))
    with scene.units.reading() as uow:
        register = uow.registers.find(ESTATE)
        channels = channels_of(uow, register, means)
    found = who_is_reached(register, channels, "lift.door-fault", f"{HOME}/b1", scene.clock.now())
    assert {party.answering for party in found.calls[0].parties} == {Answering.NOBODY}
    scene.rings("lift.door-fault", "b1/lift-1")
    sends_all(sender(scene, {"console": FakeChannel()}, means=means))
    told = [line.data for line in scene.incident(scene.only_task()).timeline if line.kind == "notification.not-sent"]
    assert {"lift-firm", "property"} <= {data["party"] for data in told}


def test_who_sleeps_is_reached_later_and_at_once_where_life_is_at_stake():
    night = [Contact("", "sms", "1", START, 0, time(6), time(22))]
    scene = housed({"technician": night, "foreman": night}, (), 0)
    with scene.units.reading() as uow:
        register = uow.registers.find(ESTATE)
        channels = channels_of(uow, register, Means(frozenset({"sms"})))
    at = scene.clock.now()
    for name, answering in (("lift.door-fault", Answering.LATER), ("lift.entrapment", Answering.SURE)):
        found = who_is_reached(register, channels, name, f"{HOME}/b1", at)
        assert found.calls[0].parties[0].answering is answering
