"""Offers, needs and small tasks on the real storage: posted, matched, claimed, done, confirmed by another, credited."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloud.adapters.estate_file import default_credit_table, regulated_work
from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.credit.crediting import Crediting
from cloud.application.credit.following import CreditFollows
from cloud.application.estates.load_estate import LoadEstate
from cloud.application.exchange.board import MAX_OPEN, Wording
from cloud.application.exchange.exchanging import Exchanging
from cloud.application.exchange.small_tasks import SmallTasks
from cloud.domain.community.hours import ALWAYS
from cloud.domain.community.names import Names
from cloud.domain.exchange.posting import Good, Side
from cloud.domain.exchange.small_task import SmallTaskKind, SmallTaskState
from cloud.domain.records import narrative
from cloud.domain.records.ledger import Kind
from cloud.domain.records.ledger_chain import verify
from cloud.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.fakes.clocks import CountingIds, FakeClock
from tests.fakes.estate import ESTATE, HOME
from tests.fakes.neighbours import neighbourhood, register, viewer
from tests.fakes.state import fresh_state

SHOPPING = Wording("shopping", "帮买菜", f"{HOME}/b1", ALWAYS)
LIFT = Wording("time", "修电梯", HOME, ALWAYS)


class Here:
    def __init__(self, engine) -> None:
        self.units, self.clock, ids = SqlUnitsOfWork(engine), FakeClock(), CountingIds()
        LoadEstate(self.units, self.clock)(neighbourhood())
        self.credit = Crediting(self.units, self.clock, ids, default_credit_table)
        follows = CreditFollows(self.credit.granting)
        self.exchange = Exchanging(self.units, self.clock, ids, regulated_work, follows.small_task)
        self.board, self.small_tasks = self.exchange.board, self.exchange.small_tasks

    def posts(self, member: str, side: Side = Side.OFFER, wording: Wording = SHOPPING):
        self.clock.advance(minutes=1)
        return self.board.post(ESTATE, side, Good.TIME, wording, viewer(member))

    def asks(self, kind: SmallTaskKind = SmallTaskKind.SMALL_TASK, **extra):
        self.clock.advance(minutes=1)
        return self.small_tasks.post(ESTATE, kind, SHOPPING, viewer("manager"), **extra)

    def ledger(self):
        with self.units.reading() as uow:
            return uow.ledger.since(ESTATE, 0)

    def balance(self, member: str) -> int:
        return self.credit.account(ESTATE, viewer(member)).balance


@pytest.fixture
def here(tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    yield Here(engine)
    engine.dispose()


def test_an_offer_is_posted_changed_and_withdrawn_by_whose_it_is(here):
    offer = here.posts("cao")
    changed = here.board.change(offer.id, Side.OFFER, Good.TOOL, replace(SHOPPING, text="借推车"), viewer("cao"))
    assert (changed.text, changed.good, changed.posted_at) == ("借推车", Good.TOOL, offer.posted_at)
    for deed in (
        lambda: here.board.withdraw(offer.id, Side.OFFER, viewer("eve")),
        lambda: here.board.change(offer.id, Side.OFFER, Good.TIME, SHOPPING, viewer("manager")),
    ):
        with pytest.raises(NotAllowed):
            deed()
    here.board.withdraw(offer.id, Side.OFFER, viewer("cao"))
    assert here.board.listed(ESTATE, Side.OFFER, viewer("eve"), limit=10).items == []
    assert not here.board.read(offer.id, Side.OFFER, viewer("cao")).open
    with pytest.raises(Conflict):
        here.board.withdraw(offer.id, Side.OFFER, viewer("cao"))
    with pytest.raises(NotFound):
        here.board.read(offer.id, Side.NEED, viewer("cao"))


def test_the_ledger_knows_of_it_without_its_words(here):
    here.posts("cao")
    entry = here.ledger()[-1]
    assert (entry.kind, entry.actor) == (Kind.OFFER_POSTED, "member:cao")
    assert "买菜" not in str(entry.data)
    assert len(entry.data["digest"]) == 64


def test_a_need_is_matched_and_the_neighbours_name_is_told_to_whose_need_it_is(here):
    offer = here.posts("cao")
    need = here.posts("eve", Side.NEED)
    match = here.board.matches(need.id, viewer("eve"))
    assert [(one.id, one.names) for one in match] == [(offer.id, Names("cao", "cao"))]
    assert here.board.matches(need.id, viewer("ann"))[0].names is None
    assert here.board.matches(need.id, viewer("manager"))[0].names == Names("cao", "cao")
    shown = here.board.listed(ESTATE, Side.OFFER, viewer("eve"), limit=10).items[0]
    assert (shown.by, shown.mine) == (None, False)
    here.board.meet(need.id, viewer("eve"))
    assert here.ledger()[-1].kind == Kind.NEED_MET


@pytest.mark.parametrize("member", ["cao", "ann", "manager"])
def test_regulated_work_is_refused_on_every_side_with_reason_and_basis(here, member):
    deeds = [
        lambda: here.board.post(ESTATE, Side.OFFER, Good.SKILL, LIFT, viewer(member)),
        lambda: here.board.post(ESTATE, Side.NEED, Good.SKILL, LIFT, viewer(member)),
    ]
    if member == "manager":
        deeds.append(lambda: here.small_tasks.post(ESTATE, SmallTaskKind.SMALL_TASK, LIFT, viewer(member)))
    for deed in deeds:
        with pytest.raises(Invalid, match="Special Equipment Safety Law"):
            deed()
    harmless = here.posts(member)
    with pytest.raises(Invalid, match="特种设备安全法"):
        here.board.change(harmless.id, Side.OFFER, Good.SKILL, LIFT, viewer(member))


def test_what_does_not_fit_the_estate_is_refused_fault_by_fault(here):
    with pytest.raises(Invalid) as refused:
        here.posts("cao", wording=replace(SHOPPING, text="  ", place_id="street"))
    assert len(refused.value.problems) == 2
    with pytest.raises(NotFound):
        here.board.post("elsewhere", Side.OFFER, Good.TIME, SHOPPING, viewer("cao"))


def test_nobody_fills_the_board(here):
    for number in range(MAX_OPEN):
        here.posts("cao", wording=replace(SHOPPING, text=f"帮买菜 {number}"))
    with pytest.raises(Conflict, match="withdraw one first"):
        here.posts("cao")
    here.posts("eve")


def test_a_listing_goes_on_where_it_ended(here):
    posted = [here.posts("cao", wording=replace(SHOPPING, text=f"帮买菜 {n}")).id for n in range(5)]
    seen, before = [], None
    while True:
        page = here.board.listed(ESTATE, Side.OFFER, viewer("eve"), limit=2, before=before)
        seen += page.items
        if not page.more:
            break
        before = (seen[-1].posted_at, seen[-1].id)
    assert [one.id for one in seen] == posted[::-1]


def test_a_claimed_small_task_is_credited_when_another_confirms_it(here):
    need = here.posts("eve", Side.NEED)
    task = here.asks(wanted=2, need_id=need.id)
    here.small_tasks.claim(task.id, viewer("cao"))
    here.small_tasks.claim(task.id, viewer("ann"))
    here.small_tasks.finish(task.id, viewer("cao"))
    assert here.balance("cao") == 0
    with pytest.raises(NotAllowed, match="never confirms"):
        here.small_tasks.confirm(task.id, viewer("ann"))
    here.small_tasks.confirm(task.id, viewer("manager"))
    assert (here.balance("cao"), here.balance("ann"), here.balance("manager")) == (5, 5, 0)
    assert here.board.read(need.id, Side.NEED, viewer("eve")).met_at is not None
    kinds = [entry.kind for entry in here.ledger()]
    assert kinds[-4:] == [Kind.NEED_MET, Kind.CREDIT_TABLE_PUBLISHED, Kind.CREDIT_GRANTED, Kind.CREDIT_GRANTED]
    assert verify(here.ledger()) is None
    with pytest.raises(Conflict):
        here.small_tasks.confirm(task.id, viewer("manager"))


def test_a_patrol_is_claimed_in_the_same_way_and_is_prevention(here):
    task = here.asks(SmallTaskKind.PATROL)
    here.small_tasks.claim(task.id, viewer("eve"))
    here.small_tasks.finish(task.id, viewer("eve"))
    here.small_tasks.send_back(task.id, viewer("manager"))
    here.small_tasks.finish(task.id, viewer("eve"))
    here.small_tasks.confirm(task.id, viewer("clerk"))
    statement = here.credit.statement(ESTATE, viewer("eve"), limit=5).entries
    assert [(entry.act, entry.points) for entry in statement] == [("patrol", 10)]


def test_small_tasks_are_posted_by_organisations_and_can_be_given_back_and_withdrawn(here):
    with pytest.raises(NotAllowed, match="post a need instead"):
        here.small_tasks.post(ESTATE, SmallTaskKind.SMALL_TASK, SHOPPING, viewer("cao"))
    for bad in ({"wanted": 11}, {"need_id": "none"}):
        with pytest.raises(Invalid):
            here.asks(**bad)
    task = here.asks()
    here.small_tasks.claim(task.id, viewer("cao"))
    assert here.small_tasks.release(task.id, viewer("cao")).state is SmallTaskState.OPEN
    here.small_tasks.withdraw(task.id, viewer("manager"))
    assert here.small_tasks.listed(ESTATE, viewer("cao"), over=False, limit=5).items == []
    assert [t.id for t in here.small_tasks.listed(ESTATE, viewer("cao"), over=True, limit=5).items] == [task.id]
    with pytest.raises(NotFound):
        here.small_tasks.read(task.id, replace(viewer("cao"), estates=("elsewhere",)))


def test_who_has_seen_an_older_state_does_not_overwrite_a_newer_one(here):
    task = here.asks(wanted=2)
    with here.units.reading() as uow:
        seen = uow.exchange.small_task(task.id)
    here.small_tasks.claim(task.id, viewer("cao"))
    with here.units.writing() as uow, pytest.raises(Conflict, match="Somebody else"):
        uow.exchange.save_small_task(seen)


def test_without_credit_a_confirmation_earns_nothing(here):
    alone = SmallTasks(here.units, here.clock, CountingIds(), regulated_work)
    task = here.asks()
    alone.claim(task.id, viewer("cao"))
    alone.finish(task.id, viewer("cao"))
    alone.confirm(task.id, viewer("manager"))
    assert here.balance("cao") == 0


def test_every_fact_of_the_board_has_a_sentence_in_both_languages(here):
    kinds = [kind for kind in Kind if kind.split(".")[0] in {"offer", "need", "small-task", "credit"}]
    assert len(kinds) == 19
    facts = {"act": "patrol", "party": "property", "points": 3}
    for kind in kinds:
        told = narrative.sentence(replace(here.ledger()[-1], kind=kind, data=facts), register())
        assert told.zh != kind != told.en
        assert "{" not in told.zh + told.en
