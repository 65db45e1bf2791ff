"""Who phones gets the private link; the desk that takes the call is not to judge in the caller's place."""

from __future__ import annotations

import re

import pytest

from cloud.application.intake.report_hazard import Given, ReportHazard
from cloud.application.notices.prepare import Calls
from cloud.application.notices.send_missives import SendMissives
from cloud.application.tasks.hand_slip import HandSlip
from cloud.domain.community.means import Means
from cloud.domain.incidents.report import Concern
from cloud.domain.records.ledger import Kind
from cloud.domain.records.missive import MOST_ROUNDS
from cloud.errors import Conflict, NotFound
from tests.fakes.channels import FakeChannel
from tests.fakes.estate import ESTATE
from tests.fakes.scene import Scene


class Desk(Scene):
    def __init__(self) -> None:
        super().__init__()
        self.report = ReportHazard(self.units, self.clock, self.ids, frozenset({"sms", "email"}))
        self.channels = {one: FakeChannel() for one in ("sms", "email")} | {"console": FakeChannel(carries_links=False)}
        self.send = SendMissives(
            self.units, self.clock, self.channels, means=Means(), calls=Calls("https://tocsin.example")
        )
        self.slips = HandSlip(self.units, self.clock)

    def takes_a_call(self, contact: str = "", words: str = "it is blocked"):
        return self.report(
            Given(ESTATE, "b1/lift-1", Concern.LIFT_FAULT, words=words, contact=contact, desk_id="manager")
        )

    def sends(self) -> None:
        while self.send():
            pass

    def missive_of(self, made):
        with self.units.reading() as uow:
            return uow.missives.about(made.report_id)[0]


@pytest.fixture
def desk():
    return Desk()


def token_in(message) -> str:
    return re.search(r"https://tocsin\.example/follow/(\S+)", message.text)[1]


@pytest.mark.parametrize(("contact", "channel"), [("138 0013 8000", "sms"), ("li@example.org", "email")])
def test_the_link_goes_to_what_the_caller_has_left_and_the_desk_hears_none(desk, contact, channel):
    made = desk.takes_a_call(contact)
    assert (made.token, made.link) == ("", "sent")
    desk.sends()
    (message,) = desk.channels[channel].delivered
    assert message.address == contact
    assert desk.follow.read(token_in(message)).state == "new"
    assert any(entry.kind == Kind.LINK_SENT for entry in desk.ledger())
    assert contact not in str(desk.ledger()), "an address never stands on the ledger"
    assert token_in(message) not in str(desk.units.memory), "kept nowhere as it is"


def test_a_resident_who_scans_the_code_is_told_the_link_as_before(desk):
    made = desk.is_reported(Concern.LIFT_FAULT, "b1/lift-1")
    assert (bool(made.token), made.link) == (True, "told")


@pytest.mark.parametrize("contact", ["", "the lady on floor 3"])
def test_without_an_address_a_slip_is_printed_and_it_is_noted_who_handed_it_over(desk, contact):
    made = desk.takes_a_call(contact)
    assert (made.token, made.link) == ("", "slip")
    desk.sends()
    assert all(not channel.delivered for channel in desk.channels.values())
    slip = desk.slips(made.report_id, desk.identity("manager"))
    assert desk.follow.read(slip.token).state == "new"
    (noted,) = [entry for entry in desk.ledger() if entry.kind == Kind.LINK_HANDED]
    assert (noted.actor, noted.data["report"]) == ("member:manager", made.report_id)


def test_another_slip_makes_the_one_before_worthless(desk):
    made = desk.takes_a_call()
    first, second = (desk.slips(made.report_id, desk.identity("manager")) for _ in range(2))
    with pytest.raises(NotFound):
        desk.follow.read(first.token)
    assert desk.follow.read(second.token).state == "new"


def test_where_the_link_went_to_the_caller_the_desk_prints_none(desk):
    made = desk.takes_a_call("13800138000")
    for _ in range(2):  # on its way, and when it has left
        with pytest.raises(Conflict, match="left nothing that can be reached"):
            desk.slips(made.report_id, desk.identity("manager"))
        desk.sends()


def test_where_it_could_not_be_sent_a_slip_is_printed(desk):
    made = desk.takes_a_call("13800138000")
    desk.channels["sms"].cut("the gateway answered 403 for 13800138000")
    for _ in range(MOST_ROUNDS):
        desk.sends()
        desk.clock.advance(hours=3)
    assert desk.missive_of(made).failed_at is not None
    assert "13800138000" not in str(desk.ledger())
    assert desk.slips(made.report_id, desk.identity("manager")).token


def test_another_party_prints_no_slip_nor_anybody_for_who_scanned_the_code(desk):
    made = desk.takes_a_call()
    with pytest.raises(Conflict, match="took the call"):
        desk.slips(made.report_id, desk.identity("technician"))
    scanned = desk.is_reported(Concern.LIFT_FAULT, "b1/lift-2")
    with pytest.raises(Conflict, match="Nobody phoned"):
        desk.slips(scanned.report_id, desk.identity("manager"))


def test_the_same_call_taken_down_twice_sends_one_link(desk):
    first, second = desk.takes_a_call("13800138000"), desk.takes_a_call("13800138000")
    assert first.report_id == second.report_id
    desk.sends()
    assert len(desk.channels["sms"].delivered) == 1


def test_an_address_that_was_erased_meanwhile_is_written_to_no_more(desk):
    made = desk.takes_a_call("13800138000")
    with desk.units.writing() as uow:
        uow.personal.erase(uow.personal.get(f"{made.report_id}-contact").erased(desk.clock.now()))
        uow.commit()
    desk.sends()
    assert desk.channels["sms"].delivered == []
    assert desk.missive_of(made).withdrawn_at is not None
