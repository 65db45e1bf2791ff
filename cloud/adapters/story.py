"""The story of one incident in the logs: a line for each entry of the ledger, found by one id from pin to person."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Final

import structlog

from cloud.domain.records.ledger import Entry

STORY: Final = "cloud.story"

_TOLD: Final = ("occurrence", "hazard", "equipment", "party", "channel")
"""What of an entry's data is in its line; the occurrence is what the node's own logs call an alarm."""

_log = structlog.get_logger(STORY)


def tell_story(entries: Iterable[Entry]) -> None:
    """Called after the commit. `correlation_id` is the incident's id; what came from a node carries the `occurrence` by
    which the node's own logs know it. No personal data is in an entry, so none is in the logs.
    """
    if not structlog.is_configured() or not _log.is_enabled_for(logging.INFO):
        return
    for entry in entries:
        _log.info(
            entry.kind,
            estate=entry.estate,
            seq=entry.seq,
            correlation_id=entry.correlation_id,
            causation_id=entry.causation_id,
            actor=entry.actor,
            subject=entry.subject,
            **{key: entry.data[key] for key in _TOLD if entry.data.get(key) is not None},
        )
