"""Times as people read them: how long ago or how much longer, with the exact moment in the estate's time zone beside it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from cloud.domain.community.names import Language

_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86400
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def exact(moment: datetime, zone: ZoneInfo) -> str:
    """The moment to the second, with its date and how far the zone is from UTC."""
    local = moment.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M:%S} (UTC{local:%z})"


def clock(moment: datetime, zone: ZoneInfo) -> str:
    """Hours, minutes, seconds."""
    return moment.astimezone(zone).strftime("%H:%M:%S")


def minute(moment: datetime, zone: ZoneInfo, language: Language) -> str:
    """Day, month, hours, minutes: `27 Nov 07:27`, `11月27日 07:27`."""
    local = moment.astimezone(zone)
    return f"{day_of_year(local, language)} {local:%H:%M}"


def moment(at: datetime, zone: ZoneInfo, language: Language) -> str:
    """The same with the year: for what lies further ahead or behind than a reader takes for granted."""
    local = at.astimezone(zone)
    return f"{day(local, language)} {local:%H:%M}"


def day_of_year(day: date, language: Language) -> str:
    """Day and month, in the reader's order: `27 Nov`, `11月27日`. A date in figures alone is read both ways round."""
    return f"{day.month}月{day.day}日" if language == "zh" else f"{day.day} {_MONTHS[day.month - 1]}"


def day(one: date, language: Language) -> str:
    """The same with its year."""
    return f"{one.year}年{one.month}月{one.day}日" if language == "zh" else f"{day_of_year(one, language)} {one.year}"


def hour(moment: datetime, zone: ZoneInfo) -> str:
    """Hours and minutes."""
    return moment.astimezone(zone).strftime("%H:%M")


def span(length: timedelta, language: Language) -> str:
    """A length in its two largest units that matter: `45 s`, `2 min 10 s`, `3 h 5 min`, `4 d`. Sign is dropped."""
    seconds = int(abs(length.total_seconds()))
    zh = language == "zh"
    day_, hour, minute, second = ("天", "小时", "分", "秒") if zh else (" d", " h", " min", " s")
    if seconds < _MINUTE:
        return f"{seconds}{second}"
    if seconds < 10 * _MINUTE:
        rest = seconds % _MINUTE
        return f"{seconds // _MINUTE}{minute}" + (f"{'' if zh else ' '}{rest}{second}" if rest else "钟" if zh else "")
    if seconds < _HOUR:
        return f"{seconds // _MINUTE}{minute}{'钟' if zh else ''}"
    if seconds < _DAY:
        rest = seconds % _HOUR // _MINUTE
        return f"{seconds // _HOUR}{hour}" + (f"{'' if zh else ' '}{rest}{minute}" if rest else "")
    return f"{seconds // _DAY}{day_}"


def ago(moment: datetime, now: datetime, language: Language) -> str:
    """How long ago it was; `just now` within three seconds; ahead of us: in how long it will be."""
    length = now - moment
    if abs(length) < timedelta(seconds=3):
        return "刚刚" if language == "zh" else "just now"
    words = span(length, language)
    if length < timedelta():
        return f"{words}后" if language == "zh" else f"in {words}"
    return f"{words}前" if language == "zh" else f"{words} ago"


def left(length: timedelta, language: Language) -> str:
    """What is left of a limit as minutes and seconds (`02:41`), hours and days in words; over it with a plus sign."""
    seconds = int(length.total_seconds())
    if abs(seconds) >= _HOUR:
        return ("+" if seconds < 0 else "") + span(length, language)
    minutes, rest = divmod(abs(seconds), _MINUTE)
    return f"{'+' if seconds < 0 else ''}{minutes:02d}:{rest:02d}"
