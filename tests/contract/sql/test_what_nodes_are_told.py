"""Configurations and commands are kept alike in memory and in SQL."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cloud.domain.fleet.configuration import Configuration, Origin, Outcome
from cloud.domain.fleet.order import Order, OrderState

NOW = datetime(2026, 5, 12, 8, 30, tzinfo=UTC)


def version(number, node="n1", **changes):
    plain = Configuration("example", node, number, "d" * 64, '{"version": 1}', Origin.CLOUD, "member:m", NOW, "why")
    return replace(plain, **changes)


def order(ident, node="n1", **changes):
    plain = Order(
        ident, "example", node, "boot", "identify", "member:m", NOW, NOW + timedelta(minutes=1), {"seconds": 5.0}
    )
    return replace(plain, **changes)


@pytest.fixture
def keep(units):
    def keep(*things):
        with units.writing() as uow:
            for thing in things:
                (uow.configurations if isinstance(thing, Configuration) else uow.orders).save(thing)
            uow.commit()
        return units

    return keep


def test_versions_come_back_as_they_were_kept_newest_first(keep):
    answered = version(2, outcome=Outcome.REFUSED, detail="线路 4 被占用", answered_at=NOW, told_at=NOW)
    own = version(1, origin=Origin.NODE)
    with keep(own, answered, version(9, "n2")).reading() as uow:
        assert list(uow.configurations.of("example", "n1")) == [answered, own]
        assert uow.configurations.latest("example", "n1") == answered
        assert uow.configurations.get("example", "n1", 1) == own
        assert uow.configurations.get("example", "n1", 3) is None
        assert uow.configurations.latest("example", "n3") is None
        assert len(uow.configurations.of("example", "n1", limit=1)) == 1
        assert list(uow.configurations.of("example", "n1", before=answered.version)) == [own]


def test_only_the_latest_of_a_node_is_to_be_told_and_telling_settles_the_older(keep):
    units = keep(version(1), version(2), version(1, "n2", told_at=NOW), version(5, "n3"))
    with units.writing() as uow:
        assert {(one.node_id, one.version) for one in uow.configurations.untold()} == {("n1", 2), ("n3", 5)}
        uow.configurations.told(version(2), NOW)
        assert [one.node_id for one in uow.configurations.untold()] == ["n3"]
        assert uow.configurations.get("example", "n1", 1).told_at == NOW
        uow.configurations.save(version(3))
        uow.configurations.told(version(2), NOW)
        assert {one.node_id for one in uow.configurations.untold()} == {"n1", "n3"}


def test_commands_come_back_and_what_expired_is_not_told(keep):
    late = order("b", at=NOW + timedelta(seconds=1), outcome=OrderState.DONE, detail="好", answered_at=NOW)
    units = keep(order("a"), late, order("c", "n2", expires_at=NOW), order("d", "n2", told_at=NOW))
    with units.writing() as uow:
        assert list(uow.orders.of("example", "n1")) == [late, order("a")]
        assert list(uow.orders.of("example", "n1", before=(late.at, late.id))) == [order("a")]
        assert uow.orders.get("a") == order("a")
        assert uow.orders.get("z") is None
        assert [one.id for one in uow.orders.untold(NOW)] == ["a", "b"]
        uow.orders.told(order("a"), NOW)
        assert [one.id for one in uow.orders.untold(NOW)] == ["b"]


def test_what_an_incident_asked_for_and_no_node_answered_is_found_until_it_is_noted(keep):
    late = NOW + timedelta(minutes=1)
    asked = order("a", action="mute", arguments={"incident": "i1"})
    units = keep(
        asked,
        order("b"),
        order("c", action="mute", outcome=OrderState.DONE),
        order("d", action="unmute", expires_at=late + timedelta(seconds=1)),
    )
    with units.reading() as uow:
        assert list(uow.orders.lapsed(late)) == [asked]
        assert list(uow.orders.lapsed(NOW)) == []
    with keep(order("a", action="mute", outcome=OrderState.UNANSWERED)).reading() as uow:
        assert list(uow.orders.lapsed(late)) == []
