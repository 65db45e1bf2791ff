"""Whoever posted a need is told that it is answered, taken on and met; what is settled is told to nobody."""

from __future__ import annotations

import pytest

from cloud.application.exchange.board import Wording
from cloud.application.notices.send_missives import SendMissives
from cloud.domain.community.contacts import Contact
from cloud.domain.community.hours import ALWAYS
from cloud.domain.community.means import Means
from cloud.domain.exchange.posting import Side
from cloud.domain.records.ledger import Kind
from tests.fakes.channels import FakeChannel
from tests.fakes.estate import HOME
from tests.fakes.neighbours import viewer
from tests.fakes.state import fresh_state
from tests.unit.cloud.application.test_offers_and_needs_kept import SHOPPING, Here

ELSEWHERE = Wording("shopping", "只在二号楼", f"{HOME}/b2", ALWAYS)


class Reached(Here):
    def __init__(self, engine) -> None:
        super().__init__(engine)
        self.sms = FakeChannel()
        self.send = SendMissives(
            self.units, self.clock, {"sms": self.sms}, means=Means(frozenset({"sms"}), console=False)
        )
        with self.units.writing() as uow:
            for member in ("cao", "eve", "ann"):
                uow.contacts.replace(member, [Contact(member, "sms", member)])
            uow.commit()

    def told(self) -> list[tuple[str, str]]:
        """To whom what was said, since the last time."""
        self.sms.delivered.clear()
        while self.send():
            pass
        return [(message.address, message.text) for message in self.sms.delivered]

    def needs(self, wording: Wording = SHOPPING):
        return self.posts("cao", Side.NEED, wording)


@pytest.fixture
def here(tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    yield Reached(engine)
    engine.dispose()


def test_an_offer_that_fits_is_told_to_whose_need_it_is_and_to_nobody_else(here):
    need = here.needs()
    here.posts("eve", Side.OFFER)
    ((to, text),) = here.told()
    assert to == "cao"
    assert "需求" in text
    assert "帮买菜" not in text, "what is needed is read after signing in"
    sent = [entry.data for entry in here.ledger() if entry.kind == Kind.NOTIFIED]
    assert [(one["need"], one["member"], one["reason"]) for one in sent] == [(need.id, "cao", "need_answered")]


def test_an_offer_elsewhere_or_ones_own_is_no_answer(here):
    here.needs()
    here.posts("eve", Side.OFFER, ELSEWHERE)
    here.posts("cao", Side.OFFER)
    assert here.told() == []


def test_several_answers_of_one_evening_are_one_message_until_it_was_sent(here):
    here.needs()
    here.posts("eve", Side.OFFER)
    here.posts("ann", Side.OFFER)
    assert len(here.told()) == 1
    here.posts("dan", Side.OFFER)
    assert len(here.told()) == 1, "another one, later"


@pytest.mark.parametrize("settle", ["meet", "withdraw"])
def test_what_is_settled_before_it_was_told_is_told_no_more(here, settle):
    need = here.needs()
    here.posts("eve", Side.OFFER)
    if settle == "meet":
        here.board.meet(need.id, viewer("cao"))
    else:
        here.board.withdraw(need.id, Side.NEED, viewer("cao"))
    assert here.told() == []
    with here.units.reading() as uow:
        assert all(one.withdrawn_at is not None for one in uow.missives.about(need.id))


def test_who_takes_the_task_on_is_told_and_that_it_was_met(here):
    need = here.needs()
    task = here.asks(need_id=need.id)
    here.small_tasks.claim(task.id, viewer("eve"))
    ((to, text),) = here.told()
    assert (to, "认领" in text) == ("cao", True)
    here.small_tasks.finish(task.id, viewer("eve"))
    assert here.told() == []
    here.small_tasks.confirm(task.id, viewer("manager"))
    ((to, text),) = here.told()
    assert (to, "已标记为已满足" in text) == ("cao", True)


def test_a_task_that_is_taken_on_and_met_in_one_evening_is_told_once(here):
    need = here.needs()
    task = here.asks(need_id=need.id)
    here.small_tasks.claim(task.id, viewer("eve"))
    here.small_tasks.finish(task.id, viewer("eve"))
    here.small_tasks.confirm(task.id, viewer("manager"))
    assert ["已标记为已满足" in text for _, text in here.told()] == [True]
