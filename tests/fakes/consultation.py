"""An estate in memory in which nobody has been consulted yet; consultation itself is tried on the real storage."""

from __future__ import annotations


class Nothing:
    """No ballot, no petition, no roll."""

    def of(self, *_estate_and_limit):
        return ()

    def of_estate(self, *_estate_and_limit):
        return ()


class FakeConsultation:
    def __init__(self):
        self.ballots = self.petitions = self.roll = Nothing()
