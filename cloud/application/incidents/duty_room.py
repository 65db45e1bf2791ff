"""A call sheet that is due sounds in the duty room: the beacons of nodes that have one there, until somebody has accepted.

The node ends it by itself, should the cloud vanish meanwhile; then its own reflex lights the beacon, because nobody is heard.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from cloud.application.incidents.sounders import ask_node
from cloud.application.ports import UnitOfWork
from cloud.domain.fleet.order import HUSH, MOST_LOOKED_AT, SOUND, UNDONE, Order, missed_in_a_row
from cloud.domain.incidents.incident import Incident
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.notification import doubles
from schemas.node_config import NodeConfig

PURPOSE: Final = "duty_beacon"

SOUNDS_FOR: Final = timedelta(minutes=10)
"""Long enough that a sheet which is due every two minutes asks a node rarely."""

RENEWED: Final = timedelta(minutes=4)
"""Asked again once so little is left of it: two further sheets fall due before it would end."""


def sound(uow: UnitOfWork, incident: Incident, *, cause: str | None, now: datetime) -> list[Draft]:
    """Each node with a beacon in a duty room of the estate is asked to sound it; what to write. An exercise sounds nowhere.
    One that never confirms is asked every time, which is said the first time and each that doubles how often it was.
    """
    if incident.mode != "real":
        return []
    drafts: list[Draft] = []
    for node_id in _beacons(uow, incident.estate):
        node = uow.nodes.get(incident.estate, node_id)
        if node is None or node.boot is None:
            drafts += _never_heard(uow, incident, node_id, cause=cause, now=now)
        elif not _sounds(_last(uow, incident, node_id), node.boot, now + RENEWED):
            arguments: dict[str, str | float | bool] = {"seconds": SOUNDS_FOR.total_seconds()}
            missed = missed_in_a_row(uow.orders.of(incident.estate, node_id, MOST_LOOKED_AT), SOUND, incident.id, now)
            asked = ask_node(uow, incident, node_id, SOUND, arguments, by="system", cause=cause, now=now)
            drafts += asked if doubles(missed + 1) else []
    return drafts


def hush(uow: UnitOfWork, incident: Incident, *, by: str, cause: str | None, now: datetime) -> list[Draft]:
    """A named person has accepted: whatever sounds in duty rooms for this incident ends. Others' call sheets sound on."""
    drafts: list[Draft] = []
    for node_id in _beacons(uow, incident.estate):
        last = _last(uow, incident, node_id)
        # One that did not answer may have heard it all the same.
        if last is not None and last.action == SOUND and last.at + SOUNDS_FOR > now:
            drafts += ask_node(uow, incident, node_id, HUSH, {}, by=by, cause=cause, now=now)
    return drafts


def _beacons(uow: UnitOfWork, estate: str) -> Iterator[str]:
    """The nodes known to have a beacon where somebody is on duty."""
    register = uow.registers.find(estate)
    for node_id in sorted(register.nodes if register else ()):
        latest = uow.configurations.latest(estate, node_id)
        if latest is None or PURPOSE not in latest.body:
            continue
        outputs = NodeConfig.model_validate_json(latest.body).outputs
        if any(output.purpose == PURPOSE for output in outputs):
            yield node_id


def _last(uow: UnitOfWork, incident: Incident, node_id: str) -> Order | None:
    asked = uow.orders.of(incident.estate, node_id, limit=20)
    mine = (one for one in asked if one.action in (SOUND, HUSH) and one.incident_id == incident.id)
    return next(mine, None)


def _sounds(last: Order | None, boot: str, until: datetime) -> bool:
    """Whether it sounds till then, as far as is known: this boot was asked, and nothing says that it did not do it."""
    if last is None or last.action != SOUND or last.boot != boot:
        return False
    return last.outcome not in UNDONE and last.at + SOUNDS_FOR > until


def _never_heard(uow: UnitOfWork, incident: Incident, node_id: str, *, cause: str | None, now: datetime) -> list[Draft]:
    """Said once: its beacon cannot sound."""
    told = (one for one in uow.ledger.of_incident(incident.id) if one.kind == Kind.COMMAND_UNANSWERED)
    if any(one.subject == node_id for one in told):
        return []
    facts = {"node": node_id, "action": SOUND}
    return [Draft(Kind.COMMAND_UNANSWERED, now, "system", incident.id, node_id, cause, facts)]
