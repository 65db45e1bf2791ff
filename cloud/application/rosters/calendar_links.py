"""Addresses under which a calendar program finds a roster: each opens that roster and nothing else, until it is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cloud.application.estates.sign_in import Identity, Issued, SignIn
from cloud.application.ports import Clock, UnitsOfWork
from cloud.application.rosters.keeping import register_for
from cloud.application.rosters.questions import RosterQuestions
from cloud.domain.community.access import AccessKey, Purpose
from cloud.errors import Conflict, NotFound, Unauthenticated

MOST: Final = 20
"""Of one member: a telephone, a desk and a wall, several times over."""


class CalendarLinks:
    """Programs that subscribe send no cookie and no header, so the address itself is the secret: only its hash is kept. It
    shows what its owner may see, and nothing once they are gone.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, sign_in: SignIn, questions: RosterQuestions) -> None:
        self._units, self._clock, self._sign_in, self._questions = units, clock, sign_in, questions

    def make(self, estate: str, roster: str, viewer: Identity) -> Issued:
        """The token of a new address, shown this once. Raises NotFound, Conflict."""
        with self._units.writing() as uow:
            register = register_for(uow, estate, viewer)
            if all(one.id != roster for one in register.rosters):
                raise NotFound(f"There is no roster {roster!r} in this estate.", "没有这份值班表")
            now = self._clock.now()
            alive = [key for key in uow.keys.of_member(viewer.member.id) if key.opens(Purpose.CALENDAR, now)]
            if len(alive) >= MOST:
                raise Conflict(
                    f"You have {MOST} addresses of calendars. Take one back that is not used.",
                    f"最多{MOST}个订阅地址，请先收回不用的",
                )
            issued = self._sign_in.grant(
                uow, viewer.member.id, Purpose.CALENDAR, None,
                scopes=frozenset({_scope(estate, roster)}), label=roster, actor=f"member:{viewer.member.id}",
            )  # fmt: skip
            uow.commit()
        return issued

    def mine(self, estate: str, roster: str, viewer: Identity) -> Sequence[AccessKey]:
        """The viewer's own addresses of this roster, the newest first."""
        with self._units.reading() as uow:
            known = uow.keys.of_member(viewer.member.id)
        now, scope = self._clock.now(), _scope(estate, roster)
        return [key for key in reversed(known) if key.opens(Purpose.CALENDAR, now) and scope in key.scopes]

    def read(self, token: str) -> bytes:
        """The calendar. Raises NotFound, whatever is the matter: who asks is nobody to whom more is owed."""
        gone = NotFound("There is no calendar at this address, or it was taken back.", "没有这个日历，或地址已被收回")
        try:
            viewer = self._sign_in.identify(token, Purpose.CALENDAR)
        except Unauthenticated:
            raise gone from None
        for scope in viewer.scopes:
            estate, _, roster = scope.partition("/")
            return self._questions.calendar(estate, viewer, roster=roster)
        raise gone


def _scope(estate: str, roster: str) -> str:
    """Neither holds a slash: both are slugs."""
    return f"{estate}/{roster}"
