"""Every address of the interface, and of what else programs ask: feeds, Open311, callbacks, health."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.routing import BaseRoute

from cloud.entrypoints import callbacks
from cloud.entrypoints.api import (
    alarm_quality,
    aside,
    ballots,
    calls,
    card_keys,
    channels,
    consultation,
    contacts,
    coverage,
    credit,
    dead_letters,
    deliveries,
    description,
    duties,
    enrolment,
    estate_exports,
    estates,
    exchange,
    following,
    handovers,
    health,
    imports,
    incidents,
    joint,
    ledger,
    ledger_export,
    list_exports,
    me,
    members,
    nodes,
    occasions,
    personal,
    reading_export,
    readings,
    reports,
    rollouts,
    rosters,
    small_tasks,
    stand_down,
    tasks,
    topics,
    upkeep,
    verification,
    webhooks,
    welfare,
)
from cloud.entrypoints.api import (
    screens as screens_api,
)
from cloud.entrypoints.feeds import subscribed
from cloud.entrypoints.open311 import discovery
from cloud.entrypoints.open311 import routes as open311


def interface_routes() -> Iterator[BaseRoute]:
    of_tasks = (incidents, following, tasks, aside, calls, joint, stand_down, verification, reports, occasions, upkeep)
    of_estates = (
        *(
            estates,
            duties,
            coverage,
            rosters,
            handovers,
            readings,
            ledger,
            ledger_export,
            list_exports,
            reading_export,
            estate_exports,
            imports,
            personal,
        ),
    )
    of_nodes = (nodes, rollouts, card_keys, enrolment, alarm_quality, dead_letters)
    of_people = (
        me,
        welfare,
        members,
        screens_api,
        contacts,
        channels,
        webhooks,
        deliveries,
        credit,
        exchange,
        small_tasks,
    )
    of_owners = (topics, ballots, consultation)
    for part in (*of_tasks, *of_estates, *of_nodes, *of_people, *of_owners):
        yield from part.router.routes
    for router in (
        ledger_export.public,
        description.router,
        health.router,
        callbacks.router,
        subscribed.router,
        discovery.router,
        open311.router,
    ):
        yield from router.routes
