"""A party's roster decides which members are called first; an empty one loses nobody (governance.md, Duties: Why me)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from cloud.domain.community.contacts import Contact, checked_address, ordered
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Membership, Role
from cloud.domain.community.roster import Roster, Shift
from cloud.domain.community.verification import tried, with_code
from cloud.domain.duties.reach import Ground, reach
from cloud.domain.duties.routing import TraceKind, route
from cloud.domain.records.handover import UNSIGNED_AFTER, Handover, HandoverState
from cloud.errors import Conflict, Invalid, NotAllowed
from tests.fakes.clocks import START
from tests.fakes.estate import HOME, description, register

NOON = datetime(2026, 11, 26, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
NIGHT = datetime(2026, 11, 26, 23, tzinfo=ZoneInfo("Asia/Shanghai"))
DAYS = Roster(
    "days",
    "example",
    "property",
    Names("日班", "Days"),
    shifts=(Shift(("guard",), time(8), time(20), since=date(2026, 1, 1)),),
)


@pytest.fixture
def staffed():
    return replace(register(), rosters=(DAYS,), _by_closeness={})


def ids(members):
    return [member.id for member in members]


def test_who_is_on_duty_is_called_first_and_the_rest_of_the_party_after_them(staffed):
    found = reach(staffed, "property", NOON)
    assert (ids(found.first), ids(found.then), found.ground, found.hole) == (
        ["guard"],
        ["manager"],
        Ground.ROSTER,
        False,
    )


def test_an_empty_roster_is_a_hole_and_everybody_of_the_party_is_called(staffed):
    found = reach(staffed, "property", NIGHT)
    assert (ids(found.first), found.ground, found.hole) == (["manager", "guard"], Ground.EMPTY_ROSTER, True)


def test_without_a_roster_everybody_is_called_and_that_is_no_hole():
    found = reach(register(), "lift-firm", NIGHT)
    assert (ids(found.first), found.ground, found.hole) == (["technician", "foreman"], Ground.NO_ROSTER, False)
    assert reach(replace(register(), members={}), "street", NIGHT).hole
    assert "neighbour" not in ids(reach(register(), "property", NIGHT).first)


def test_a_roster_of_people_who_have_left_is_an_empty_one(staffed):
    gone = replace(DAYS, shifts=(Shift(("somebody",), time(8), time(20)),))
    assert reach(replace(staffed, rosters=(gone,)), "property", NOON).ground is Ground.EMPTY_ROSTER


def test_the_trace_says_who_was_on_duty_and_who_was_not_called_first(staffed):
    routing = route(staffed, "access.forced-open", f"{HOME}/b1", NOON)
    line = next(line for line in routing.trace if line.kind is TraceKind.ON_DUTY)
    assert line.text == Names(
        "物业当班：guard，暂不呼叫manager", "on duty for Property: guard; not called first: manager"
    )
    assert ids(routing.reached[0].first) == ["guard"]


def test_the_trace_says_that_nobody_was_on_the_roster_and_that_all_are_called(staffed):
    routing = route(staffed, "access.forced-open", f"{HOME}/b1", NIGHT)
    line = next(line for line in routing.trace if line.kind is TraceKind.NOBODY_ON_DUTY)
    assert "a hole in coverage" in line.text.en
    assert "manager, guard" in line.text.en


def test_one_login_serves_several_parties_with_a_role_in_each():
    both = Member("m", "property", Names("甲", "A"), Role.MANAGER, also=(Membership("lift-firm", Role.RESPONDER),))
    told = replace(description(), members=(both,)).register(1)
    assert [(m.party_id, m.role) for m in told.members_of("lift-firm")] == [("lift-firm", Role.RESPONDER)]
    assert told.members_of("property") == (both,)
    assert both.as_of("lift-firm").as_of("property") == both
    assert both.acting_among(["street", "lift-firm"]).party_id == "lift-firm"


def test_a_membership_of_nothing_or_twice_is_said():
    odd = Member(
        "m",
        "property",
        Names("甲", "A"),
        Role.MANAGER,
        also=(Membership("property", Role.OVERSEER), Membership("x", Role.MANAGER)),
    )
    with pytest.raises(Invalid) as caught:
        replace(description(), members=(odd,)).register(1)
    assert len(caught.value.problems) == 2


CONTACT = Contact("guard", "sms", "13800000000")


def test_an_unverified_channel_is_tried_last_and_never_relied_upon():
    sure = replace(CONTACT, address="13900000000", verified_at=START, preference=9)
    assert ordered([CONTACT, sure]) == [sure, CONTACT]
    assert not CONTACT.relied_upon
    assert (CONTACT.masked, replace(CONTACT, address="ab@example.org").masked) == ("138***00", "a***@example.org")


def test_a_code_is_good_once_for_a_quarter_of_an_hour_and_five_tries():
    sent = with_code(CONTACT, "123456", START)
    assert "123456" not in str(sent)
    assert tried(sent, "123456", START).relied_upon
    assert tried(sent, "000000", START).code_tries == 1
    with pytest.raises(Conflict, match="too old"):
        tried(sent, "123456", START.replace(hour=START.hour + 1))
    for _ in range(5):
        sent = tried(sent, "000000", START)
    with pytest.raises(Conflict, match="Too many"):
        tried(sent, "123456", START)
    with pytest.raises(Conflict, match="less than a minute"):
        with_code(sent, "1", START)


@pytest.mark.parametrize(
    ("kind", "address", "good"),
    [("sms", " +86 138-0000-0000 ", True), ("voice", "12", False), ("email", "a@example.org", True), ("email", "a b@x", False),
     ("wecom", "key-1", True), ("ntfy", "a\nb", False)],
)  # fmt: skip
def test_an_address_is_of_its_kind(kind, address, good):
    if good:
        assert checked_address(kind, address) == address.strip()
    else:
        with pytest.raises(Invalid):
            checked_address(kind, address)


HANDOVER = Handover("h", "example", "property", START, "guard", ())


def test_a_handover_is_signed_by_two_people():
    left = HANDOVER.signed("leaving", "guard", START)
    assert [HANDOVER.state(START), left.state(START)] == [HandoverState.UNSIGNED, HandoverState.HALF_SIGNED]
    with pytest.raises(NotAllowed, match="two people"):
        left.signed("coming", "guard", START)
    with pytest.raises(Conflict):
        left.signed("leaving", "manager", START)
    assert left.signed("coming", "manager", START).state(START + UNSIGNED_AFTER) is HandoverState.SIGNED


def test_a_handover_that_nobody_signs_shows():
    assert HANDOVER.state(START + UNSIGNED_AFTER) is HandoverState.OVERDUE
