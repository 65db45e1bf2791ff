"""Several agents in one process, on an injected clock that runs faster, as the simulator runs them."""

import asyncio
import contextlib

import pytest
from gpiozero.pins.pigpio import PiGPIOFactory

from edge.adapters.gpio import open_pin_factory
from edge.bootstrap import build_agent
from edge.errors import BoardError
from edge.settings import BoardSection, settings_from
from firmware_sim.board import VirtualBoard
from firmware_sim.mock_board import MockBoard
from firmware_sim.pigpio_server import served_in_thread
from tests.fakes.edge_clock import FastClock
from tests.fakes.edge_cloud import StoringCloud
from tests.fakes.mosquitto import Mosquitto

pytestmark = [pytest.mark.mosquitto]


@pytest.fixture
def broker(tmp_path):
    mosquitto = Mosquitto(tmp_path).start()
    yield mosquitto
    mosquitto.kill()


@pytest.fixture
def cloud(broker):
    storing = StoringCloud(broker.port)
    yield storing
    storing.close()


def settings(folder, broker, name: str, **board):
    document = {
        "node": {"estate": "example", "name": name},
        "broker": {"host": "127.0.0.1", "port": broker.port},
        "outbox": {"path": f"{name}.db"},
        "board": board or {"pin_factory": "mock"},
        "config": {
            "equipment": [
                {
                    "kind": "smoke_detector",
                    "id": f"{name}/smoke",
                    "alarm_relay": {"pin": 19},
                    "obscuration": {"channel": 0, "at_full": 1.0},
                },
                {
                    "kind": "access_gate",
                    "id": f"{name}/gate",
                    "contact": {"pin": 4, "active": "high"},
                    "rex": {"pin": 5},
                },
            ],
            "outputs": [{"id": "siren", "purpose": "siren", "pin": 24, "fail_safe": "off"}],
            "reflexes": [
                {"id": "sound", "when": [{"equipment": f"{name}/smoke", "hazard": "fire.smoke"}], "outputs": ["siren"]}
            ],
        },
    }
    return settings_from(document, folder / "node.toml")


async def come_true(condition, seconds: float = 15.0):
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in other processes
            await asyncio.sleep(0.01)


async def stopped(agent, running) -> None:
    agent.stop()
    async with asyncio.timeout(10):
        await running


async def test_two_agents_on_mock_boards_at_sixty_times_the_speed(tmp_path, broker, cloud):
    clock = FastClock(60.0)
    boards = [MockBoard(), MockBoard()]
    for board in boards:
        board.drive_low(4)
    agents = [
        build_agent(settings(tmp_path, broker, name), clock=clock, pin_factory=board.factory)
        for name, board in zip(("n1", "n2"), boards, strict=True)
    ]
    running = [asyncio.create_task(agent.run()) for agent in agents]
    await come_true(lambda: len(cloud.presence) == 2)
    boards[0].set_voltage(0, 1.0)
    await come_true(lambda: any(event["hazard"] == "fire.smoke" for event in cloud.events("alarm.raised")))
    assert boards[0].output(24) is True
    assert not boards[1].output(24)
    boards[1].drive_low(5)
    await come_true(lambda: cloud.events("access.granted"))
    boards[1].let_go(5)
    boards[1].let_go(4)
    await come_true(lambda: any(event["hazard"] == "access.held-open" for event in cloud.events("alarm.raised")))
    assert {event["equipment"] for event in cloud.events("alarm.raised")} >= {"n1/smoke", "n2/gate"}
    for agent, task in zip(agents, running, strict=True):
        await stopped(agent, task)
    assert [one["reason"] for one in cloud.presence if one["state"] == "offline"] == ["stopped", "stopped"]
    assert cloud.gaps() == []


async def test_two_boards_at_one_address_keep_their_converters_apart(tmp_path, broker, cloud):
    boards = [VirtualBoard(), VirtualBoard()]
    with served_in_thread(*boards) as servers:
        for board, volts in zip(boards, (0.0, 3.3), strict=True):
            board.drive_low(4)
            board.set_voltage(0, volts)
        clock = FastClock(10.0)
        factories = [PiGPIOFactory(host="127.0.0.1", port=server.port) for server in servers]
        agents = [
            build_agent(settings(tmp_path, broker, name), clock=clock, pin_factory=factory)
            for name, factory in zip(("n1", "n2"), factories, strict=True)
        ]
        running = [asyncio.create_task(agent.run()) for agent in agents]
        await come_true(lambda: cloud.values("n1/smoke/obscuration-per-metre"))
        await come_true(lambda: cloud.values("n2/smoke/obscuration-per-metre"))
        assert set(cloud.values("n1/smoke/obscuration-per-metre")) == {0.0}
        assert set(cloud.values("n2/smoke/obscuration-per-metre")) == {1.0}
        for agent, task in zip(agents, running, strict=True):
            await stopped(agent, task)
        for factory in factories:
            notify = factory.connection._notify
            factory.close()
            notify.join(5)


async def test_a_board_that_goes_away_takes_its_agent_down_with_a_word(tmp_path, broker):
    board = VirtualBoard()
    board.drive_low(4)
    with served_in_thread(board) as [server]:
        factory = open_pin_factory(BoardSection(pin_factory="pigpio", port=server.port))
        notify = factory.connection._notify
        agent = build_agent(settings(tmp_path, broker, "n1"), clock=FastClock(10.0), pin_factory=factory)
        running = asyncio.create_task(agent.run())
        await come_true(lambda: board.output(24) is not None)
        server.cut()
        with pytest.raises(ExceptionGroup) as caught:
            async with asyncio.timeout(15):
                await running
        assert caught.group_contains(BoardError)
        with contextlib.suppress(OSError):
            factory.close()
        notify.join(5)
        assert not notify.is_alive(), "it would read the end of its connection for as long as the tests run"


async def test_a_disk_that_cannot_be_used_stops_no_alarm(tmp_path, broker, cloud, caplog):
    (tmp_path / "no-folder").write_text("a file where a folder should be")
    broken = settings(tmp_path, broker, "n1")
    broken = broken.model_copy(
        update={"outbox": broken.outbox.model_copy(update={"path": tmp_path / "no-folder" / "outbox.db"})}
    )
    board = MockBoard()
    board.drive_low(4)
    agent = build_agent(broken, clock=FastClock(10.0), pin_factory=board.factory)
    running = asyncio.create_task(agent.run())
    await come_true(lambda: cloud.presence)
    board.drive_low(19)
    await come_true(lambda: cloud.events("alarm.raised"))
    assert board.output(24) is True
    assert any("nothing survives a restart" in record.message for record in caplog.records)
    await stopped(agent, running)
