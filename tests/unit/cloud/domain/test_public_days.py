"""Public days are those of the library, of one country alone."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta

import holidays
import pytest

from cloud.domain.community.public_days import PublicDays, known_region
from cloud.errors import Invalid

YEAR = 2026
"""One whose adjusted days are published."""


@pytest.mark.parametrize("region", ["CN", "HK", "TW", "SGP", "DE", "US", "GU"])  # GU's are derived from US's
def test_the_days_are_those_that_the_library_says_of_all_countries(region):
    library, days = holidays.country_holidays(region, years=YEAR), PublicDays(region)
    for number in range(365):
        day = date(YEAR, 1, 1) + timedelta(number)
        assert days.is_workday(day) is library.is_working_day(day), day
    named = days.named(date(YEAR, 1, 1), date(YEAR, 12, 31))
    assert {one.day for one in named} == {day for day in (*library, *library.weekend_workdays) if day.year == YEAR}
    assert {one.names.zh for one in named if not one.works} >= set(_in_chinese(region).values())


def _in_chinese(region: str) -> dict[date, str]:
    offered = holidays.country_holidays(region).supported_languages
    return dict(holidays.country_holidays(region, years=YEAR, language="zh_CN")) if "zh_CN" in offered else {}


def test_an_unknown_country_is_refused_and_so_is_any_other_name_in_the_library():
    for region in ("XX", "cn", "HolidayBase", "countries", ""):
        assert not known_region(region)
        with pytest.raises(Invalid, match="no public holidays known"):
            PublicDays(region).is_workday(date(YEAR, 1, 1))


def test_only_the_country_asked_for_is_loaded():
    """All 250 took 13 MiB of every cloud."""
    asked = (
        "import sys, datetime; from cloud.domain.community.public_days import DEFAULT_DAYS;"
        "DEFAULT_DAYS.is_workday(datetime.date(2026, 10, 1)); sys.exit('holidays.countries' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
