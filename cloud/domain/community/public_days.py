"""Which days people work: weekends, public holidays and the weekends that are worked instead of them (调休).

The days come from the library `holidays` (MIT, published every month): of the libraries there are, the one that keeps China's
adjusted working days up to date. Nothing else imports it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING, Final

from cloud.domain.community.names import Names
from cloud.errors import Invalid

if TYPE_CHECKING:
    from holidays import HolidayBase

DEFAULT_REGION: Final = "CN"


class DayRule(StrEnum):
    """On which days something holds."""

    EVERY_DAY = "every_day"
    WORKDAYS = "workdays"
    HOLIDAYS = "holidays"


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day that is not what its weekday says: a public holiday, or a weekend that is worked instead of one."""

    day: date
    works: bool
    names: Names


@dataclass(frozen=True, slots=True)
class PublicDays:
    """The working days of a region (ISO 3166 alpha-2, `CN`); what the estate itself names goes before.

    China's adjusted days are published in autumn for the year to come; `adjusted` says whether a year's are known.
    """

    region: str = DEFAULT_REGION
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    def is_workday(self, day: date) -> bool:
        if day in self.workdays or day in self.holidays:
            return day in self.workdays
        return bool(_year(self.region, day.year, "en_US").is_working_day(day))

    def fits(self, rule: DayRule, day: date) -> bool:
        return rule is DayRule.EVERY_DAY or self.is_workday(day) is (rule is DayRule.WORKDAYS)

    def named(self, first: date, last: date) -> tuple[NamedDay, ...]:
        """The days from `first` to `last`, both included, that are not what their weekday says."""
        found = {day: NamedDay(day, day in self.workdays, _LOCAL[day in self.workdays]) for day in self._own()}
        for year in range(first.year, last.year + 1):
            zh, en = _year(self.region, year, "zh_CN"), _year(self.region, year, "en_US")
            for day in en:
                found.setdefault(day, NamedDay(day, works=False, names=Names(zh.get(day, en[day]), en[day])))
            for day in en.weekend_workdays:
                found.setdefault(day, NamedDay(day, works=True, names=_SUBSTITUTED))
        return tuple(found[day] for day in sorted(found) if first <= day <= last)

    def _own(self) -> frozenset[date]:
        return self.holidays | self.workdays

    def adjusted(self, year: int) -> bool:
        """Whether that year's adjusted working days are known; before, only its statutory holidays are."""
        known = _year(self.region, year, "en_US").weekend_workdays
        return self.region != DEFAULT_REGION or any(day.year == year for day in (*known, *self.workdays))


DEFAULT_DAYS: Final = PublicDays()

_LOCAL: Final = (Names("本小区休息日", "day off in this estate"), Names("本小区工作日", "working day in this estate"))
_SUBSTITUTED: Final = Names("调休上班", "worked instead of a day off")


def known_region(region: str) -> bool:
    from holidays.registry import EntityLoader

    return region in EntityLoader.get_country_codes()


@lru_cache(maxsize=256)
def _year(region: str, year: int, language: str) -> HolidayBase:
    """One year of a region; the adjusted days of all years stand in each. Raises Invalid for an unknown region."""
    country = _country(region)
    plain = country(years=year, expand=False)
    if language in plain.supported_languages:
        return country(years=year, expand=False, language=language)
    return plain


@cache
def _country(region: str) -> type[HolidayBase]:
    """What the library says of one country, read past its package of countries: that imports all 250 of them, which took
    13 MiB of a service that needs one. A few derive from another and bring the package in themselves; those work too.
    Raises Invalid.
    """
    import holidays

    if not known_region(region):
        raise Invalid(
            f"There are no public holidays known for {region!r}: write a country as in ISO 3166, for example CN."
        )
    entity, package = getattr(holidays, region), find_spec("holidays.countries")
    spec = PathFinder.find_spec(entity.module_name, package.submodule_search_locations if package else None)
    assert spec is not None, f"the library names {entity.module_name} and does not have it"
    assert spec.loader is not None
    # Not among the imported modules: whatever imports the package must find it whole.
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    country: type[HolidayBase] = getattr(module, entity.entity_name)
    return country
