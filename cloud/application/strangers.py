"""Who speaks for an estate that is not loaded."""

from __future__ import annotations

from cloud.domain.community.faults import Fault, fault
from cloud.errors import NotFound


class EstateNotLoaded(NotFound):
    """What its node says succeeds as soon as the estate is loaded. `why`: the same by its code."""

    def __init__(self, estate: str) -> None:
        self.why: Fault = fault("estate-not-loaded", estate=estate)
        super().__init__(str(self.why), self.why.zh)
