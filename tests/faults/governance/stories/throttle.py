"""Who reports without signing in is told apart, counted, and forgotten again."""

from __future__ import annotations

from datetime import timedelta

from cloud.application.intake.throttle import Throttle
from tests.faults.governance.walking import Story, step
from tests.faults.governance.world import World

_ADDRESS, _STRANGER = "192.0.2.7", f"{'0' * 64}.not-ours"


def _throttle(w: World) -> Throttle:
    return Throttle(w.units, w.clock)


def _keys_are_gone(w: World) -> None:
    """As on another day, and on another machine."""
    with w.units.writing() as uow:
        uow.sources.drop_keys("", w.clock.now() + timedelta(seconds=1))
        uow.commit()


THROTTLE: Story = [
    step("a browser shows what is none of ours", lambda w: _throttle(w).device(_ADDRESS, "phone", _STRANGER)),
    _keys_are_gone,
    step("it gets a cookie of ours", lambda w: _throttle(w).cookie("0" * 64)),
    _keys_are_gone,
    # Whoever tries again counts again: it was another try.
    step("it reports", lambda w: _throttle(w).allows(_ADDRESS, "phone"), anew="report_sources"),
    timedelta(days=2),
    step("nothing of it is remembered", lambda w: _throttle(w).tidy()),
]
