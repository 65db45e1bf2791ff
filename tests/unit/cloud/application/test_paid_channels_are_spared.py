"""Repeats of one task do not wear a member out, a runaway does not empty the account, and danger to life always gets through."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.adapters.sql import SqlUnitsOfWork, open_engine, upgrade
from cloud.application.notices.sparing import Sparing
from cloud.domain.duties.escalation import Importance
from cloud.domain.records.allowance import WINDOW, Allowance, Spared, Spent
from cloud.domain.records.notification import Reason
from tests.fakes.channels import FakeChannel, reach, sender, sends_all
from tests.fakes.clocks import START
from tests.fakes.scene import Scene
from tests.fakes.units import FakeUnitsOfWork

SPARING = Sparing(frozenset({"sms"}), Allowance(per_member=2, per_day=6, per_day_life_safety=8))


@pytest.fixture(params=["memory", "sqlite"])
def scene(request, tmp_path):
    if request.param == "memory":
        yield Scene(FakeUnitsOfWork())
        return
    engine = open_engine(f"sqlite:///{tmp_path / 'state.db'}")
    upgrade(engine)
    yield Scene(SqlUnitsOfWork(engine))
    engine.dispose()


def lines(scene, kind, member="technician"):
    found = [line for line in scene.ledger() if line.kind == kind and line.data.get("member") == member]
    return [line.data.get("reason") for line in found]


def repeats(scene, number, importance=Importance.HIGH):
    """As if something kept asking the lift firm about its first task."""
    with scene.units.writing() as uow:
        first = uow.outbox.of_task(scene.board()[0].id)[0]
        now = scene.clock.now()
        again = [
            replace(
                first, id=f"{first.id[:-4]}{n:04}", reason=Reason.ESCALATED, importance=importance, created_at=now,
                party_id="lift-firm", addressed_at=None, second_at=None, withdrawn_at=None,
            )
            for n in range(1, number + 1)
        ]  # fmt: skip
        uow.outbox.put(again)
        uow.commit()


def test_a_member_is_told_of_one_task_so_often_in_ten_minutes_and_the_rest_waits(scene):
    sms = FakeChannel()
    reach(scene.units, "technician", "sms:1")
    scene.rings("lift.door-fault", "b1/lift-1")
    repeats(scene, 5)
    send = sender(scene, {"sms": sms}, sparing=SPARING)
    sends_all(send)
    assert sms.addresses == ["1", "1"]
    assert lines(scene, "notification.held") == ["told_often_enough"] * 4
    told = [one.text for one in scene.incident(scene.board()[0]).timeline if one.kind == "notification.held"]
    assert told[0].en.endswith("waits: told often enough in the last ten minutes")
    assert "十分钟内已多次通知" in told[0].zh
    scene.clock.advance(minutes=9)
    sends_all(send)
    assert len(sms.delivered) == 2
    scene.clock.advance(minutes=1, seconds=1)
    sends_all(send)
    assert len(sms.delivered) == 4
    assert len(lines(scene, "notification.held")) == 4, "that it still waits is not said again and again"


def test_what_costs_nothing_takes_over_from_what_does(scene):
    sms, mail = FakeChannel(), FakeChannel()
    reach(scene.units, "technician", "sms:1", "email:t@example.org")
    scene.rings("lift.door-fault", "b1/lift-1")
    repeats(scene, 5)
    sends_all(sender(scene, {"sms": sms, "email": mail}, sparing=SPARING))
    assert (len(sms.delivered), len(mail.delivered)) == (2, 4)


def test_a_runaway_does_not_empty_the_account_and_the_ladder_does_not_wait_for_it(scene):
    sms = FakeChannel()
    for number, member in enumerate(("technician", "foreman", "manager", "guard")):
        reach(scene.units, member, f"sms:{number}")
    for number, lift in enumerate(("b1/lift-1", "b1/lift-2")):
        for hazard in ("lift.door-fault", "lift.out-of-service"):
            scene.rings(hazard, lift)
            scene.clock.advance(seconds=number)
    sends_all(sender(scene, {"sms": sms}, sparing=SPARING))
    assert len(sms.delivered) == 6
    spent = [line for line in scene.ledger() if line.data.get("reason") == "allowance_spent"]
    assert spent
    assert all(line.kind == "notification.not-sent" for line in spent)


def test_danger_to_life_is_not_counted_against_the_member_and_its_first_message_always_goes(scene):
    sms = FakeChannel()
    reach(scene.units, "technician", "sms:1")
    scene.rings("lift.entrapment", "b1/lift-1")
    repeats(scene, 5, Importance.EMERGENCY)
    send = sender(scene, {"sms": sms}, sparing=SPARING)
    sends_all(send)
    assert len(sms.delivered) == 6, "where life is at stake repeats go on"
    spent = Sparing(frozenset({"sms"}), Allowance(per_member=1, per_day=1, per_day_life_safety=1))
    scene.clock.advance(minutes=1)
    scene.rings("lift.entrapment", "b1/lift-2")
    sends_all(sender(scene, {"sms": sms}, sparing=spent))
    assert len(sms.delivered) == 7, "the account is spent, but this is the first message about it"


def test_the_rule_itself():
    rule = Allowance(per_member=2, per_day=5, per_day_life_safety=9)
    often = tuple(START + timedelta(minutes=n) for n in (0, 1, 2))
    assert rule.refusal(Spent(), life_safety=False) is None
    assert rule.refusal(Spent(often, 3, first=False), life_safety=False) is Spared.MEMBER
    assert rule.free_at(Spent(often, 3, first=False)) == START + timedelta(minutes=1) + WINDOW
    assert rule.refusal(Spent(often, 5, first=False), life_safety=False) is Spared.ACCOUNT
    assert rule.refusal(Spent(often, 8, first=False), life_safety=True) is None
    assert rule.refusal(Spent(often, 9, first=False), life_safety=True) is Spared.ACCOUNT
    assert rule.refusal(Spent((), 10_000, first=True), life_safety=True) is None
