"""The use cases of people's reach, in one hand."""

from __future__ import annotations

from dataclasses import dataclass

from cloud.application.ports import Clock, Ids, UnitsOfWork
from cloud.application.rosters.calendar_files import CalendarFiles
from cloud.application.rosters.hand_over import HandOver
from cloud.application.rosters.keep_contacts import KeepContacts
from cloud.application.rosters.keep_rosters import KeepRosters
from cloud.application.rosters.questions import RosterQuestions
from cloud.application.rosters.reached_lately import ReachedLately
from cloud.application.rosters.through_channels import ThroughChannels


@dataclass(frozen=True)
class Reaching:
    """Rosters, questions about them, contacts, handovers, and whether a member was reached lately."""

    rosters: KeepRosters
    questions: RosterQuestions
    contacts: KeepContacts
    handovers: HandOver
    lately: ReachedLately

    @classmethod
    def on(
        cls, units: UnitsOfWork, clock: Clock, ids: Ids, calendars: CalendarFiles, through: ThroughChannels
    ) -> Reaching:
        return cls(
            KeepRosters(units, clock, ids, calendars),
            RosterQuestions(units, clock, calendars),
            KeepContacts(units, clock, through),
            HandOver(units, clock, ids),
            ReachedLately(units, clock),
        )
