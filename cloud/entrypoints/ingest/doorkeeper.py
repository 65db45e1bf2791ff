"""Who is not enrolled is not heard: counted, told to the operator, and left unacknowledged, so that its node keeps it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

import structlog

from cloud.application.fleet.admission import Admission
from cloud.application.intake.dead_letters import Refused, Why
from cloud.domain.community.faults import fault
from cloud.entrypoints.ingest.decoding import Arrival
from cloud.entrypoints.ingest.measures import Measures
from schemas.topics import Channel, NodeAddress

SILENCE: Final = timedelta(hours=1)
"""A node that is turned away tries again and again: it is said once, and again after this long."""

_MOST_REMEMBERED: Final = 10_000


class Doorkeeper:
    """Asked by both lanes, each from its own thread."""

    def __init__(self, admission: Admission, letters: Callable[[Refused], object], measures: Measures) -> None:
        self._admission, self._letters, self._measures = admission, letters, measures
        self._said: dict[NodeAddress, datetime] = {}
        self._lock = Lock()
        self._log = structlog.get_logger("cloud.ingest")

    def turns_away(self, arrival: Arrival, address: NodeAddress) -> bool:
        """Whether this message is not taken. The first of a node stands in the dead letters then.

        Raises cloud.errors.Unavailable when that could not be kept.
        """
        if not self._admission.refuses(address):
            return False
        channel = Channel(arrival.topic.rpartition("/")[2])
        self._measures.refused(f"{channel} of nobody enrolled", 1)
        if channel is Channel.PRESENCE:
            # The broker repeats the last birth of a node that was revoked long ago; one that lives says more than this.
            return True
        with self._lock:
            said = self._said.get(address)
            known = said is not None and abs(arrival.at - said) < SILENCE
            if not known and (said is not None or len(self._said) < _MOST_REMEMBERED):
                self._tell(arrival, address, channel)
                self._said[address] = arrival.at
        return True

    def _tell(self, arrival: Arrival, address: NodeAddress, channel: Channel) -> None:
        why = fault("node-not-enrolled", address=address, estate=address.estate, node=address.node)
        self._letters(Refused(arrival.topic, arrival.payload, why, arrival.at, address, channel, why=Why.IDENTITY))
        self._log.warning("a node that is not enrolled speaks", node=str(address), channel=str(channel))
