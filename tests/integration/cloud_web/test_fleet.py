"""What the fleet page tells of a node's machine, from what the node said of itself; a node may say anything."""

from __future__ import annotations

import pytest

from cloud.domain.fleet.losses import Losses
from cloud.domain.fleet.node import Node
from cloud.domain.fleet.progress import Progress, Ranges


@pytest.fixture
def fleet(house, manager):
    """The page, after a node has reported this health."""

    def page(health, language="en"):
        with house.units.writing() as uow:
            node = Node("example", "b3-gateway", boot="boot", health=health)
            node.hear(house.clock.now())
            uow.nodes.save(node)
            uow.commit()
        answer = manager.get("/fleet", params={"lang": language})
        assert answer.status_code == 200
        return answer.text

    return page


def test_it_tells_how_long_the_card_lasts_and_how_the_machine_is(fleet):
    health = {"card_years_left": 6.24, "bytes_written_per_day": 412e6, "temperature_c": 71.6, "under_voltage": True}
    page = fleet({**health, "outage_hours_left": 31.0})
    for said in ("card: 6.2 years", "412 MB", "72 °C", "under-voltage", "31 h left"):
        assert said in page
    assert "存储卡寿命：6.2 年" in fleet(health, "zh")


def test_what_is_lost_is_told_apart_from_what_is_missing(house, manager, fleet):
    with house.units.writing() as uow:
        progress = Progress("example", "b3-gateway", "box", "events", Ranges([(1, 3), (6, 6), (9, 9)]))
        uow.batches.save(progress)
        uow.losses.save(Losses("example", "b3-gateway", "box", "events", lost=Ranges([(4, 5)])))
        uow.commit()
    page = fleet({})
    assert "<strong>2</strong> + 0" in page
    assert "2 missing" in page
    assert "暂缺 2" in fleet({}, "zh")
    (report,) = [one for one in manager.get("/api/v1/nodes").json() if one["node"]["id"] == "b3-gateway"]
    told = {name: report["node"][name] for name in ("stored", "duplicate", "late", "void", "missing", "lost")}
    assert told == {"stored": 5, "duplicate": 0, "late": 0, "void": 0, "missing": 2, "lost": 2}
    assert report["telemetry"]["lost"] == 0


@pytest.mark.parametrize("health", [{}, {"card_years_left": "many", "temperature_c": {}, "under_voltage": "no"}])
def test_what_was_not_said_or_is_nonsense_is_not_shown(fleet, health):
    page = fleet(health)
    assert "under-voltage" not in page
    assert "card:" not in page
    assert "°C" not in page
