"""Writes a matrix as the YAML that reads back as the same matrix."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

import yaml

from cloud.domain.community.hours import Hours
from cloud.domain.duties.duty import Duty
from cloud.domain.duties.escalation import Condition, Importance, Step
from cloud.domain.duties.target import Target
from schemas.hazards import Severity

_UNLESS: Final = {
    Condition.IF_NOT_ACKNOWLEDGED: "acknowledged",
    Condition.IF_NOT_ARRIVED: "arrived",
    Condition.IF_LEAD_NOT_ARRIVED: "lead-arrived",
    Condition.IF_NOT_CLOSED: "closed",
}
_UNITS: Final = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1)))


def write_duties(duties: Iterable[Duty]) -> str:
    """One row after the other, what is as by default left out."""
    rows = [
        yaml.safe_dump([duty_row(duty)], sort_keys=False, allow_unicode=True, width=120, default_flow_style=None)
        for duty in duties
    ]
    return "\n".join(rows) or "[]\n"


def duty_row(duty: Duty) -> dict[str, Any]:
    plain = Duty(id="", hazards=(), leads=(), tto=duty.tto, ttr=duty.ttr, basis=duty.basis)
    row: dict[str, Any] = {"id": duty.id, "hazards": list(duty.hazards)}
    if duty.place_id:
        row["place"] = duty.place_id
    if duty.hours != plain.hours:
        row["hours"] = hours_row(duty.hours)
    if duty.severity != Severity.NOTICE:
        row["severity"] = duty.severity.value
    row["lead"] = _refs(duty.leads)
    supports = _limited(duty) if duty.limits else _refs(duty.supports)
    row |= {key: refs for key, refs in (("supports", supports), ("observers", _refs(duty.observers))) if refs}
    row |= {"tto": span(duty.tto), "ttr": span(duty.ttr)}
    ways = (("arrive", duty.arrive), ("arrive_outside_towns", duty.arrive_outside_towns))
    row |= {key: span(limit) for key, limit in ways if limit is not None}
    row["needs"] = sorted(need.value for need in duty.needs)
    if duty.resolve_delay != plain.resolve_delay:
        row["resolve_delay"] = span(duty.resolve_delay)
    if duty.running != plain.running:
        row["calendar"] = duty.running.value
    if duty.pause_reasons:
        row["pause_reasons"] = list(duty.pause_reasons)
    if duty.call_sheet:
        row["call_sheet"] = _refs(duty.call_sheet)
    if duty.ladder.steps:
        row["ladder"] = [_step(step) for step in duty.ladder.steps]
    seen = {} if duty.basis_seen is None else {"seen": duty.basis_seen}
    return row | {"basis": {"zh": duty.basis.zh, "en": duty.basis.en, **seen}}


def _limited(duty: Duty) -> dict[str, dict[str, str]]:
    """Each support with the limits that are its own."""
    own = {one.ref: one for one in duty.limits}
    return {
        str(ref): {
            key: span(own_span)
            for key in ("accept", "arrive", "finish")
            if ref in own and (own_span := getattr(own[ref], key)) is not None
        }
        for ref in duty.supports
    }


def _step(step: Step) -> dict[str, Any]:
    row: dict[str, Any] = {"after": span(step.delay), "unless": _UNLESS[step.condition], "call": _refs(step.targets)}
    if step.importance != Importance.HIGH:
        row["importance"] = step.importance.value
    if step.multi_ack:
        row["multi_ack"] = True
    if step.call_sheet:
        row["call_sheet"] = True
    if step.repeat is not None:
        row["every"] = span(step.repeat.every)
        if step.repeat.limit is not None:
            row["times"] = step.repeat.limit
    return row


def _refs(refs: Iterable[Target]) -> list[str]:
    return [str(ref) for ref in refs]


def hours_row(hours: Hours) -> dict[str, Any]:
    return {"days": sorted(hours.days), "start": f"{hours.start:%H:%M:%S}", "end": f"{hours.end:%H:%M:%S}"}


def span(length: timedelta) -> str:
    """In the largest unit that it is a whole number of."""
    for unit, one in _UNITS:
        if length and length % one == timedelta():
            return f"{length // one} {unit}"
    return f"{length.total_seconds():g} s"
