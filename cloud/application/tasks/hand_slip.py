"""The desk hands the caller a slip with the caller's own link, where the caller has left nothing that can be reached."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime

from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitsOfWork
from cloud.domain.community.access import token_hash
from cloud.domain.community.names import Names
from cloud.domain.incidents.caller_link import slip_refusal
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class Slip:
    """What is printed. `token` is told once: one handed out before opens nothing any more."""

    estate: str
    incident_id: str
    token: str
    where: Names
    address: Names
    at: datetime
    handed_by: Names


class HandSlip:
    """One unit of work. Who handed it over stands in the ledger, each time. Raises NotFound, Conflict."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def __call__(self, report_id: str, viewer: Identity, *, cause: str | None = None) -> Slip:
        with self._units.writing() as uow:
            report = uow.reports.get(report_id)
            register = uow.registers.find(report.estate) if report and report.estate in viewer.estates else None
            if report is None or register is None:
                raise NotFound(f"There is no report {report_id!r} among yours.", "没有这份报告")
            uow.ledger.hold(report.estate)
            refusal = slip_refusal(report, uow.missives.about(report.id), viewer.member, register)
            if refusal is not None:
                raise Conflict(refusal[1], refusal[0])
            place = report.place_id if report.place_id in register.places else register.estate.place_id
            now, token, member = self._clock.now(), secrets.token_urlsafe(32), viewer.member
            uow.reports.save(replace(report, token_hash=token_hash(token)))
            task = uow.tasks.of_incident(report.incident_id or "")
            facts = {"party": member.party_id, "report": report.id}
            uow.ledger.append(
                report.estate,
                [
                    Draft(
                        Kind.LINK_HANDED, now, f"member:{member.id}", report.incident_id, task.id if task else None,
                        cause or f"report:{report.id}", facts,
                    )
                ],
            )  # fmt: skip
            uow.commit()
            return Slip(
                report.estate,
                report.incident_id or "",
                token,
                register.names_of(report.equipment_id),
                register.places.address(place),
                report.at,
                member.names,
            )
