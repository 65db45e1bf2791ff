"""Everything of consultation that a page or a program may ask for, made from one place."""

from __future__ import annotations

from cloud.application.consultation.ballots import HoldBallot
from cloud.application.consultation.keep_roll import KeepRoll
from cloud.application.consultation.petitions import Petitions
from cloud.application.consultation.questions import AskConsultation
from cloud.application.consultation.talk import TalkOver
from cloud.application.ports import Clock, Ids, UnitsOfWork


class Consulting:
    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self.talk = TalkOver(units, clock, ids)
        self.ballots = HoldBallot(units, clock, ids)
        self.petitions = Petitions(units, clock, ids)
        self.roll = KeepRoll(units, clock, ids)
        self.ask = AskConsultation(units, clock, ids)
