"""Who looks at personal data is written down: an entry for each member and matter, once in the hour they go on looking."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from cloud.application.estates.sign_in import Identity
from cloud.application.once_ports import beside_the_request
from cloud.application.ports import Clock, UnitsOfWork
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.personal import PersonalClass
from cloud.errors import CloudError

_log = logging.getLogger(__name__)

ONE_LOOK: Final = timedelta(hours=1)
"""A page that is open reads itself anew with every change. Were each reading an entry, the entry would be a change."""


class PersonalLooks:
    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def note(self, viewer: Identity, estate: str, about: str, *classes: PersonalClass) -> None:
        """`about`: the incident, or the person's key, whose data is shown. What cannot be written down is logged and
        shown all the same: the words may save somebody, and a full disk must not hide them.
        """
        member, now = viewer.member.id, self._clock.now()
        try:
            # A page that is open asks often: only the first time takes the right to write from whoever has an alarm.
            with self._units.reading() as uow:
                last = uow.personal.last_look(estate, member, about)
            if last is not None and last > now - ONE_LOOK:
                return
            with beside_the_request(), self._units.writing() as uow:
                if not uow.personal.first_look(estate, member, about, now, now - ONE_LOOK):
                    return
                data = {
                    "class": "+".join(sorted(classes)),
                    "party": viewer.member.party_id,
                    "through": viewer.purpose.value,
                }
                # Not among the incident's own entries: who reads its story is no part of the story.
                draft = Draft(Kind.PERSONAL_READ, now, f"member:{member}", None, about, "request", data)
                uow.ledger.append(estate, [draft])
                uow.commit()
        except CloudError as error:
            _log.error("a look at personal data of %s by %s could not be written down: %s", about, member, error)
