"""Who reported says more while it is not dealt with: which floor, a child inside. The parties of the task read it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from cloud.application.incidents.summons import Summons
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.tasks.report_keys import Key, held
from cloud.application.tasks.report_view import ReportView, report_view, said_more
from cloud.domain.duties.register import Register
from cloud.domain.incidents.report import MORE
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.notification import Reason
from cloud.domain.records.personal import PersonalClass, PersonalRecord, new_salt
from cloud.domain.tasks.task import Task
from cloud.errors import Conflict, Invalid, Throttled

MAX_WORDS: Final = 500
AT_ONCE: Final = 6
"""Of one report within `LATELY`: nobody has signed in here, and each calls the lead's attention where life is at stake."""
LATELY: Final = timedelta(minutes=10)
MOST: Final = 30
"""Of one report at all."""


class SayMore:
    """Raises NotFound for a key that opens nothing, Invalid, Conflict, Throttled, Unavailable."""

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids

    def __call__(self, key: Key, typed: str, *, cause: str | None = None) -> ReportView:
        """Said twice in a row it is said once: whoever heard no answer sends it again."""
        words = typed.strip()
        if not 0 < len(words) <= MAX_WORDS:
            fault = f"words: write 1 to {MAX_WORDS} characters, not {len(words)}"
            raise Invalid("What you wrote was not taken.", [fault])
        with self._units.writing() as uow:
            now = self._clock.now()
            report, task, register = held(uow, key)
            said = said_more(uow, report)
            if said and said[-1].erased_at is None and said[-1].text == words:
                return report_view(uow, report, task, register)
            _check(task, [one for one in said if one.at > now - LATELY], said)
            record = PersonalRecord(
                f"{report.id}{MORE}{len(said) + 1:02}", report.estate, report.subject, PersonalClass.REPORTER, now,
                words, new_salt(), report.incident_id,
            )  # fmt: skip
            uow.personal.put(record)
            by = f"report:{report.id}"
            facts = {"report": report.id, "words": record.id, "digest": record.digest}
            said_now = Draft(Kind.REPORTER_SAID, now, by, task.incident_id, task.id, cause or by, facts)
            self._call_attention(uow, task, register)
            uow.ledger.append(task.estate, [said_now])
            uow.commit()
            return report_view(uow, report, task, register)

    def _call_attention(self, uow: UnitOfWork, task: Task, register: Register) -> None:
        """Where life is at stake whoever answers for it is told that there is more to read; elsewhere it stands on the timeline."""
        if not task.life_safety:
            return
        incident = uow.incidents.get(task.incident_id)
        assert incident is not None, f"task {task.id} has lost its incident"
        summons = Summons(register, self._ids, self._clock.now())
        summons.one(task, incident, task.responsible_id, Reason.REPORTER_SAID)
        uow.outbox.put(summons.taken())


def _check(task: Task, lately: list[PersonalRecord], said: list[PersonalRecord]) -> None:
    if not task.undone:
        raise Conflict(
            "It is said to be done: say in your verdict what is missing, or report it anew.",
            "已报处置完成：请在评价中说明，或重新报告",
        )
    if len(lately) >= AT_ONCE or len(said) >= MOST:
        minutes = int(LATELY.total_seconds() // 60)
        raise Throttled(
            f"You have written much already. In an emergency phone for help; else write again in {minutes} minutes.",
            f"补充过于频繁。紧急情况请拨打求助电话，否则请{minutes}分钟后再试",
        )
