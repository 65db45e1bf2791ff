"""What every implementation of the outbox and of contacts promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest
from sqlalchemy import text

from cloud.adapters.sql import SqlUnitsOfWork, open_engine, upgrade
from cloud.application.messages import Reader
from cloud.domain.community.contacts import Contact
from cloud.domain.community.faults import fault
from cloud.domain.community.names import Names
from cloud.domain.duties.escalation import Importance
from cloud.domain.records.delivery import Delivery
from cloud.domain.records.failure import coded
from cloud.domain.records.notification import Notification, Reason
from cloud.domain.records.webhook import Posting
from tests.contract.sql.test_units_of_work import LATER, loaded, stored
from tests.contract.sql.test_webhooks_kept import hook
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE

__all__ = ["loaded"]


def notice(number, **extra) -> Notification:
    return replace(
        Notification(
            f"n{number}", ESTATE, "t1", "i1", "property", Reason.ASKED_TO_LEAD, Importance.HIGH,
            Names("烟雾", "Smoke"), Names("1号楼", "Building 1"), START,
        ),
        **extra,
    )  # fmt: skip


def delivery(number, notice="n1", **extra) -> Delivery:
    known = Delivery(f"d{number}", notice, ESTATE, "t1", "i1", "property", "guard", 1, START, START)
    return replace(known, **extra)


@pytest.fixture
def outbox(loaded):
    stored(loaded)
    with loaded.writing() as uow:
        uow.outbox.put([notice(1, phone="119"), notice(2, created_at=LATER)])
        uow.outbox.put([])
        uow.commit()
    return loaded


def test_messages_wait_to_be_addressed_oldest_first(outbox):
    with outbox.writing() as uow:
        assert list(uow.outbox.unsent(START)) == [notice(1, phone="119")]
        assert [item.id for item in uow.outbox.unsent(LATER)] == ["n1", "n2"]
        uow.outbox.save(notice(1, addressed_at=LATER))
        uow.commit()
    with outbox.writing() as uow:
        assert [item.id for item in uow.outbox.unsent(LATER)] == ["n2"]
        uow.outbox.save(notice(2, created_at=LATER, withdrawn_at=LATER, by=Names("物业", "Property")))
        uow.commit()
    with outbox.reading() as uow:
        assert uow.outbox.unsent(LATER) == []
        assert [item.id for item in uow.outbox.of_task("t1")] == ["n1"]
        assert uow.outbox.get("n2").by == Names("物业", "Property")
        assert uow.outbox.get("n3") is None


def test_what_a_channel_carried_is_counted_by_member_and_task_and_by_day(outbox):
    def carried(number, minutes, **extra):
        return delivery(number, channel="sms", sent_at=START + timedelta(minutes=minutes), **extra)

    with outbox.writing() as uow:
        uow.outbox.deliver(
            [
                carried(1, 1), carried(2, 5), carried(3, 5),  # two of them left as one message
                carried(4, 6, member_id="manager"), carried(5, 6, task_id="t2"),
                carried(6, -60 * 24), delivery(7), delivery(8, channel="email", sent_at=START),
            ]
        )  # fmt: skip
        uow.commit()
    with outbox.reading() as uow:
        now = START + timedelta(minutes=11)
        day, window = now - timedelta(days=1), now - timedelta(minutes=10)
        spent = uow.outbox.spent("sms", delivery(9), window, day)
        assert [at - START for at in spent.to_member] == [timedelta(minutes=5)] * 2
        assert (spent.in_day, spent.first) == (4, False)
        other = uow.outbox.spent("sms", delivery(9, member_id="technician"), window, day)
        assert (other.to_member, other.in_day, other.first) == ((), 4, True)
        assert uow.outbox.spent("voice", delivery(9), window, day).in_day == 0


def test_who_reported_lately_and_by_which_key(units):
    with units.writing() as uow:
        key = uow.sources.make_key("print/1", START)
        uow.sources.make_key("device-cookie", START)
        for minutes, source in ((0, "a"), (1, "a"), (2, "b")):
            uow.sources.add(source, START + timedelta(minutes=minutes))
        uow.commit()
    with units.writing() as uow:
        assert (uow.sources.key("print/1"), uow.sources.key("print/2")) == (key, None)
        assert [uow.sources.count(source) for source in ("a", "b", None)] == [2, 1, 3]
        uow.sources.forget(START)
        uow.sources.drop_keys("print/", START)
        assert uow.sources.key("print/1") == key
        uow.sources.drop_keys("print/", LATER)
        uow.commit()
    with units.reading() as uow:
        assert uow.sources.count() == 2
        assert (uow.sources.key("print/1"), len(uow.sources.key("device-cookie"))) == (None, 32)


def test_something_waits_when_it_is_to_be_addressed_sent_or_passed_on(loaded):
    stored(loaded)
    addressed = notice(1, addressed_at=START)
    for notices, deliveries, waits, later in (
        ([], [], False, False),
        ([notice(1)], [], True, True),
        ([notice(1, created_at=LATER)], [], False, True),
        ([notice(1, withdrawn_at=START, second_at=START)], [], False, False),
        ([notice(1, addressed_at=START, second_at=LATER)], [], False, True),
        ([notice(1, addressed_at=START, hurry_at=LATER)], [], True, True),  # hurries whatever the time
        ([addressed], [delivery(1)], True, True),
        ([addressed], [delivery(1, next_attempt_at=LATER)], False, True),
        ([addressed], [delivery(1, held_by="a", held_until=LATER)], False, True),
        ([addressed], [delivery(1, sent_at=START)], False, False),
        ([addressed], [delivery(1, failed_at=START)], False, False),
        ([addressed], [delivery(1, withdrawn_at=START)], False, False),
    ):
        with loaded.writing() as uow:  # not committed, so that each begins with nothing
            uow.outbox.put(notices)
            uow.outbox.deliver(deliveries)
            case = f"{notices} {deliveries}"
            assert (uow.outbox.waits(START), uow.outbox.waits(LATER)) == (waits, later), case
            for now, said in ((START, waits), (LATER, later)):
                whole = uow.outbox.unsent(now) or uow.outbox.second_rounds(now) or uow.outbox.due(now)
                assert said is bool(whole or uow.outbox.hurrying()), case


def test_deliveries_come_back_whole_and_the_most_urgent_first(outbox):
    whole = delivery(
        3, attempts=2, rounds=1, tried=("sms:1", "voice:2"), waited=True, channel="sms", why="down", follow_up="n2",
        call_hash="h", call_until=LATER, answered_at=LATER, urgency=2,
    )  # fmt: skip
    with outbox.writing() as uow:
        uow.outbox.deliver([])
        uow.outbox.deliver([delivery(1), delivery(2, next_attempt_at=LATER, member_id=None), whole])
        uow.commit()
    with outbox.reading() as uow:
        assert list(uow.outbox.due(START)) == [whole, delivery(1)]
        assert [item.id for item in uow.outbox.due(LATER)] == ["d3", "d1", "d2"]
        assert uow.outbox.delivery("d3") == whole == uow.outbox.called("h")
        assert uow.outbox.called("nobody") is None
        assert [item.id for item in uow.outbox.of_notification("n1")] == ["d1", "d2", "d3"]
        assert [item.id for item in uow.outbox.latest(ESTATE, failed=False, limit=2)] == ["d3", "d2"]
        assert [item.id for item in uow.outbox.latest(ESTATE, failed=True, limit=9)] == ["d3"]
        assert [item.id for item in uow.outbox.latest(ESTATE, failed=False, limit=1, before="d3")] == ["d2"]
        assert uow.outbox.latest("elsewhere", failed=False, limit=9) == []
        mine = delivery(1).member_id
        assert "d1" in [item.id for item in uow.outbox.of_member(mine, START, 9)]
        assert len(uow.outbox.of_member(mine, START, 1)) == 1
        assert uow.outbox.of_member(mine, LATER, 9) == uow.outbox.of_member("nobody", START, 9) == []


@pytest.mark.parametrize("over", ["sent_at", "failed_at", "withdrawn_at"])
def test_what_is_over_is_not_due(outbox, over):
    with outbox.writing() as uow:
        uow.outbox.deliver([delivery(1, **{over: START})])
        uow.commit()
    with outbox.reading() as uow:
        assert uow.outbox.due(LATER) == []


def test_what_one_worker_holds_no_other_gets_before_the_claim_runs_out(outbox):
    soon = START + timedelta(seconds=30)
    with outbox.writing() as uow:
        uow.outbox.deliver([delivery(number) for number in (1, 2, 3)])
        uow.commit()
    with outbox.writing() as uow:
        assert [item.id for item in uow.outbox.claim(START, by="one", until=soon, limit=2)] == ["d1", "d2"]
        uow.commit()
    with outbox.writing() as uow:
        assert [item.id for item in uow.outbox.claim(START, by="two", until=soon)] == ["d3"]
        assert not uow.outbox.settle(delivery(1, sent_at=LATER), by="two")
        uow.commit()
    with outbox.writing() as uow:
        uow.outbox.amend(delivery(1, withdrawn_at=None, why="under way"))
        assert uow.outbox.delivery("d1").held_by == "one", "what changes about it does not free it"
        assert [item.id for item in uow.outbox.claim(soon, by="two", until=LATER, limit=1)] == ["d1"]
        assert not uow.outbox.settle(delivery(1, attempts=7), by="one"), "it is another's by now"
        assert uow.outbox.settle(delivery(1, sent_at=LATER), by="two")
        uow.commit()
    with outbox.reading() as uow:
        assert [item.id for item in uow.outbox.due(LATER)] == ["d2", "d3"]


def test_what_one_reader_was_told_is_found_and_theirs_alone_is_claimed(outbox):
    party = delivery(3, member_id=None, sent_at=LATER, summary="m1")
    with outbox.writing() as uow:
        uow.outbox.deliver(
            [
                delivery(1, sent_at=START),
                delivery(2, sent_at=LATER),
                party,
                delivery(4),
                delivery(5, member_id="manager"),
            ]
        )
        uow.commit()
    with outbox.writing() as uow:
        assert [one.id for one in uow.outbox.told_since(Reader("guard"), LATER)] == ["d2"]
        assert list(uow.outbox.told_since(Reader.of(party), LATER)) == [party]
        claimed = uow.outbox.claim(LATER, by="w", until=LATER + timedelta(minutes=1), reader=Reader("guard"))
        assert [one.id for one in claimed] == ["d4"]


def test_a_claim_that_was_not_committed_holds_nothing(outbox):
    with outbox.writing() as uow:
        uow.outbox.deliver([delivery(1)])
        uow.commit()
    with outbox.writing() as uow:
        uow.outbox.claim(START, by="one", until=LATER)
    with outbox.reading() as uow:
        assert [item.id for item in uow.outbox.due(START)] == ["d1"]


def test_a_second_round_is_due_until_it_was_made_or_is_needless(outbox):
    soon = START + timedelta(seconds=45)
    with outbox.writing() as uow:
        uow.outbox.save(notice(1, addressed_at=START, second_at=soon, repeats=3))
        uow.outbox.save(notice(2, addressed_at=START, second_at=LATER, withdrawn_at=START))
        uow.commit()
    with outbox.writing() as uow:
        assert uow.outbox.second_rounds(START) == []
        (due,) = uow.outbox.second_rounds(LATER)
        assert due == notice(1, addressed_at=START, second_at=soon, repeats=3)
        uow.outbox.save(replace(due, second_at=None, widened_at=soon))
        uow.commit()
    with outbox.reading() as uow:
        assert uow.outbox.second_rounds(LATER) == []
        assert uow.outbox.get("n1").widened_at == soon


def test_what_took_a_delivery_is_kept_as_proven_or_not(outbox):
    proven = Contact("guard", "sms", "1", verified_at=START)
    with outbox.writing() as uow:
        uow.outbox.deliver(
            [delivery(1).sent(proven, START), delivery(2).sent(replace(proven, verified_at=None), START)]
        )
        uow.commit()
    with outbox.reading() as uow:
        assert [one.proven for one in uow.outbox.of_notification("n1")] == [True, False]


def test_contacts_are_replaced_as_a_whole_and_come_back_in_order(loaded):
    phone = Contact("guard", "sms", "13800000000", START, 1, time(22), time(7, 30), digest=True)
    mail = Contact("guard", "email", "guard@example.org", preference=0)
    with loaded.writing() as uow:
        assert uow.contacts.of("guard") == []
        uow.contacts.replace("guard", [phone, mail])
        uow.commit()
    with loaded.writing() as uow:
        assert uow.contacts.of("guard") == [mail, phone]
        uow.contacts.replace("guard", [])
        assert uow.contacts.of("guard") == []


def test_contacts_outlive_a_new_register(loaded):
    from tests.fakes.estate import register

    with loaded.writing() as uow:
        uow.contacts.replace("guard", [Contact("guard", "sms", "1")])
        uow.registers.store(register(), "digest-2")
        uow.commit()
    with loaded.reading() as uow:
        assert [contact.address for contact in uow.contacts.of("guard")] == ["1"]


def test_why_something_was_not_taken_is_known_again_with_its_code(outbox):
    slow, busy = fault("too-slow", host="hooks.example", seconds="10"), fault("gateway-answered", status=503)
    with outbox.writing() as uow:
        uow.webhooks.save(hook())
        uow.webhooks.post([Posting(f"p{n}", "w1", ESTATE, n, START, START) for n in (1, 2)])
        first, second = uow.webhooks.claim(START, by="one", until=LATER)
        uow.webhooks.settle(first.failed(slow, START, 0.0), by="one")
        uow.webhooks.settle(second.failed("written before", START, 0.0), by="one")
        uow.outbox.deliver([delivery(1, why=busy)])
        uow.commit()
    with outbox.reading() as uow:
        found = {one.id: coded(one.why) for one in uow.webhooks.postings("w1", failed=True, limit=9)}
        (sent,) = uow.outbox.latest(ESTATE, failed=True, limit=9)
    assert (sent.why, coded(sent.why)) == ("the gateway answered 503", coded(busy))
    assert found == {"p1": coded(slow), "p2": None}


def test_messages_of_before_wait_to_be_addressed_or_were_sent(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'old.db'}")
    upgrade(engine, "0007")
    row = {
        "estate": ESTATE, "task_id": "t1", "incident_id": "i1", "party_id": "property", "reason": "escalated",
        "importance": "high", "channel": "console", "headline_zh": "烟雾", "headline_en": "Smoke", "address_zh": "1号楼",
        "address_en": "Building 1", "created_at": "2026-11-23 03:00:00.000000", "attempts": 1,
    }  # fmt: skip
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        connection.execute(
            text(
                "INSERT INTO incidents (id, estate, matter, mode, hazard, severity, place_id, equipment_id, node_id, "
                "opened_at, late) VALUES ('i1', 'example', 'm', 'real', 'fire.smoke', 'critical', 'p', 'e', 'n', "
                "'2026-11-23 03:00:00.000000', 0)"
            )
        )
        connection.execute(
            text(
                "INSERT INTO tasks (id, estate, incident_id, state, over, life_safety, responsible_id, opened_at, "
                "revision, body) VALUES ('t1', 'example', 'i1', 'new', 0, 1, 'property', '2026-11-23 03:00:00.000000', "
                "1, '{}')"
            )
        )
        for id_, sent_at in (("sent", "2026-11-23 03:00:01.000000"), ("waiting", None)):
            given = {**row, "id": id_, "sent_at": sent_at, "next_attempt_at": row["created_at"]}
            names = ", ".join(given)
            connection.execute(
                text(f"INSERT INTO notifications ({names}) VALUES ({', '.join(f':{n}' for n in given)})"), given
            )
    upgrade(engine)
    with SqlUnitsOfWork(engine).reading() as uow:
        assert [item.id for item in uow.outbox.unsent(START)] == ["waiting"]
        assert uow.outbox.get("sent").addressed_at == START + timedelta(seconds=1)
    engine.dispose()
