"""Who sits at the table: the register and topic a member may see, what they may do there, and how it is written down."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Ids, UnitOfWork
from cloud.domain.consultation.ballot import Ballot
from cloud.domain.consultation.terms import CONVENES, acting_for
from cloud.domain.consultation.topic import Topic
from cloud.domain.duties.register import Register
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.personal import PersonalClass, PersonalRecord, new_salt
from cloud.errors import Invalid, NotAllowed, NotFound

MAX_WORDS: Final = 4000


class Seat:
    """One member in one estate, within one unit of work. Raises NotFound where the estate is not theirs to see."""

    def __init__(
        self, uow: UnitOfWork, estate: str, viewer: Identity, *, now: datetime, ids: Ids, cause: str | None = None
    ) -> None:
        register = uow.registers.find(estate) if estate in viewer.estates else None
        if register is None:
            raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
        self.register: Register = register
        self.estate, self.member, self.now = estate, viewer.member, now
        self._uow, self._ids, self._cause = uow, ids, cause

    def convenor(self) -> str:
        """The party for which the member convenes. Raises NotAllowed."""
        party = acting_for(self.register, self.member, CONVENES)
        if party is None:
            raise NotAllowed(
                "A committee of owners or residents, the Party organisation, the street or township convenes. Ask one of them.",
                "由业主委员会、居民委员会、党组织或街道（乡镇）召集，请联系其中之一",
            )
        return party

    def say(self, kind: Kind, subject: str, **data: Any) -> None:
        """Write a fact down. No words of people and nothing of what they voted."""
        draft = Draft(kind, self.now, f"member:{self.member.id}", None, subject, self._cause, data)
        self._uow.ledger.append(self.estate, [draft])

    def keep(self, text: str, what: str) -> PersonalRecord:
        """Words of the member, in the store of personal data, so that they can be erased. Raises Invalid."""
        words = text.strip()
        if not 0 < len(words) <= MAX_WORDS:
            raise Invalid("It was not taken.", [f"{what}: write 1 to {MAX_WORDS} characters"])
        by = f"member:{self.member.id}"
        record = PersonalRecord(
            self._ids.new(self.now), self.estate, by, PersonalClass.NOTE, self.now, words, new_salt()
        )
        self._uow.personal.put(record)
        return record

    def said(self, record_id: str, text: str) -> bool:
        """Whether these are the words of that record: whoever heard no answer says them again."""
        known = self._uow.personal.get(record_id)
        return known is not None and known.erased_at is None and known.text == text.strip()


def append(
    uow: UnitOfWork, topic: Topic, kind: Kind, now: datetime, *, actor: str, cause: str | None, **data: Any
) -> None:
    """A fact about a topic that no member brought about."""
    uow.ledger.append(topic.estate, [Draft(kind, now, actor, None, topic.id, cause, data)])


def topic_for(uow: UnitOfWork, topic_id: str, viewer: Identity) -> Topic:
    """The topic, if the member may see its estate; else it does not exist."""
    topic = uow.consultation.topics.get(topic_id)
    if topic is None or topic.estate not in viewer.estates:
        raise NotFound(f"There is no topic {topic_id!r} here.", "没有这个议题")
    return topic


def ballot_for(uow: UnitOfWork, ballot_id: str, viewer: Identity) -> Ballot:
    ballot = uow.consultation.ballots.get(ballot_id)
    if ballot is None or ballot.estate not in viewer.estates:
        raise NotFound(f"There is no ballot {ballot_id!r} here.", "没有这次表决")
    return ballot
