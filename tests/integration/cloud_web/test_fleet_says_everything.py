"""Everything a node reports of itself is on the fleet page, or it is named here why it is not."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from pydantic import BaseModel

from cloud.domain.fleet.node import Node
from cloud.entrypoints.web.node_health import offset, sized
from schemas.batch import ClockState
from schemas.presence import ActiveOccurrence, Born, Died, Health, Numbered, StreamDepth

BOOT = "0197a600-0000-7000-8000-0000000000b7"
BOX, OLD = "0197a600-0000-7000-8000-0000000000aa", "0197a600-0000-7000-8000-0000000000ab"
POINT = "b3/lift-1.car-position"
HEALTH = Health(
    boot=BOOT, t=1764200000.0, mono=93600.0,
    events=StreamDepth(batches=3, records=17, oldest_age_s=75.0),
    telemetry=StreamDepth(batches=400, records=8000, oldest_age_s=7500.0),
    numbering=[Numbered(outbox=box, stream="events", given=9, oldest=7) for box in (BOX, OLD)],
    outage_hours_left=31.0, outbox_bytes=61_000_000, outbox_quota_bytes=512_000_000, disk_free_bytes=29_400_000_000,
    bytes_written_per_day=412e6, card_years_left=6.24, temperature_c=71.6, under_voltage=True,
    clock=ClockState.SYNCHRONISED, clock_offset_s=0.8, card_key="0a1b2c3d", card_key_age_s=20 * 86400.0,
    stale_points={"b3/smoke-1.status": 195.0, POINT: 4000.0},
    active=[
        ActiveOccurrence(
            occurrence="0197a600-0000-7000-8000-0000000000c1", rule="b3/lift-1/x", hazard="lift.entrapment",
            severity="critical", equipment="b3/lift-1",
        )
    ],
)  # fmt: skip
BEHIND = "what it says of its batches is held against what is stored: Missing and Lost"
THEIRS = "alarms are incidents, shown to whom they concern; here they are counted"
SHOWN = {
    Health: {
        "boot": "Booted 1 d ago 0197a600", "mono": "Booted 1 d ago", "t": "Said just now",
        "events": "Events that wait 3 batches, 17 records · the oldest for 1 min 15 s",
        "telemetry": "Telemetry that waits 400 batches, 8000 records · the oldest for 2 h 5 min",
        "numbering": "Older stores of which something waits 1", "outage_hours_left": "31 h left",
        "outbox_bytes": "61 MB of", "outbox_quota_bytes": "of 512 MB", "disk_free_bytes": "Free on its disk 29.4 GB",
        "bytes_written_per_day": "Written a day 412 MB", "card_years_left": "card: 6.2 years", "temperature_c": "72 °C",
        "under_voltage": "under-voltage", "clock": "synchronised", "clock_offset_s": "+0.8 s behind its reference",
        "card_key": "Card key 0a1b2c3d", "card_key_age_s": "0a1b2c3d , 20 d",
        "stale_points": "Points not observed: 2", "active": "Alarms that stand there 1",
    },
    Born: {
        "agent_version": "1.2.3", "config_version": "42", "clock": "synchronised", "boot": "0197a600", "mono": "Booted",
        "connection": "Connected 2 h ago",
    },
    Died: {"reason": "Last words connection lost 3 h ago"},
}  # fmt: skip
NOT_SHOWN = {
    Born: {
        "state": "it is what a birth is", "outbox": BEHIND, "config_hash": "whether it is in force is said in words",
        "t": "how far its clock is off is said", "equipment": "it stands in its configuration, one tap away",
        "active": THEIRS,
    },
    Died: {
        "state": "it is what a death is", "boot": "only the death of the connection that is known counts",
        "connection": "as above",
    },
    StreamDepth: {},
    Numbered: dict.fromkeys(Numbered.model_fields, BEHIND),
    ActiveOccurrence: dict.fromkeys(ActiveOccurrence.model_fields, THEIRS),
}  # fmt: skip


@pytest.fixture
def shown(house, manager):
    """The page's text, after a node has said all that."""

    def page(language="en", **other):
        now = house.clock.now()
        health = HEALTH.model_copy(update=other).model_dump(mode="json")
        with house.units.writing() as uow:
            node = Node(
                "example", "b3-gateway", outbox=BOX, boot=BOOT, connection=4, agent_version="1.2.3", config_version=42,
                clock="synchronised", born_at=now - timedelta(hours=2), died_at=now - timedelta(hours=3), farewell=False,
                health=health, health_at=now,
            )  # fmt: skip
            node.hear(now)
            uow.nodes.save(node)
            uow.commit()
        answer = manager.get("/fleet", params={"lang": language, "named": "b3-gateway"})
        assert answer.status_code == 200
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))

    return page


