"""Who is reached tonight: every call in order, through what, until the ladder's endless step."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from cloud.domain.community.contacts import Contact
from cloud.domain.community.means import ANY
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Role
from cloud.domain.community.roster import Roster, Shift
from cloud.domain.duties.channels import Answering, Channel, Channels
from cloud.domain.duties.escalation import Condition
from cloud.domain.duties.reach import Ground
from cloud.domain.duties.reached import CallRole, who_is_reached
from cloud.domain.duties.routing import TraceKind
from schemas.hazards import HAZARDS
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, HOME, register

MINUTE = timedelta(minutes=1)
STATION_LEAD = Member("lead", "micro-station", Names("站长", "Station lead"), Role.RESPONDER)
PLACE = f"{HOME}/b1"


def reached(known, name, channels=None, at=START):
    return who_is_reached(known, channels or Channels(), name, PLACE, at)


def parties(call):
    return [(one.role, one.party.id) for one in call.parties]


def test_a_trapped_person_reaches_lead_support_and_observer_at_once_then_each_step_at_its_time():
    found = reached(register(), "lift.entrapment")
    at_once, *steps = found.calls
    assert parties(at_once) == [
        (CallRole.LEAD, "lift-firm"), (CallRole.SUPPORT, "property"), (CallRole.OBSERVER, "committee")
    ]  # fmt: skip
    assert [(one.after // MINUTE, one.condition) for one in steps] == [
        (3, Condition.IF_NOT_ACKNOWLEDGED),
        (5, Condition.IF_NOT_ACKNOWLEDGED),
        (30, Condition.IF_LEAD_NOT_ARRIVED),
        (30, Condition.IF_LEAD_NOT_ARRIVED),
        (120, Condition.IF_NOT_CLOSED),
    ]
    assert [one.phone for one in steps[0].numbers] == ["96333"]
    assert (steps[0].endless, steps[0].every, steps[0].times) == (True, 2 * MINUTE, None)
    assert steps[-1].reaches_nobody
    assert any(line.kind is TraceKind.WON for line in found.routing.trace)


@pytest.mark.parametrize("name", sorted(HAZARDS))
def test_every_list_ends_in_an_endless_step_or_in_a_party_that_takes_over(name):
    calls = reached(register(), name).calls
    if HAZARDS[name].life_safety:
        assert any(call.endless for call in calls)
    else:
        assert parties(calls[-1])[0][0] is CallRole.TAKES_OVER
        assert not calls[-1].reaches_nobody
    assert [call.at for call in calls] == sorted(call.at for call in calls)


def test_the_level_that_takes_over_is_one_that_nobody_had_asked_before():
    calls = reached(register(), "access.held-open").calls
    assert parties(calls[1]) == [(CallRole.CALLED, "committee")]
    assert (parties(calls[-1]), calls[-1].after) == ([(CallRole.TAKES_OVER, "street")], 60 * MINUTE)


def test_a_step_that_reaches_nobody_is_passed_at_once_here_as_on_the_night():
    known = register()
    known = replace(
        known,
        members={k: m for k, m in known.members.items() if m.party_id != "fire-room"} | {"lead": STATION_LEAD},
        parties={k: replace(p, phone=None) if k == "fire-room" else p for k, p in known.parties.items()},
        _by_closeness={},
    )
    first, second, third = reached(known, "access.release-failed").calls
    assert parties(second) == [(CallRole.CALLED, "micro-station")]
    assert [one.id for one in second.nobody] == ["fire-room"]
    assert third.endless
    members = {k: m for k, m in known.members.items() if m.party_id != "micro-station"}
    phoneless = {k: replace(p, phone=None) if k == "micro-station" else p for k, p in known.parties.items()}
    known = replace(known, members=members, parties=phoneless, _by_closeness={})
    _, second, third = reached(known, "access.release-failed").calls
    assert second.reaches_nobody
    assert third.at == second.at
    del first


def test_members_are_those_of_the_roster_at_the_hour_of_the_call():
    shifts = (Shift(("manager",), time(8), time(12)), Shift(("guard",), time(12), time(8)))
    known = replace(register(), rosters=(Roster("r", ESTATE, "property", Names("班", "Shifts"), (), shifts),))
    before_noon = START + 55 * MINUTE
    at_once, *steps = reached(known, "lift.door-fault", at=before_noon).calls
    assert [one.member.id for one in at_once.parties[1].first] == ["manager"]
    assert [one.member.id for one in at_once.parties[1].then] == ["guard"]
    assert [one.member.id for one in steps[0].parties[0].first] == ["guard"]
    assert steps[0].parties[0].ground is Ground.ROSTER


def test_through_which_channels_is_told_and_whether_they_are_proven_but_never_the_address():
    sms = Contact("technician", "sms", "13800001111", verified_at=START)
    mail = Contact("technician", "email", "someone@example.org")
    channels = Channels.of_ways({"technician": ANY.ways("technician", [mail, sms])})
    lead = reached(register(), "lift.entrapment", channels).calls[0].parties[0]
    technician, foreman = lead.first
    assert technician.channels == (Channel("sms", verified=True), Channel("email", verified=False))
    assert (technician.answering, foreman.answering) == (Answering.SURE, Answering.NOBODY)
    assert lead.answering is Answering.SURE
    assert "1380000" not in repr(lead)
    assert Channels(console=True).of("foreman") == (Channel("console", verified=True),)
