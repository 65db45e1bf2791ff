"""What an earlier closing paid is taken back although it was a sensor, or time, that said it was not over."""

from __future__ import annotations

from collections.abc import Sequence

from cloud.application.credit.following import CreditFollows
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.credit.account import EntryKind
from cloud.domain.credit.act import task_prefix
from cloud.domain.tasks.task import Task


class WatchReopened:
    """Looks at tasks that began again and are open. Where a person reopened one it is done in the same breath; where a sensor did,
    nobody acts in whose unit of work it could be. Raises Unavailable.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, follows: CreditFollows) -> None:
        self._units, self._clock, self._follows = units, clock, follows

    def __call__(self) -> int:
        """Of how many tasks something was taken back."""
        with self._units.reading() as uow:
            found = [one.id for one in uow.registers.estates() if _paid(uow, one.id)]
        return sum(self._take_back(estate) for estate in found)

    def _take_back(self, estate: str) -> int:
        with self._units.writing() as uow:
            uow.credit.lock(estate)
            tasks, now = _paid(uow, estate), self._clock.now()
            drafts = [draft for task in tasks for draft in self._follows.reopened(uow, task, "system", now)]
            if drafts:
                uow.ledger.append(estate, drafts)
                uow.commit()
            return len(tasks)


def _paid(uow: UnitOfWork, estate: str) -> Sequence[Task]:
    """Those that are open again with something standing that was paid for them."""
    return [task for task in uow.tasks.open(estate) if task.reopened_count and _stands(uow, task)]


def _stands(uow: UnitOfWork, task: Task) -> bool:
    prefixes = (task_prefix(task.id), *(f"report:{one}/" for one in task.reports))
    entries = [entry for prefix in prefixes for entry in uow.credit.of_acts(task.estate, prefix)]
    gone = {entry.reverses for entry in entries}
    return any(entry.kind is EntryKind.GRANTED and entry.points and entry.id not in gone for entry in entries)
