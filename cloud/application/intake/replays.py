"""A dead letter that is taken after all: who may have it taken, once, and that the ledger says so."""

from __future__ import annotations

from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitsOfWork
from cloud.application.records import DeadLetter
from cloud.application.replayable import hindrance
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import Conflict, NotFound, Refused


class KeepReplays:
    """A letter of an estate that the member has nothing to do with does not exist for them: NotFound."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def letter(self, letter_id: str, identity: Identity) -> DeadLetter:
        """One that can be tried. Raises NotFound, Conflict (it was taken already), Refused (it never can be)."""
        with self._units.reading() as uow:
            letter = uow.dead_letters.get(letter_id)
        if letter is None or letter.estate not in identity.estates:
            raise NotFound("There is no such dead letter.", "没有这封死信")
        if letter.replayed_at is not None:
            raise Conflict("It was taken already.", "该消息已重新收下")
        why = hindrance(letter)
        if why is not None:
            raise Refused(why.en, why.zh)
        return letter

    def taken(self, letter: DeadLetter, identity: Identity) -> bool:
        """Keep that it was taken. False where somebody else had it taken meanwhile."""
        with self._units.writing() as uow:
            now, member = self._clock.now(), identity.member.id
            if letter.estate is None or not uow.dead_letters.replayed(letter.id, now, member):
                return False
            data = {"node": letter.node_id, "topic": letter.topic.rpartition("/")[2]}
            draft = Draft(Kind.LETTER_REPLAYED, now, f"member:{member}", None, letter.id, letter.id, data)
            uow.ledger.append(letter.estate, [draft])
            uow.commit()
            return True
