"""One dead letter, as a whole: to judge what its sender meant, and whether it can be taken after all."""

from __future__ import annotations

from dataclasses import dataclass

from cloud.application.asking.depict_letters import dead_letter_view
from cloud.application.asking.node_views import DeadLetterView
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import UnitsOfWork
from cloud.errors import NotFound


@dataclass(frozen=True, slots=True)
class WholeLetter:
    """`payload`: every byte that came; none is kept past `retention.dead_letter_days`."""

    letter: DeadLetterView
    payload: bytes


class AskDeadLetter:
    """A letter of no estate of theirs does not exist for them: NotFound."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def __call__(self, letter_id: str, viewer: Identity) -> WholeLetter:
        with self._units.reading() as uow:
            letter = uow.dead_letters.get(letter_id)
        if letter is None or letter.estate not in viewer.estates:
            raise NotFound("There is no such dead letter.", "没有这封死信")
        return WholeLetter(dead_letter_view(letter), letter.payload)
