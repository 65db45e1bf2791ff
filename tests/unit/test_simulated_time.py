"""One time for all: it stands still, wakes sleepers in order, and holds threads no shorter than it promised."""

import asyncio
import threading

from deploy.conductor import Conductor
from deploy.node_files import Address
from deploy.simulated_time import SimulatedTime
from firmware_sim.building import TICK_S
from firmware_sim.time_server import TimeServer


def test_time_stands_still_until_it_is_moved_and_sleepers_wake_in_the_order_of_their_times():
    async def story() -> list[tuple[str, float]]:
        clock, woken = SimulatedTime(10.0), []

        async def sleep(name: str, seconds: float) -> None:
            await clock.sleep(seconds)
            woken.append((name, round(clock.mono(), 3)))

        tasks = [asyncio.create_task(sleep(name, s)) for name, s in (("late", 0.3), ("soon", 0.1), ("given up", 0.2))]
        await asyncio.sleep(0.01)  # Real time passes, which must move nothing.
        assert clock.mono() == 0.0
        tasks[2].cancel()
        for _ in range(8):
            clock.advance()
            clock.wake()
            await asyncio.sleep(0)
        await asyncio.gather(*tasks, return_exceptions=True)
        return woken

    assert asyncio.run(story()) == [("soon", 0.1), ("late", 0.3)]


def test_a_thread_waits_for_simulated_seconds_and_is_woken_by_its_event():
    clock, event, answers = SimulatedTime(1000.0), threading.Event(), []
    waiting = threading.Thread(target=lambda: answers.append(clock.wait(event, 1.0)))
    waiting.start()
    waiting.join(0.05)
    assert waiting.is_alive(), "a thousandth of a second has long passed, but no simulated time has"
    for _ in range(round(1.0 / TICK_S)):
        clock.advance()
    waiting.join(5)
    event.set()
    assert answers == [False]
    assert clock.wait(event, 60.0)


def test_a_conductor_takes_the_estate_along_and_waits_while_its_loop_is_busy():
    async def story() -> tuple[list[int], float, float, float]:
        visited: list[int] = []

        def advance(tick: int) -> tuple[int, int]:
            visited.append(tick)
            return tick, 0

        server, clock = TimeServer(advance), SimulatedTime(50.0)
        conductor = Conductor(clock)
        port = await server.start("127.0.0.1", 0)
        server.begin()
        running = asyncio.create_task(conductor.run())
        epoch = await conductor.join(Address("127.0.0.1", port))
        began = clock.wall()
        while conductor.estate_s < 0.5:  # noqa: ASYNC110 - a count, not an event
            await asyncio.sleep(0)
        before = clock.mono()
        threading.Event().wait(0.2)
        busy = clock.mono() - before
        while conductor.behind_s < 0.1:  # noqa: ASYNC110 - a count, not an event
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        conductor.close()
        await server.stop()
        return visited, epoch - began, busy, conductor.behind_s

    visited, ahead, busy, behind = asyncio.run(asyncio.wait_for(story(), 30))
    assert visited[:3] == [0, 1, 2]
    assert visited == list(range(len(visited))), "not a tick is leapt over, however late it is"
    assert ahead == 0.0
    assert busy == 0.0
    assert behind >= 0.1


def test_the_estate_is_not_asked_to_begin_before_it_can():
    async def story() -> bool:
        server = TimeServer(lambda tick: (tick, 0))
        port = await server.start("127.0.0.1", 0)
        conductor = Conductor(SimulatedTime(1.0))
        joining = asyncio.create_task(conductor.join(Address("127.0.0.1", port)))
        early, _ = await asyncio.wait([joining], timeout=0.1)
        server.begin()
        await joining
        conductor.close()
        await server.stop()
        return not early

    assert asyncio.run(story())
