"""Members keep filters of the board under names of their own, and let go of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.domain.community.saved_view import MAX_QUERY, SavedView, check_room, checked_name
from cloud.errors import Invalid, NotFound


class SavedViews:
    """A member's own; nobody else sees or touches them. Raises NotFound, Invalid, Conflict."""

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids

    def of(self, estate: str, viewer: Identity) -> Sequence[SavedView]:
        with self._units.reading() as uow:
            _require_estate(uow, estate, viewer)
            return uow.views.of(estate, viewer.member.id)

    def save(self, estate: str, name: str, query: str, viewer: Identity) -> SavedView:
        """Under that name; what it named before is replaced."""
        name = checked_name(name)
        if not query or len(query) > MAX_QUERY:
            raise Invalid("The view was not saved.", ["filter: choose what to narrow the board by, then save it"])
        with self._units.writing() as uow:
            _require_estate(uow, estate, viewer)
            known, now = uow.views.of(estate, viewer.member.id), self._clock.now()
            again = next((one for one in known if one.name == name), None)
            if again is None:
                check_room(len(known))
                view = SavedView(self._ids.new(now), estate, viewer.member.id, name, query, now)
            else:
                view = replace(again, query=query, saved_at=now)
            uow.views.save(view)
            uow.commit()
            return view

    def remove(self, estate: str, view_id: str, viewer: Identity) -> None:
        with self._units.writing() as uow:
            _require_estate(uow, estate, viewer)
            if all(one.id != view_id for one in uow.views.of(estate, viewer.member.id)):
                raise NotFound(f"You have no saved view {view_id!r} here.", "您没有这个视图")
            uow.views.remove(view_id)
            uow.commit()


def _require_estate(uow: UnitOfWork, estate: str, viewer: Identity) -> None:
    if estate not in viewer.estates or uow.registers.find(estate) is None:
        raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
