"""How far the setting up of an estate is, read off what is there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from cloud.application.ports import UnitOfWork
from cloud.domain.community.means import Means
from cloud.domain.duties.first_hour import FirstHour, Step
from cloud.domain.duties.register import Register
from cloud.domain.incidents.trial import only_tested
from cloud.domain.records.delivery import Delivery
from cloud.domain.tasks.task import Task

LOOKED_BACK: Final = 50
"""Closed tasks among which the last test is sought."""

GRACE: Final = timedelta(hours=24)
"""How long a new estate has until the holes in what is only just being said are tasks."""


def hour_of(uow: UnitOfWork, register: Register, means: Means, now: datetime, *, tested: bool) -> FirstHour:
    """`means`: through what anybody is reached. `tested`: the last test alarm reached somebody."""
    estate = register.estate.id
    spoken = {node.id for node in uow.nodes.of(estate) if node.heard_at is not None}
    peopled = {one.party_id for member in register.members.values() for one in member.memberships}
    contacts = uow.contacts.among(list(register.members))
    reachable = {
        one.party_id
        for member in register.members.values()
        if any(way.relied_upon for way in means.ways(member.id, contacts.get(member.id, ())))
        for one in member.memberships
    }
    answered = tested or any(task.acknowledged_at for task in uow.tasks.closed(estate, limit=1))
    asked_in = invited(uow, estate, now).keys()
    return FirstHour(register, frozenset(spoken), frozenset(peopled | asked_in), answered, frozenset(reachable))


def unfinished(uow: UnitOfWork, register: Register, means: Means, now: datetime) -> bool:
    """Whether a step is still to be taken. Tests are looked for only where nothing else is missing."""
    known = hour_of(uow, register, means, now, tested=False)
    if known.next is not Step.TEST:
        return known.next is not None
    test = last_test(uow, register)
    return test is None or not reached(messages(uow, test))


def just_begun(uow: UnitOfWork, register: Register, means: Means, now: datetime) -> bool:
    """Whether the program was set up within a day, and this estate is not finished."""
    run = uow.accounts.first_run()
    new = run is not None and run.used_at is not None and now - run.used_at < GRACE
    return new and unfinished(uow, register, means, now)


def invited(uow: UnitOfWork, estate: str, now: datetime) -> dict[str, int]:
    """By party, how many were asked in and have not come yet."""
    found: dict[str, int] = {}
    for one in uow.accounts.invitations([estate]):
        if one.open(now) and one.new:
            found[one.member.party_id] = found.get(one.member.party_id, 0) + 1
    return found


def last_test(uow: UnitOfWork, register: Register) -> Task | None:
    """The newest alarm that was sounded to try it."""
    estate = register.estate.id
    tasks = [*uow.tasks.open(estate), *uow.tasks.closed(estate, limit=LOOKED_BACK)]
    drilled = [task for task in tasks if task.mode == "exercise"]
    alerts = uow.alerts.of_incidents([task.incident_id for task in drilled])
    tests = [task for task in drilled if only_tested(alerts.get(task.incident_id, ()))]
    return max(tests, key=lambda task: task.opened_at, default=None)


def messages(uow: UnitOfWork, task: Task) -> Sequence[Delivery]:
    """Oldest first. What was withdrawn when a test ended stands in no list of messages, but what went out before it did."""
    sent = uow.outbox.latest(task.estate, failed=False, limit=LOOKED_BACK * 4)
    return [one for one in reversed(sent) if one.task_id == task.id]


def reached(messages: Iterable[Delivery]) -> frozenset[str | None]:
    """The members whom they reached, by the rule of danger to life."""
    return frozenset(one.member_id for one in messages if one.reached_its_member)
