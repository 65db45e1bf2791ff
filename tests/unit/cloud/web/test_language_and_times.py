from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.entrypoints.web import times
from cloud.entrypoints.web.language import accepted, choose

NOW = datetime(2026, 5, 12, 19, 4, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("de,en;q=0.3,zh;q=0.5", "zh"),
        ("fr-FR", None),
        ("zh;q=0", None),
        ("", None),
        (None, None),
        ("en;q=nonsense,zh;q=0.1", "zh"),
    ],
)
def test_the_browsers_wish(header, language):
    assert accepted(header) == language


@given(st.text(max_size=300))
def test_any_header_is_survived(header):
    assert accepted(header) in {"zh", "en", None}


def test_what_was_asked_for_now_goes_before_all_else():
    assert choose("en", "zh", "zh", "zh") == "en"
    assert choose("klingon", "en", "zh", "zh") == "en"
    assert choose(None, None, "en", "zh") == "en"
    assert choose(None, None, None, "en") == "en"
    assert choose(None, None, None, None) == "zh"
    assert choose(None, None, None, "fr-FR", region="GB") == "en"
    assert choose(None, None, None, "fr-FR", region="CN") == "zh"
    assert choose(None, None, None, "zh", region="GB") == "zh", "what somebody reads goes before where they stand"


@pytest.mark.parametrize(
    ("seconds", "en", "zh"),
    [
        (1, "just now", "刚刚"),
        (45, "45 s ago", "45秒前"),
        (130, "2 min 10 s ago", "2分10秒前"),
        (120, "2 min ago", "2分钟前"),
        (20 * 60, "20 min ago", "20分钟前"),
        (3 * 3600 + 300, "3 h 5 min ago", "3小时5分前"),
        (4 * 86400, "4 d ago", "4天前"),
        (-60, "in 1 min", "1分钟后"),
    ],
)
def test_how_long_ago(seconds, en, zh):
    then = NOW - timedelta(seconds=seconds)
    assert times.ago(then, NOW, "en") == en
    assert times.ago(then, NOW, "zh") == zh


@pytest.mark.parametrize(
    ("seconds", "shown"), [(161, "02:41"), (0, "00:00"), (-75, "+01:15"), (3 * 3600, "3 h"), (-7200, "+2 h")]
)
def test_what_is_left_of_a_clock(seconds, shown):
    assert times.left(timedelta(seconds=seconds), "en") == shown


def test_the_exact_time_is_the_estates():
    assert times.exact(NOW, ZoneInfo("Asia/Shanghai")) == "2026-05-13 03:04:10 (UTC+0800)"
    assert times.clock(NOW, ZoneInfo("Asia/Shanghai")) == "03:04:10"


def test_a_date_is_written_as_the_reader_writes_dates():
    shanghai = ZoneInfo("Asia/Shanghai")
    assert times.minute(NOW, shanghai, "en") == "13 May 03:04"
    assert times.minute(NOW, shanghai, "zh") == "5月13日 03:04"
    assert times.moment(NOW, shanghai, "en") == "13 May 2026 03:04"
    assert times.moment(NOW, shanghai, "zh") == "2026年5月13日 03:04"
    assert times.day(date(2026, 11, 26), "en") == "26 Nov 2026"
    assert times.day(date(2026, 11, 26), "zh") == "2026年11月26日"