@pytest.mark.parametrize("model", [Health, Born, Died])
def test_every_field_of_what_it_says_is_shown_or_named_with_why_not(shown, model: type[BaseModel]):
    named = SHOWN[model].keys() | NOT_SHOWN.get(model, {}).keys()
    assert set(model.model_fields) == named, "show the new one on the fleet page, or say here why not"
    page = shown()
    missing = {field: said for field, said in SHOWN[model].items() if said not in page}
    assert not missing, page


def test_what_is_said_within_is_shown_too_or_named_with_why_not():
    assert StreamDepth.model_fields.keys() == {"batches", "records", "oldest_age_s"}, "the page shows these three"
    assert Numbered.model_fields.keys() == NOT_SHOWN[Numbered].keys()
    assert ActiveOccurrence.model_fields.keys() == NOT_SHOWN[ActiveOccurrence].keys()


def test_which_points_are_stale_and_for_how_long_the_longest_first(shown):
    page = shown()
    assert f"Not observed {POINT} 1 h 6 min b3/smoke-1.status 3 min 15 s" in page
    assert "points not observed 1" in page, "counted among the nodes' conditions"
    assert "2 个测点未观测到" in shown("zh")


def test_who_does_not_look_after_machines_is_told_how_many_and_not_which(house, manager, shown):
    assert POINT in shown()
    manager.cookies.set("tocsin_session", house.session_of("technician"))
    page = shown()
    assert "Points not observed: 2" in page
    assert POINT not in page


@pytest.mark.parametrize(
    ("said", "condition"),
    [
        ({"outbox_bytes": 470_000_000}, "storage nearly full"),
        ({"disk_free_bytes": 100_000_000}, "storage nearly full"),
        ({"clock_offset_s": -4.2}, "clock off"),
        ({"clock": ClockState.UNSYNCHRONISED}, "clock off"),
    ],
)
def test_what_is_to_be_looked_after_is_counted(shown, said, condition):
    quiet = {"stale_points": {}, "under_voltage": False}
    assert condition not in shown(**quiet)
    assert f"{condition} 1" in shown(**{**quiet, **said})


def test_the_interface_says_the_same(house, manager, shown):
    shown()
    (report,) = [one for one in manager.get("/api/v1/nodes").json() if one["node"]["id"] == "b3-gateway"]
    node = report["node"]
    assert Health.model_fields.keys() <= node["health"].keys()
    assert (node["farewell"], node["health"]["stale_points"][POINT]) == (False, 4000.0)
    assert all(node[when] for when in ("health_at", "born_at", "booted_at", "died_at"))


def test_sizes_and_offsets_are_told_as_people_read_them():
    assert [sized(n) for n in (12, 4_200, 61e6, 512e6, 2.94e10, 1.2e12)] == [
        "12 B", "4 kB", "61 MB", "512 MB", "29.4 GB", "1200 GB"
    ]  # fmt: skip
    assert [offset(s) for s in (0.8, -0.012, 0.0, 7200.04)] == ["+0.8 s", "−12 ms", "+0 ms", "+7,200.0 s"]
