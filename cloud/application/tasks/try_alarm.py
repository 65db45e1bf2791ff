"""Somebody who sets an estate up sounds a test alarm, sees whom it reaches, and calls it off."""

from __future__ import annotations

from typing import Any

from cloud.application.estates.amend_estate import administrates
from cloud.application.estates.sign_in import Identity
from cloud.application.incidents.consequences import Consequences
from cloud.application.incidents.sightings import Clearing, Sighting
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.tasks.deeds import Deed, Deeds
from cloud.domain.incidents.alert import Fingerprint
from cloud.domain.incidents.trial import HAZARDS, TESTED, only_tested
from cloud.domain.records.ledger import Kind
from cloud.domain.records.notification import Reason
from cloud.domain.tasks import standing_down
from cloud.domain.tasks.task import Task
from cloud.errors import Conflict, NotFound, Refused
from schemas.hazards import hazard


class TryAlarm:
    """It is an exercise from its first moment and clears itself at once, so that it can never be taken for real. For
    administrators. Raises NotFound, NotAllowed, Refused, Conflict, Unavailable.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids

    def __call__(self, estate: str, equipment: str, hazard_id: str, viewer: Identity) -> str:
        """The incident's id."""
        administrates(estate, viewer)
        with self._units.writing() as uow:
            register, now = uow.registers.find(estate), self._clock.now()
            if register is None:
                raise NotFound(f"There is no estate {estate!r} here.", "没有这个小区")
            item = register.equipment.get(equipment)
            if item is None or hazard_id not in HAZARDS.get(item.kind, ()):
                raise Refused("Choose equipment, and an alarm that it can raise.", "请选择设备及其可能发出的报警")
            if under_way(uow, estate) is not None:
                raise Conflict("A test is under way: end it before you begin another.", "已有测试在进行，请先结束")
            mark = f"{TESTED}{self._ids.new(now)}"
            seen = Fingerprint(estate, hazard_id, equipment, "exercise")
            node = item.node_id or ""
            consequences = Consequences(uow, register, self._ids, now, f"member:{viewer.member.id}")
            consequences.raised(Sighting(seen, node, mark, hazard(hazard_id).severity, now, mark))
            consequences.cleared(Clearing(seen, node, mark, now, mark))
            consequences.settle()
            (task_id,) = consequences.tasks[:1] or ("",)
            task = uow.tasks.get(task_id)
            assert task is not None, f"test {mark} has led to no task"
            uow.commit()
            return task.incident_id


class EndTest(Deeds):
    """Who sounded it calls it off: nothing more is asked of anybody, and who had work in it hears so."""

    def __call__(self, estate: str, viewer: Identity) -> bool:
        """Whether there was one."""
        administrates(estate, viewer)
        with self._units.reading() as uow:
            task = under_way(uow, estate)
        if task is None:
            return False
        self._act(task.id, viewer.member.id, self._end, revision=None, note="", cause=None)
        return True

    @staticmethod
    def _end(doing: Deed) -> tuple[Kind, dict[str, Any]]:
        task = doing.task
        if not _is_test(doing.uow, task):
            raise Conflict("It is no test any more: it was turned real, or a sensor fires.", "这已不是测试")
        told = [part.party_id for part in task.assignments if part.works]
        standing_down.call_off(task, doing.now)
        for party in told:
            doing.summons.one(task, doing.incident, party, Reason.CANCELLED)
        return Kind.TASK_CANCELLED, {}


def under_way(uow: UnitOfWork, estate: str) -> Task | None:
    return next((task for task in uow.tasks.open(estate) if _is_test(uow, task)), None)


def _is_test(uow: UnitOfWork, task: Task) -> bool:
    if task.mode != "exercise":
        return False
    return only_tested(uow.alerts.of_incidents([task.incident_id]).get(task.incident_id, ()))
