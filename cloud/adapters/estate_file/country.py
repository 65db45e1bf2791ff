"""What a country brings along: its default matrix and the bodies that are phoned there."""

from __future__ import annotations

from cloud.adapters.estate_file.externals import EXTERNALS_OF
from cloud.domain.community.party import Party
from cloud.domain.duties.duty import Duty


class Countries:
    """Implements `amend_estate.Defaults`. What reads YAML is loaded when it is first needed."""

    @property
    def regions(self) -> tuple[str, ...]:
        from cloud.adapters.estate_file.reading import MATRICES

        return tuple(MATRICES)

    def matrix(self, region: str) -> tuple[Duty, ...]:
        from cloud.adapters.estate_file.reading import default_duties

        return default_duties(region)

    def externals(self, region: str) -> tuple[Party, ...]:
        return EXTERNALS_OF.get(region, ())
