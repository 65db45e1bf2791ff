"""What a country brings along: its default matrix and the bodies that are phoned there."""

from __future__ import annotations

from functools import cache
from importlib import resources

from cloud.adapters.estate_file.externals import EXTERNALS_OF
from cloud.domain.community.party import Party
from cloud.domain.duties.duty import Duty


class Countries:
    """Implements `amend_estate.Defaults`. What reads YAML is loaded when it is first needed."""

    @property
    def regions(self) -> tuple[str, ...]:
        from cloud.adapters.estate_file.reading import MATRICES

        return tuple(MATRICES)

    def zones(self, region: str) -> tuple[str, ...]:
        return _zones().get(region, ())

    def matrix(self, region: str) -> tuple[Duty, ...]:
        from cloud.adapters.estate_file.reading import default_duties

        return default_duties(region)

    def externals(self, region: str) -> tuple[Party, ...]:
        return EXTERNALS_OF.get(region, ())


@cache
def _zones() -> dict[str, tuple[str, ...]]:
    """By country, the most populous zone first, as zone.tab of the time-zone database has them."""
    table = resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8")
    found: dict[str, tuple[str, ...]] = {}
    for line in table.splitlines():
        if line and not line.startswith("#"):
            region, _, zone = line.split("\t")[:3]
            found[region] = (*found.get(region, ()), zone)
    return found
