"""What is shown of dead letters."""

from __future__ import annotations

from typing import Final

from cloud.application.asking.node_views import DeadLetterView
from cloud.application.records import DeadLetter
from cloud.application.replayable import hindrance

EXCERPT: Final = 2000


def dead_letter_view(letter: DeadLetter) -> DeadLetterView:
    return DeadLetterView(
        id=letter.id,
        received_at=letter.received_at,
        estate=letter.estate,
        node_id=letter.node_id,
        topic=letter.topic,
        reason=letter.reason,
        size=len(letter.payload),
        excerpt=letter.payload.decode(errors="replace")[:EXCERPT],
        hindrance=hindrance(letter),
        replayed_at=letter.replayed_at,
        replayed_by=letter.replayed_by,
    )
