"""What a country brings along: its default matrix and the bodies that are phoned there."""

from __future__ import annotations

from cloud.adapters.estate_file.externals import EXTERNALS_OF
from cloud.adapters.estate_file.reading import MATRICES, default_duties
from cloud.domain.community.party import Party
from cloud.domain.duties.duty import Duty


class Countries:
    """Implements `amend_estate.Defaults`."""

    @property
    def regions(self) -> tuple[str, ...]:
        return tuple(MATRICES)

    def matrix(self, region: str) -> tuple[Duty, ...]:
        return default_duties(region)

    def externals(self, region: str) -> tuple[Party, ...]:
        return EXTERNALS_OF.get(region, ())
