"""A crash anywhere on a message's way: it is delivered at least once, always under one id, and nothing is told twice anew."""

from contextlib import contextmanager, suppress

import pytest

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.notices.send_notifications import LEASE
from cloud.domain.records.ledger_chain import verify
from tests.fakes.channels import FakeChannel, reach, sender, sends_all
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state
from tests.fakes.units import FakeUnitsOfWork


class Crash(BaseException):
    """The process is gone: nothing catches it."""


class Mortal:
    """Counts the steps of one life, and ends it at the one it was told."""

    def __init__(self, at=None):
        self.steps, self._at = 0, at

    def step(self):
        self.steps += 1
        if self.steps == self._at:
            raise Crash


class MortalUnits:
    """Units of work that may die before and after every commit."""

    def __init__(self, units, life):
        self._units, self._life, self.reading = units, life, units.reading

    @contextmanager
    def writing(self):
        with self._units.writing() as uow:
            commit = uow.commit

            def dying_commit():
                self._life.step()
                commit()
                self._life.step()

            uow.commit = dying_commit
            yield uow


class MortalChannel(FakeChannel):
    """A channel before, in and after whose delivery the process may die."""

    def __init__(self, life):
        super().__init__()
        self.life = life

    def deliver(self, message):
        self.life.step()
        super().deliver(message)
        self.life.step()


@pytest.fixture(params=["memory", "sqlite"])
def units(request, tmp_path):
    if request.param == "memory":
        yield FakeUnitsOfWork
        return
    engines = []

    def make():
        engine = fresh_state(tmp_path / f"state-{len(engines)}.db")
        engines.append(engine)
        return SqlUnitsOfWork(engine)

    yield make
    for engine in engines:
        engine.dispose()


def one_life(units, at):
    """(steps lived, what was delivered, the scene) of a first life that may end early, and a second one that does not."""
    scene, life = Scene(units), Mortal(at)
    for member in ("manager", "guard"):
        reach(scene.units, member, "broken:0", f"sms:{member}")
    channel, broken = MortalChannel(life), FakeChannel()
    broken.cut()
    scene.rings("access.held-open", "b1/door")
    living = scene.units
    scene.units = MortalUnits(living, life)
    with suppress(Crash):
        sends_all(sender(scene, {"sms": channel, "broken": broken}))
    scene.units, channel.life = living, Mortal()
    scene.clock.advance(seconds=LEASE.total_seconds())
    sends_all(sender(scene, {"sms": channel, "broken": broken}))
    return life.steps, channel.delivered, scene


def test_a_crash_at_any_step_loses_no_message_and_makes_none_anew(units):
    steps, delivered, _ = one_life(units(), None)
    assert (steps > 8, len(delivered)) == (True, 2)
    repeated = 0
    for at in range(1, steps + 1):
        _, delivered, scene = one_life(units(), at)
        ids = [message.id for message in delivered]
        assert {message.address for message in delivered} == {"manager", "guard"}, f"crash at step {at}"
        assert len(set(ids)) == 2, f"crash at step {at}: a repetition has the id of what it repeats"
        repeated += len(ids) - 2
        assert scene.kinds(scene.only_task()).count("notification.sent") == 2
        assert verify(scene.ledger()) is None
    assert repeated > 0, "some crashes lie between sending and noting it, where a repetition is right"
