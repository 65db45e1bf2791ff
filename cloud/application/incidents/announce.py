"""Exercises are announced to whom they concern, called off to whom they were announced, and told to be over too early."""

from __future__ import annotations

from datetime import datetime

from cloud.application.ports import Ids, UnitOfWork
from cloud.domain.duties.reach import callable_members
from cloud.domain.duties.register import Register
from cloud.domain.incidents.announcing import announcement
from cloud.domain.incidents.exercise import Exercise
from cloud.domain.records.missive import Missive, Subject


class Announce:
    """Within one unit of work, which the caller commits. Nothing is announced to who does it."""

    def __init__(self, uow: UnitOfWork, register: Register, ids: Ids, now: datetime, by: str) -> None:
        self._uow, self._register, self._ids, self._now, self._by = uow, register, ids, now, by

    def planned(self, exercise: Exercise) -> None:
        words, told = announcement(self._register, exercise, Subject.EXERCISE_PLANNED), {self._by}
        for party_id in exercise.told:
            for member in callable_members(self._register, party_id):
                if member.id in told:
                    continue  # One person may act for several parties.
                told.add(member.id)
                self._uow.missives.save(
                    Missive(
                        self._ids.new(self._now), exercise.estate, Subject.EXERCISE_PLANNED, exercise.id, words,
                        self._now, self._now, party_id, member.id,
                    )
                )  # fmt: skip

    def ended(self, exercise: Exercise) -> None:
        """Before its time. What has not left yet is withdrawn; whoever had read it is told."""
        coming = self._now < exercise.starts_at
        subject = Subject.EXERCISE_CALLED_OFF if coming else Subject.EXERCISE_OVER
        words = announcement(self._register, exercise, subject)
        for known in self._uow.missives.about(exercise.id):
            if known.sent_at is None and known.claims == 0:
                self._uow.missives.save(known.withdrawn(self._now))
            elif known.member_id != self._by:
                # Also where it was tried: it may have arrived although nobody has said so.
                self._uow.missives.save(
                    Missive(
                        self._ids.new(self._now), exercise.estate, subject, exercise.id, words, self._now, self._now,
                        known.party_id, known.member_id,
                    )
                )  # fmt: skip
