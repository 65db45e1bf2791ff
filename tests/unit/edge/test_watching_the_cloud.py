"""Who watches the watcher: a node that does not hear the cloud says so where somebody is on duty, and on its own page."""

import asyncio
import http.client
import json

import pytest

from edge.adapters.status_asking import ask, told
from edge.adapters.status_page import StatusPage, page
from edge.application.status import Status
from edge.application.watch_cloud import SILENT_AFTER_S, WatchCloud
from edge.errors import StatusPageError
from edge.settings import StatusSection
from schemas.node_config import NodeConfig
from tests.fakes.edge_bench import Bench
from tests.fakes.edge_clock import SteppedClock
from tests.unit.edge.equipment import GATE, detector, gate

BEACON = {"id": "duty", "purpose": "duty_beacon", "pin": 25, "fail_safe": "off"}


def watched(outputs=(BEACON,), reflexes=()):
    node = Bench(detector(), gate(), outputs=list(outputs), reflexes=list(reflexes)).rest().power_on()
    watch = WatchCloud(node.clock, lambda silent, mono: node.observer.cloud_silent(silent=silent, mono=mono))
    return node, watch


def test_two_minutes_without_a_word_light_the_duty_beacon_and_a_word_puts_it_out():
    node, watch = watched()
    with node:
        node.wait(SILENT_AFTER_S - 1)
        watch.look()
        assert node.driven == []
        node.wait(1)
        watch.look()
        watch.look()
        assert [(name, on) for _, name, on in node.driven] == [("duty", True)]
        watch.heard()
        watch.look()
        assert [(name, on) for _, name, on in node.driven] == [("duty", True), ("duty", False)]
        assert [event.cause for event in node.events if event.kind == "reflex.fired"] == ["the cloud is not heard"]


def test_a_reflex_of_ones_own_may_light_something_else_for_it():
    siren = {"id": "siren", "purpose": "siren", "pin": 24, "fail_safe": "off"}
    own = {"id": "mine", "when": [{"cloud": "silent"}], "outputs": ["siren", "duty"]}
    config = NodeConfig.model_validate({"equipment": [gate()], "outputs": [BEACON, siren], "reflexes": [own]})
    assert [reflex.id for reflex in config.effective_reflexes()] == ["mine"]


def test_without_a_duty_beacon_there_is_no_such_reflex():
    assert NodeConfig.model_validate({"equipment": [gate()]}).effective_reflexes() == []


@pytest.mark.parametrize(
    "trigger",
    [
        {"cloud": "silent", "equipment": GATE},
        {"cloud": "silent", "hazard": "fire.smoke"},
        {"point": "open"},
        {"equipment": GATE},
    ],
)
def test_a_trigger_names_one_cause(trigger):
    with pytest.raises(ValueError, match=r"a trigger names either|of a piece of equipment"):
        NodeConfig.model_validate(
            {
                "equipment": [gate()],
                "outputs": [BEACON],
                "reflexes": [{"id": "r", "when": [trigger], "outputs": ["duty"]}],
            }
        )


STATUS = Status(
    node="example/b1-node",
    agent_version="1",
    configuration=3,
    connected=False,
    cloud_silent=True,
    cloud_heard_s_ago=130.0,
    waiting_events=2,
    waiting_batches=40,
    clock="synchronised",
    clock_offset_s=None,
    trouble="disk <full>",
    alarms=("fire.smoke b1/smoke-1",),
    outputs={"duty": True},
)


def test_the_page_says_first_what_is_wrong_in_both_languages_and_escapes_what_it_shows():
    shown = page(STATUS)
    assert "alarms of this node may reach nobody" in shown
    assert "云端无应答" in shown
    assert "disk &lt;full&gt;" in shown
    assert shown.index("The cloud is not heard") < shown.index("Connected to the broker")


class Served:
    """The page on a port of its own."""

    def __init__(self, port: int) -> None:
        self.section = StatusSection(port=port)

    async def _status(self) -> Status:
        return STATUS

    async def __aenter__(self):
        self._task = asyncio.create_task(StatusPage(self.section, self._status).run())
        while not self._task.done():
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.section.port)
            except OSError:
                await asyncio.sleep(0)
                continue
            writer.close()
            return self
        return self

    async def __aexit__(self, *_):
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def request(self, method: str, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.section.port, timeout=5)
        connection.request(method, path)
        answer = connection.getresponse()
        said = answer.status, answer.read().decode()
        connection.close()
        return said


async def test_the_page_answers_and_changes_nothing(unused_tcp_port):
    async with Served(unused_tcp_port) as served:
        status, body = await asyncio.to_thread(served.request, "GET", "/status.json")
        assert (status, json.loads(body)["waiting_batches"]) == (200, 40)
        assert (await asyncio.to_thread(served.request, "GET", "/"))[0] == 200
        assert (await asyncio.to_thread(served.request, "POST", "/"))[0] == 405
        assert (await asyncio.to_thread(served.request, "GET", "/../etc/passwd"))[0] == 404


async def test_nonsense_is_hung_up_on_and_the_next_is_served(unused_tcp_port):
    async with Served(unused_tcp_port) as served:
        for nonsense in (b"\r\n\r\n", b"GET " + b"x" * 100_000, b"\xff\xfe\r\n\r\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", unused_tcp_port)
            writer.write(nonsense)
            writer.write_eof()
            await asyncio.gather(reader.read(), return_exceptions=True)
            writer.close()
        assert (await asyncio.to_thread(served.request, "GET", "/status.json"))[0] == 200


async def test_the_command_line_reads_it_and_says_what_to_do_when_it_cannot(unused_tcp_port):
    async with Served(unused_tcp_port) as served:
        said = told(await asyncio.to_thread(ask, served.section))
    assert "cloud    NOT HEARD (130 s ago)" in said
    assert "TROUBLE  disk <full>" in said
    with pytest.raises(StatusPageError, match="is it running"):
        ask(StatusSection(port=unused_tcp_port))
    with pytest.raises(StatusPageError, match=r"add \[status\]"):
        ask(None)


async def test_a_port_that_is_taken_is_said_in_a_sentence(unused_tcp_port):
    async with Served(unused_tcp_port):
        with pytest.raises(StatusPageError, match="choose another port"):
            await StatusPage(StatusSection(port=unused_tcp_port), lambda: None).run()


def test_the_wait_begins_with_the_start():
    clock = SteppedClock()
    watch = WatchCloud(clock, lambda *_: None)
    watch.look()
    assert (watch.silent, watch.heard_s_ago) == (False, 0.0)
