"""Who watches the service: a URL that hears from it while all is well, and figures that Prometheus scrapes."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from cloud.adapters.heartbeat import UrlHeartbeat
from cloud.adapters.sql import SqlUnitsOfWork
from cloud.adapters.sql.figures import SqlFigures
from cloud.application.asking.figures import Figures
from cloud.application.asking.node_figures import ReadNodeFigures
from cloud.application.timeseries import SECOND, ProjectionAudit, ProjectionLag, to_micros
from cloud.domain.fleet.losses import Losses
from cloud.domain.fleet.progress import Ranges
from cloud.domain.records.webhook import Posting, Webhook
from cloud.entrypoints.figures import ProjectionFigures, StateFigures
from cloud.entrypoints.node_figures import FleetFigures
from cloud.errors import ReadingsUnavailable, Unavailable
from schemas.topics import NodeAddress
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, OUTBOX
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state


class _Watcher(BaseHTTPRequestHandler):
    answer = 200

    def do_GET(self):
        self.server.heard.append(self.path)
        self.send_response(self.server.answer)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def watcher():
    server = HTTPServer(("127.0.0.1", 0), _Watcher)
    server.heard, server.answer = [], 200
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def url_of(server):
    return f"http://127.0.0.1:{server.server_port}/ping/7"


def test_the_watcher_hears_a_beat(watcher):
    UrlHeartbeat(url_of(watcher)).beat()
    assert watcher.heard == ["/ping/7"]


@pytest.mark.parametrize("answer", [404, 500])
def test_a_watcher_that_refuses_was_not_told(watcher, answer):
    watcher.answer = answer
    with pytest.raises(Unavailable, match=str(answer)):
        UrlHeartbeat(url_of(watcher)).beat()


def test_a_watcher_that_is_not_there_was_not_told(watcher):
    address = url_of(watcher)
    watcher.shutdown()
    watcher.server_close()
    with pytest.raises(Unavailable, match=r"heartbeat\.url"):
        UrlHeartbeat(address).beat()


@pytest.fixture
def scene(tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    scene = Scene(SqlUnitsOfWork(engine))
    scene.figures = SqlFigures(engine)
    yield scene
    engine.dispose()


def scraped(reader, scene, **extra):
    registry = CollectorRegistry()
    facts = {"streams": lambda: 3, "ready": lambda: True, **extra}
    StateFigures(reader, scene.clock.now, registry=registry, **facts)
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(generate_latest(registry).decode())
        for sample in family.samples
    }


def test_figures_count_what_is_open_who_is_there_and_what_waits(scene):
    scene.is_born(1)
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.rings("access.forced-open", "b1/door")
    found = scraped(scene.figures, scene)
    assert found["tocsin_tasks", ESTATE, "new", "true"] == 1
    assert found["tocsin_tasks", ESTATE, "false", "new"] == 1
    assert found["tocsin_nodes", ESTATE, "online"] == 1
    assert found["tocsin_ledger_seq", ESTATE] == len(scene.ledger())
    assert found[("tocsin_notifications_waiting",)] == len(scene.told())
    assert found[("tocsin_live_streams",)] == 3
    assert (found[("tocsin_ready",)], found[("tocsin_timers_late_seconds",)]) == (1, 0)


def test_what_other_systems_did_not_take_is_counted(scene):
    with scene.units.writing() as uow:
        uow.webhooks.save(Webhook("w1", ESTATE, "https://example.org/", "whsec_x", "manager", START))
        waits, over, taken = (Posting(f"p{n}", "w1", ESTATE, n, START, START) for n in (1, 2, 3))
        uow.webhooks.post([waits, over.given_up("it answered 410", START), taken.sent(START)])
        uow.commit()
    found = scraped(scene.figures, scene)
    assert found["tocsin_webhook_postings", ESTATE, "waiting"] == 1
    assert found["tocsin_webhook_postings", ESTATE, "given-up"] == 1


def test_timers_that_stand_still_show_by_how_long(scene):
    scene.rings("access.forced-open", "b1/door")
    due = scene.only_task().clocks[0].due_at
    scene.clock.advance(hours=2)
    late = scraped(scene.figures, scene)[("tocsin_timers_late_seconds",)]
    assert late >= (scene.clock.now() - due).total_seconds() > 0
    scene.timers()
    assert scraped(scene.figures, scene)[("tocsin_timers_late_seconds",)] == 0


class Unreadable:
    def figures(self, now) -> Figures:  # noqa: ARG002 - the port asks for it
        raise Unavailable("the database is away")


def test_a_scrape_tells_what_it_can_while_the_state_cannot_be_read(scene):
    found = scraped(Unreadable(), scene, ready=lambda: False)
    assert (found[("tocsin_state_readable",)], found[("tocsin_ready",)]) == (0, 0)


NOTHING_LOST = ProjectionAudit()


def projected(lag, audit=NOTHING_LOST):
    registry = CollectorRegistry()
    ProjectionFigures(lag, lambda: audit, lambda: START, registry)
    found = text_string_to_metric_families(generate_latest(registry).decode())
    return {
        sample.name.removeprefix("tocsin_projection_"): sample.value for family in found for sample in family.samples
    }


def test_how_far_an_engine_is_behind_is_told():
    oldest = to_micros(START) - 90 * SECOND
    told = projected(lambda: ProjectionLag(3, 40, oldest, 2, "connection refused"))
    audited = {
        "windows": 0,
        "windows_checked_total": 0,
        "windows_missing_total": 0,
        "rewritten_total": 0,
        "given_up": 0,
    }
    assert told == {"waiting": 40, "behind_seconds": 90, "refused": 2, "troubled": 1, **audited}
    assert projected(lambda: ProjectionLag(0, 0, None, 0, None)) == dict.fromkeys(told, 0)


def test_what_an_engine_lost_and_was_given_again_is_told():
    told = projected(lambda: ProjectionLag(0, 0, None, 0, None), ProjectionAudit(576, 1000, 3, 4000, 5))
    assert (told["windows"], told["windows_checked_total"], told["windows_missing_total"]) == (576, 1000, 3)
    assert (told["rewritten_total"], told["given_up"]) == (4000, 5)


def test_readings_that_cannot_be_read_leave_the_rest_of_the_scrape_alone():
    def away():
        raise ReadingsUnavailable("the disk is full")

    assert projected(away) == {}


def fleet_scraped(scene):
    registry = CollectorRegistry()
    FleetFigures(ReadNodeFigures(scene.units), scene.clock.now, registry)
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(generate_latest(registry).decode())
        for sample in family.samples
    }


def test_each_node_of_the_register_is_told_of_by_what_it_said_last(scene):
    said = {"temperature_c": 61.5, "card_years_left": 6.5, "outage_hours_left": 30.0, "clock_offset_s": -0.25}
    scene.is_well(**said, under_voltage=True, outbox_bytes=250, telemetry={"batches": 7, "records": 70})
    with scene.units.writing() as uow:
        uow.losses.save(Losses(ESTATE, "b1-node", OUTBOX, "telemetry", Ranges([(2, 4)])))
        uow.commit()
    scene.clock.advance(seconds=30)
    found = fleet_scraped(scene)
    of = (ESTATE, "b1-node")
    expected = {
        "online": 1, "heard_seconds": 30, "outbox_used_ratio": 0.25, "outage_hours_left": 30, "card_years_left": 6.5,
        "clock_offset_seconds": -0.25, "clock_synchronised": 1, "temperature_celsius": 61.5, "under_voltage": 1,
    }  # fmt: skip
    assert {name: found[f"tocsin_node_{name}", *sorted(of)] for name in expected} == expected
    assert found["tocsin_node_outbox_batches", *sorted((*of, "telemetry"))] == 7
    assert found["tocsin_node_lost_batches", *sorted((*of, "telemetry"))] == 3
    assert found["tocsin_node_online", *sorted((ESTATE, "b2-node"))] == 0, "registered, and never heard"


def test_what_a_node_said_long_ago_is_no_figure_of_today(scene):
    scene.is_well(temperature_c=61.5)
    scene.clock.advance(minutes=11)
    names = {key[0] for key in fleet_scraped(scene) if "b1-node" in key}
    assert "tocsin_node_temperature_celsius" not in names
    assert "tocsin_node_heard_seconds" in names


def test_strangers_make_no_series(scene):
    for number in range(20):
        scene.node.address = NodeAddress(ESTATE, f"stray-{number}")
        scene.is_well()
    assert not [key for key in fleet_scraped(scene) if any("stray" in str(part) for part in key)]
