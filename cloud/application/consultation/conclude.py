"""A ballot ends: it is counted, the topic is decided, and what is carried becomes a task of the party that acts."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from cloud.application.consultation.seat import append
from cloud.application.incidents.chronicle import Chronicle
from cloud.application.incidents.summons import Summons
from cloud.application.ports import Ids, UnitOfWork
from cloud.domain.community.names import Names
from cloud.domain.consultation.ballot import Ballot, Choice, Result
from cloud.domain.consultation.majorities import Outcome
from cloud.domain.consultation.topic import Topic, TopicState
from cloud.domain.duties.oversight import Appointment
from cloud.domain.duties.register import Register
from cloud.domain.duties.routing import Routing, route
from cloud.domain.incidents.alert import Alert, Fingerprint
from cloud.domain.incidents.incident import Incident
from cloud.domain.records.ledger import Kind
from cloud.domain.tasks import transitions
from cloud.errors import NotFound
from schemas.hazards import hazard

RESOLUTION_DUE: Final = "civic.resolution-due"
_CLOUD: Final = "cloud"
"""Stands where an incident names its node: nobody's sensor raised this one."""


def conclude(uow: UnitOfWork, register: Register, ballot: Ballot, *, ids: Ids, now: datetime, actor: str) -> None:
    """All of it in the caller's unit of work: a ballot is counted, decided and acted upon together, or not yet."""
    topic = uow.consultation.topics.get(ballot.topic_id)
    if topic is None:
        raise NotFound(f"The topic {ballot.topic_id!r} of ballot {ballot.id!r} is gone.")
    result = ballot.close(uow.consultation.ballots.votes(ballot.id), now)
    topic.decide(result.outcome, ballot.proposal_id, now)
    append(uow, topic, Kind.BALLOT_CLOSED, now, actor=actor, cause=f"ballot:{ballot.id}", **_counts(ballot, result))
    if result.outcome is Outcome.CARRIED:
        _act(uow, register, topic, ballot, ids=ids, now=now)
    uow.consultation.ballots.save(ballot)
    uow.consultation.topics.save(topic)


def _counts(ballot: Ballot, result: Result) -> dict[str, Any]:
    """Heads and area, as text where they are not whole."""
    counts: dict[str, Any] = {"ballot": ballot.id, "outcome": result.outcome.value, "rule": ballot.rule.id}
    for name, weight in (
        ("roll", result.roll),
        ("participating", result.participating),
        *((choice.value, result.by_choice[choice]) for choice in Choice),
    ):
        counts[name] = {"heads": weight.heads, "area": str(weight.area)}
    return {**counts, "heads": result.participating.heads, "of": result.roll.heads}


def _act(uow: UnitOfWork, register: Register, topic: Topic, ballot: Ballot, *, ids: Ids, now: datetime) -> None:
    cause = f"ballot:{ballot.id}"
    alert = Alert(
        ids.new(now),
        Fingerprint(topic.estate, RESOLUTION_DUE, topic.equipment or register.estate.id),
        _CLOUD,
        register.whereabouts(topic.equipment, None) if topic.equipment else register.estate.place_id,
    )
    occurrence = f"{RESOLUTION_DUE}:{topic.id}"
    alert.raise_(occurrence, hazard(RESOLUTION_DUE).severity, now)
    # A fact without duration ends as it begins; only people say when what was resolved is done.
    alert.end(occurrence, now)
    incident = Incident.about(alert, ids.new(now), f"real|{RESOLUTION_DUE}|{topic.id}", now)
    alert.incident_id = incident.id
    routing = _routing(register, incident, topic.proposal(ballot.proposal_id).party_id, now)
    task = transitions.open_task(
        ids.new(now), estate=topic.estate, incident_id=incident.id, hazard=RESOLUTION_DUE, life_safety=False,
        mode=incident.mode, routing=routing, now=now, new_id=lambda: ids.new(now),
    )  # fmt: skip
    task.quiet_since = now
    chronicle, summons = Chronicle(topic.estate, now, "system"), Summons(register, ids, now)
    chronicle.say(Kind.INCIDENT_OPENED, alert, incident, cause, {"topic": topic.id, "matter": incident.matter})
    chronicle.routed(task, routing, cause)
    summons.first_call(task, incident)
    uow.incidents.save(incident)
    uow.tasks.save(task)
    uow.alerts.save(alert)
    chronicle.write(uow)
    uow.outbox.put(summons.taken())
    _look_again(uow, register, topic, now)
    topic.enter(TopicState.ACTING, now)
    topic.resolution_incident, topic.resolution_task = incident.id, task.id
    facts = {"task": task.id, "party": routing.lead.id, "review_on": str(topic.review_on)}
    append(uow, topic, Kind.RESOLUTION_TASKED, now, actor="system", cause=cause, **facts)


def _look_again(uow: UnitOfWork, register: Register, topic: Topic, now: datetime) -> None:
    """The day on which the effect is measured, by the estate's own calendar."""
    zone = ZoneInfo(register.estate.time_zone)
    days = uow.consultation.terms.of(topic.estate).review_after_days
    topic.review_on = now.astimezone(zone).date() + timedelta(days=days)
    topic.due_at = datetime.combine(topic.review_on, time(), zone)


def _routing(register: Register, incident: Incident, party_id: str, now: datetime) -> Routing:
    """The duty's clocks, ladder and helpers; the lead is the party that the owners decided on."""
    found = route(register, incident.hazard, incident.place_id, now)
    chosen = register.parties.get(party_id)
    if chosen is None or chosen.id == found.lead.id:
        return found
    why = Names(f"业主共同决定由{chosen.names.zh}牵头", f"the owners decided that {chosen.names.en} leads")
    appointed = Appointment(chosen, found.lead, why)
    return route(register, incident.hazard, incident.place_id, now, appointed=appointed)
