"""Small safe tasks: posted by an organisation, claimed by residents, done, confirmed by another, and then credited."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from cloud.application.estates.sign_in import Identity
from cloud.application.exchange.answered import Answered
from cloud.application.exchange.board import Page, Wording, checked, record, register_for
from cloud.application.exchange.views import SmallTaskView, small_task_view
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.positions import Position
from cloud.domain.community.neighbour import is_neighbour
from cloud.domain.duties.register import Register
from cloud.domain.exchange.posting import Posting, Side
from cloud.domain.exchange.regulated import RegulatedLists
from cloud.domain.exchange.small_task import MAX_HELPERS, SmallTask, SmallTaskKind
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.personal import digest, new_salt
from cloud.errors import Invalid, NotAllowed, NotFound

Confirmed = Callable[[UnitOfWork, SmallTask, Register, datetime], Sequence[Draft]]
"""What follows a confirmation, in its unit of work; what it returns goes to the ledger with it."""

LEAST: Final = 1


def nothing_follows(uow: UnitOfWork, task: SmallTask, register: Register, now: datetime) -> Sequence[Draft]:
    del uow, task, register, now
    return ()


class SmallTasks:
    """Raises NotFound, NotAllowed, Conflict, Invalid (regulated work, with reason and legal basis), Unavailable."""

    def __init__(
        self,
        units: UnitsOfWork,
        clock: Clock,
        ids: Ids,
        regulated: Callable[[], RegulatedLists],
        confirmed: Confirmed = nothing_follows,
    ) -> None:
        self._units, self._clock, self._ids = units, clock, ids
        self._regulated, self._confirmed = regulated, confirmed

    def post(
        self,
        estate: str,
        kind: SmallTaskKind,
        wording: Wording,
        viewer: Identity,
        *,
        wanted: int = 1,
        need_id: str | None = None,
    ) -> SmallTaskView:
        """An organisation asks neighbours. `need_id`: the need that is met when it is confirmed."""
        with self._units.writing() as uow:
            register, now, member = register_for(uow, estate, viewer), self._clock.now(), viewer.member
            if is_neighbour(member, register.party(member.party_id)):
                raise NotAllowed("Small tasks are posted by organisations; post a need instead.", "居民请发布需求")
            checked(wording, register, self._regulated())
            if not LEAST <= wanted <= MAX_HELPERS:
                raise Invalid("This cannot be put on the board.", [f"wanted: from 1 to {MAX_HELPERS}, not {wanted}"])
            if need_id is not None:
                _open_need(uow, estate, need_id)
            task = SmallTask(
                id=self._ids.new(now),
                estate=estate,
                kind=kind,
                posted_by=member.id,
                party_id=member.party_id,
                capability=wording.capability,
                text=wording.text.strip(),
                place_id=wording.place_id,
                posted_at=now,
                salt=new_salt(),
                hours=wording.hours,
                wanted=wanted,
                need_id=need_id,
            )
            again = _again(uow, task)
            if again is not None:
                return small_task_view(again, register, viewer)
            said = _said(task, Kind.SMALL_TASK_POSTED, viewer, now, digest=digest(task.salt, task.text))
            return self._keep(uow, task, [said], viewer)

    def claim(self, small_task_id: str, viewer: Identity) -> SmallTaskView:
        with self._units.writing() as uow:
            task, register = _found(uow, small_task_id, viewer)
            now = self._clock.now()
            task.claim(viewer.member, register.party(viewer.member.party_id))
            need = uow.exchange.posting(task.need_id) if task.need_id else None
            Answered(uow, self._ids, now).taken_up(need, viewer.member.id)
            return self._keep(uow, task, [_said(task, Kind.SMALL_TASK_CLAIMED, viewer, now)], viewer)

    def release(self, small_task_id: str, viewer: Identity) -> SmallTaskView:
        with self._units.writing() as uow:
            task, _ = _found(uow, small_task_id, viewer)
            task.release(viewer.member)
            return self._keep(uow, task, [_said(task, Kind.SMALL_TASK_RELEASED, viewer, self._clock.now())], viewer)

    def finish(self, small_task_id: str, viewer: Identity) -> SmallTaskView:
        """A claim that it is done; it earns nothing until another has confirmed it."""
        with self._units.writing() as uow:
            task, _ = _found(uow, small_task_id, viewer)
            now = self._clock.now()
            task.finish(viewer.member, now)
            return self._keep(uow, task, [_said(task, Kind.SMALL_TASK_DONE, viewer, now)], viewer)

    def confirm(self, small_task_id: str, viewer: Identity) -> SmallTaskView:
        """Another says that it was really done; it is credited in the same unit of work."""
        with self._units.writing() as uow:
            task, register = _found(uow, small_task_id, viewer)
            now = self._clock.now()
            task.confirm(viewer.member, register.party(viewer.member.party_id), now)
            drafts = [_said(task, Kind.SMALL_TASK_CONFIRMED, viewer, now)]
            need = uow.exchange.posting(task.need_id) if task.need_id else None
            if need is not None and need.open:
                need.meet(now)
                uow.exchange.save_posting(need)
                Answered(uow, self._ids, now).met(need, viewer.member.id)
                drafts.append(_met(need, task, viewer, now))
            drafts += self._confirmed(uow, task, register, now)
            return self._keep(uow, task, drafts, viewer)

    def send_back(self, small_task_id: str, viewer: Identity) -> SmallTaskView:
        """It was not done: who claimed it does it again, or gives it back."""
        with self._units.writing() as uow:
            task, register = _found(uow, small_task_id, viewer)
            task.send_back(viewer.member, register.party(viewer.member.party_id))
            return self._keep(uow, task, [_said(task, Kind.SMALL_TASK_SENT_BACK, viewer, self._clock.now())], viewer)

    def withdraw(self, small_task_id: str, viewer: Identity) -> SmallTaskView:
        with self._units.writing() as uow:
            task, _ = _found(uow, small_task_id, viewer)
            now = self._clock.now()
            task.withdraw(viewer.member, now)
            return self._keep(uow, task, [_said(task, Kind.SMALL_TASK_WITHDRAWN, viewer, now)], viewer)

    def read(self, small_task_id: str, viewer: Identity) -> SmallTaskView:
        with self._units.reading() as uow:
            task, register = _found(uow, small_task_id, viewer)
            return small_task_view(task, register, viewer)

    def listed(
        self, estate: str, viewer: Identity, *, over: bool, limit: int, before: Position | None = None
    ) -> Page[SmallTaskView]:
        with self._units.reading() as uow:
            register = register_for(uow, estate, viewer)
            found = uow.exchange.small_tasks(estate, over=over, limit=limit + 1, before=before)
            return Page([small_task_view(task, register, viewer) for task in found[:limit]], more=len(found) > limit)

    @staticmethod
    def _keep(uow: UnitOfWork, task: SmallTask, drafts: Sequence[Draft], viewer: Identity) -> SmallTaskView:
        uow.exchange.save_small_task(task)
        record(uow, task.estate, drafts)
        uow.commit()
        return small_task_view(task, register_for(uow, task.estate, viewer), viewer)


def _found(uow: UnitOfWork, small_task_id: str, viewer: Identity) -> tuple[SmallTask, Register]:
    task = uow.exchange.small_task(small_task_id)
    if task is None or task.estate not in viewer.estates:
        raise NotFound(f"There is no small task {small_task_id!r} in your estates.", "没有这个小任务")
    return task, register_for(uow, task.estate, viewer)


def _again(uow: UnitOfWork, task: SmallTask) -> SmallTask | None:
    """What was posted already, word for word, and nobody has taken up: whoever heard no answer posts it again."""
    for one in uow.exchange.written(task.estate, task.posted_by):
        if (
            isinstance(one, SmallTask)
            and replace(one, id=task.id, posted_at=task.posted_at, salt=task.salt, revision=0) == task
        ):
            return one
    return None


def _open_need(uow: UnitOfWork, estate: str, need_id: str) -> None:
    need = uow.exchange.posting(need_id)
    if need is None or need.estate != estate or need.side is not Side.NEED or not need.open:
        raise Invalid("This cannot be put on the board.", [f"need_id: {need_id!r} is no open need of this estate"])


def _said(task: SmallTask, kind: Kind, viewer: Identity, now: datetime, **facts: Any) -> Draft:
    data = {"party": task.party_id, "act": task.kind.value, "capability": task.capability, **facts}
    return Draft(kind, now, f"member:{viewer.member.id}", None, task.id, None, data)


def _met(need: Posting, task: SmallTask, viewer: Identity, now: datetime) -> Draft:
    facts = {"party": need.party_id, "good": need.good.value, "capability": need.capability, "small_task": task.id}
    return Draft(Kind.NEED_MET, now, f"member:{viewer.member.id}", None, need.id, task.id, facts)
