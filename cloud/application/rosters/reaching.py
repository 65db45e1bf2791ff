"""The use cases of people's reach, in one hand."""

from __future__ import annotations

from dataclasses import dataclass

from cloud.application.estates.sign_in import SignIn
from cloud.application.ports import Clock, Ids, UnitsOfWork
from cloud.application.rosters.calendar_files import CalendarFiles
from cloud.application.rosters.calendar_links import CalendarLinks
from cloud.application.rosters.hand_over import HandOver
from cloud.application.rosters.keep_contacts import KeepContacts
from cloud.application.rosters.keep_rosters import KeepRosters
from cloud.application.rosters.questions import RosterQuestions
from cloud.application.rosters.reached_lately import ReachedLately
from cloud.application.rosters.through_channels import ThroughChannels
from cloud.application.rosters.week import RosterWeek


@dataclass(frozen=True)
class Reaching:
    """Rosters, questions about them, contacts, handovers, calendars that others subscribe to, and who was reached lately."""

    rosters: KeepRosters
    questions: RosterQuestions
    contacts: KeepContacts
    handovers: HandOver
    weeks: RosterWeek
    links: CalendarLinks
    lately: ReachedLately

    @classmethod
    def on(
        cls,
        units: UnitsOfWork,
        clock: Clock,
        ids: Ids,
        calendars: CalendarFiles,
        through: ThroughChannels,
        *,
        sign_in: SignIn,
    ) -> Reaching:
        questions = RosterQuestions(units, clock, calendars)
        return cls(
            KeepRosters(units, clock, ids, calendars),
            questions,
            KeepContacts(units, clock, through),
            HandOver(units, clock, ids),
            RosterWeek(units),
            CalendarLinks(units, clock, sign_in, questions),
            ReachedLately(units, clock),
        )
