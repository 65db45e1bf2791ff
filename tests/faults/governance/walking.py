"""A story is walked, and at every moment of every step of it the cloud dies, and goes on."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta

import pytest

from cloud.domain.records.ledger_chain import verify
from cloud.errors import CloudError, Conflict, NotAllowed, NotFound, Unauthenticated
from tests.fakes.mortal import Died
from tests.faults.governance.world import Stage, State, World

_SO_ALREADY = (Conflict, NotAllowed, NotFound, Unauthenticated)
"""What whoever tries again is told where it had been done: nothing is done twice."""


@dataclass(frozen=True)
class Step:
    """Something that somebody does, or that a loop of the program does.

    `anew`: tables in which it leaves a new row when it is done again after it had been done, since doing it again is
    another act by its nature (a new code, a new link), and `messages` where it is sent anew; nothing else may differ. `lease`: how long a claim lasts that
    died with its worker. `refused`: the use case ends in this error and keeps what it keeps.
    """

    name: str
    do: Callable[[World], object]
    anew: frozenset[str] = frozenset()
    lease: timedelta | None = None
    refused: type[CloudError] | None = None


Story = Sequence[Step | timedelta | Callable[[World], object]]
"""What happens; how long nothing does; and, where it is bare, what only sets the scene: nobody dies in it."""


def step(name: str, do: Callable[[World], object], *, anew: str = "", **how: object) -> Step:
    return Step(name, do, frozenset(anew.split()), **how)


def tells(story: Story, stage: Stage) -> None:
    """The story as it goes when nobody dies."""
    for part in story:
        if isinstance(part, Step):
            _does(part, stage.scene)
        else:
            _sets_the_scene(part, stage.scene)


def dies_everywhere(
    story: Story, stage: Stage, chosen: Callable[[Sequence[str]], list[int]], *, every: int = 1, first: int = 0
) -> tuple[int, int]:
    """In how many steps it died, and how often. `chosen`: at which of a step's moments. `every`: only one step in so many
    is died in, beginning with the `first`; the others are told.
    """
    steps = deaths = 0
    meant = [part for part in story if isinstance(part, Step)]
    meant = meant[first % min(every, len(meant)) :: every]
    for part in story:
        if not isinstance(part, Step):
            _sets_the_scene(part, stage.scene)
            continue
        if part not in meant:
            _does(part, stage.scene)
            continue
        # Whoever dies has nothing in memory, so that the moments are the same.
        stage.reborn()
        before = stage.fork("before")
        stage.fate.spare()
        _does(part, stage.scene)
        moments = list(stage.fate.moments)
        if part.lease is not None:
            # Time passes for who dies, and so it does for who lives.
            stage.scene.clock.advance(seconds=part.lease.total_seconds())
            _does(part, stage.scene)
        assert moments, f"{part.name}: touched nothing"
        wanted = stage.state(timeless=part.lease is not None)
        for at in chosen(moments):
            with closing(before.fork("world")) as world:
                _dies_and_goes_on(part, world, at, moments)
                found = world.state(timeless=part.lease is not None)
                _compare(part, found, wanted, f"{part.name}: died at {moments[at]!r} ({at} of {len(moments)})")
                _nothing_twice(stage.scene, world.scene, part)
                assert verify(world.scene.ledger()) is None
            deaths += 1
        before.close()
        steps += 1
    return steps, deaths


def _sets_the_scene(part: timedelta | Callable[[World], object], scene: World) -> None:
    if isinstance(part, timedelta):
        scene.clock.advance(seconds=part.total_seconds())
    else:
        part(scene)


def _does(part: Step, scene: World) -> None:
    if part.refused is None:
        part.do(scene)
        return
    with pytest.raises(part.refused):
        part.do(scene)


def _dies_and_goes_on(part: Step, world: Stage, at: int, moments: Sequence[str]) -> None:
    world.fate.strike(at)
    with pytest.raises(Died, match=re.escape(moments[at])):
        part.do(world.scene)
    world.fate.spare()
    reborn = world.reborn()
    if part.lease is not None:
        reborn.clock.advance(seconds=part.lease.total_seconds())
    refused = _tried_again(part, reborn)
    if refused is not None:
        assert part.lease is None, f"{part.name}: a loop is never refused: {refused}"
        assert "The storage refused" not in refused, f"{part.name}: {refused}"
        assert "after the commit" in moments[: at + 1], f"{part.name}: refused though nothing had been done: {refused}"


def _tried_again(part: Step, reborn: World) -> str | None:
    """What whoever tries again is told where it is refused."""
    try:
        _does(part, reborn)
    except _SO_ALREADY as error:
        return f"{type(error).__name__}: {error}"
    return None


def _compare(part: Step, found: State, wanted: State, where: str) -> None:
    for table, rows in wanted.items():
        if table not in part.anew:
            other = [f"-{row}" for row in rows if row not in found[table]]
            other += [f"+{row}" for row in found[table] if row not in rows]
            assert found[table] == rows, f"{where}: {table} differs: {other[:6]}"
            continue
        known = set(map(_unnumbered, found[table]))
        missing = Counter(row for row in map(_unnumbered, rows) if row not in known)
        assert sum(missing.values()) <= (part.lease is None), f"{where}: {table} lost {missing}"


def _unnumbered(row: str) -> str:
    """Without its place, and without how often it was said."""
    return re.sub(r"^\['\w+', \d+|, \"times\": \d+|#\d+", "", row)


def _nothing_twice(living: World, reborn: World, part: Step) -> None:
    """Whatever is sent is sent to the same people with the same words; twice only under one id."""
    told, wanted = reborn.outside.received(), living.outside.received()
    if "messages" in part.anew:
        told, wanted = sorted(set(told)), sorted(set(wanted))
    assert told == wanted, f"{part.name}: others were told"


def everywhere(moments: Sequence[str]) -> list[int]:
    return list(range(len(moments)))


def here_and_there(seed: int, more: int = 1) -> Callable[[Sequence[str]], list[int]]:
    """After the last commit, after the last sending, and at so many others: a short form."""
    dice = random.Random(seed)

    def chosen(moments: Sequence[str]) -> list[int]:
        last = {moment: n for n, moment in enumerate(moments) if moment.startswith("after the")}
        return sorted({*last.values(), *dice.sample(range(len(moments)), min(more, len(moments)))})

    return chosen
