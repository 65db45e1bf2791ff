"""The rates of an estate's organisations over some days, for everybody to see."""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, date, datetime, time, timedelta
from threading import Lock
from typing import Final
from zoneinfo import ZoneInfo

from cloud.application.credit.views import PartyRatesView, RatesView, RateView
from cloud.application.ports import Clock, UnitsOfWork
from cloud.domain.credit.rates import DEFINITIONS, UNRATED, Judgement, PartyRates, Period, rates
from cloud.domain.duties.register import Estate
from cloud.errors import Invalid, NotFound

USUAL_DAYS: Final = 30
MAX_DAYS: Final = 366
REMEMBERED: Final = 64
"""Answers that are kept: anybody may ask, and reading a year's tasks takes a moment."""

FRESH: Final = timedelta(minutes=1)


class Rating:
    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock
        self._lock = Lock()
        self._known: OrderedDict[tuple[str, date, date], RatesView] = OrderedDict()

    def __call__(self, estate: str, first: date | None = None, last: date | None = None) -> RatesView:
        """From the first day to the last, both included; by default the 30 days until today. At most a minute old.

        Raises NotFound, Invalid.
        """
        now = self._clock.now()
        with self._units.reading() as uow:
            register = uow.registers.find(estate)
            if register is None:
                raise NotFound(f"There is no estate {estate!r} here.", "没有这个小区")
            days = _days(first, last, register.estate.local(now).date())
            known = self._remembered((estate, *days), now)
            if known is not None:
                return known
            since, until = (_midnight(register.estate, day) for day in (days[0], days[1] + timedelta(days=1)))
            tasks = uow.rated_tasks.within(estate, since, until)
            parties = [party for party in register.parties.values() if party.kind not in UNRATED]
            judged = [
                Judgement(task.id, one.verdict, one.at) for task in tasks for one in task.judgements if not one.own
            ]
            found = rates(tasks, sorted(parties, key=lambda party: party.id), Period(since, until, now), judged)
            shown = [PartyRatesView(one.party_id, register.party(one.party_id).names, _views(one)) for one in found]
            view = RatesView(estate, *days, now, shown)
            self._remember((estate, *days), view)
            return view

    def _remembered(self, key: tuple[str, date, date], now: datetime) -> RatesView | None:
        with self._lock:
            known = self._known.get(key)
        return known if known is not None and now - known.computed_at < FRESH else None

    def _remember(self, key: tuple[str, date, date], view: RatesView) -> None:
        with self._lock:
            self._known[key] = view
            self._known.move_to_end(key)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)


def _days(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    try:
        last = last or (today if first is None else min(today, first + timedelta(days=MAX_DAYS - 1)))
        first = first or last - timedelta(days=USUAL_DAYS - 1)
        last + timedelta(days=2)  # the calendar's last days have no day after them
        first - timedelta(days=2)
    except OverflowError:
        first, last = date.max, date.min
    if first > last or (last - first).days >= MAX_DAYS:
        raise Invalid(
            "These days are no period.",
            [f"first, last: first is not after last, and they span at most {MAX_DAYS} days"],
        )
    return first, last


def _midnight(estate: Estate, day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(estate.time_zone)).astimezone(UTC)


def _views(found: PartyRates) -> list[RateView]:
    shares = [
        RateView(measure, DEFINITIONS[measure], share.numerator, share.denominator, share.rate, None)
        for measure, share in found.shares.items()
    ]
    medians = [
        RateView(measure, DEFINITIONS[measure], None, len(times.seconds), None, times.median)
        for measure, times in found.times.items()
    ]
    return shares + medians
