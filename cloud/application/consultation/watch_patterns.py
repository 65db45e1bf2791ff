"""What repeats opens a topic: looked for again and again, found once."""

from __future__ import annotations

from datetime import datetime

from cloud.application.consultation.seat import append
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.domain.consultation.patterns import Pattern, disputed, find
from cloud.domain.consultation.topic import Topic
from cloud.domain.records.ledger import Kind


class WatchPatterns:
    """One open topic per pattern, however often and by however many workers it is looked for. New evidence of a pattern goes
    to the topic that is open about it, until the vote begins. What a topic has settled counts no more afterwards.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids

    def __call__(self) -> int:
        """How many topics were opened or learnt something. Raises Unavailable."""
        with self._units.reading() as uow:
            estates = [one.id for one in uow.registers.estates()]
            waiting = [one for one in estates if any(self._news(uow, one))]
        return sum(self._tell(estate) for estate in waiting)

    def _news(self, uow: UnitOfWork, estate: str) -> tuple[list[Pattern], list[tuple[Topic, Pattern]]]:
        """Patterns without a topic; topics with evidence that they do not know."""
        now, book = self._clock.now(), uow.consultation
        limits = book.terms.of(estate).thresholds
        since = now - limits.looks_back
        settled = book.topics.settled(estate)
        found = find(book.history.incidents(estate, since), now, limits, settled)
        found += [
            one
            for one in disputed(book.history.declined(estate, since, limits.declines), limits)
            if one.key not in settled
        ]
        fresh, grown = [], []
        for pattern in found:
            topic = book.topics.open_under(estate, pattern.key)
            if topic is None:
                fresh.append(pattern)
            elif topic.see(pattern.evidence, pattern.false_alarms):
                grown.append((topic, pattern))
        return fresh, grown

    def _tell(self, estate: str) -> int:
        with self._units.writing() as uow:
            now = self._clock.now()
            fresh, grown = self._news(uow, estate)
            for pattern in fresh:
                topic = _topic(self._ids.new(now), estate, pattern, now)
                uow.consultation.topics.save(topic)
                _say(uow, topic, Kind.TOPIC_OPENED, pattern, now)
            for topic, pattern in grown:
                uow.consultation.topics.save(topic)
                _say(uow, topic, Kind.EVIDENCE_ADDED, pattern, now)
            uow.commit()
            return len(fresh) + len(grown)


def _say(uow: UnitOfWork, topic: Topic, kind: Kind, pattern: Pattern, now: datetime) -> None:
    about = {"equipment": pattern.equipment, "hazard": pattern.hazard, "task": pattern.task_id}
    facts = {
        "origin": topic.origin.value,
        "count": len(topic.evidence),
        "evidence": list(topic.evidence),
        **{key: value for key, value in about.items() if value is not None},
    }
    append(uow, topic, kind, now, actor="clock", cause=pattern.key, **facts)


def _topic(topic_id: str, estate: str, pattern: Pattern, now: datetime) -> Topic:
    return Topic(
        topic_id, estate, pattern.key, pattern.origin, now, pattern.equipment, pattern.hazard, pattern.task_id,
        pattern.evidence, pattern.days, pattern.false_alarms, pattern.before,
    )  # fmt: skip
