"""Whoever reports and hears no answer reports again: it is one report, and its link is made anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from cloud.application.ports import UnitOfWork
from cloud.domain.incidents.alert import Fingerprint
from cloud.domain.incidents.report import HAZARDS, Report

WITHIN: Final = timedelta(minutes=10)


def said_before(uow: UnitOfWork, report: Report, words: dict[str, str], same_as: str | None) -> Report | None:
    """The report of a few minutes ago that this one repeats, word for word and from the same voice, while work is asked for.
    Once that is said to be done, the same words say that it is not.

    `words`: what is said and how to reach who says it, stripped, by the name under which it is kept.
    """
    incidents = [same_as] if same_as else _firing(uow, report)
    for known in reversed(uow.reports.of_incidents(incidents)):
        if report.at - known.at < WITHIN and _same(uow, report, known, words):
            task = uow.tasks.of_incident(known.incident_id or "")
            return known if task is not None and task.undone else None
    return None


def _firing(uow: UnitOfWork, report: Report) -> list[str]:
    """Incidents in which what is reported is known already."""
    assert report.concern is not None
    fingerprint = Fingerprint(report.estate, HAZARDS[report.concern], report.equipment_id)
    return [alert.incident_id for alert in uow.alerts.concerning(fingerprint, "") if alert.incident_id]


def _same(uow: UnitOfWork, report: Report, known: Report, words: dict[str, str]) -> bool:
    ours, theirs = (
        (one.concern, one.equipment_id, one.way, one.device, one.member_id, one.desk_id) for one in (report, known)
    )
    # At the desk one person speaks for many: only what names its caller tells that it is the same one.
    voice = bool(words.get("contact")) if report.desk_id else report.same_voice(known)
    return ours == theirs and voice and words == _kept(uow, known)


def _kept(uow: UnitOfWork, known: Report) -> dict[str, str]:
    found = {name: uow.personal.get(f"{known.id}-{name}") for name in ("words", "contact")}
    return {name: record.text for name, record in found.items() if record is not None}
