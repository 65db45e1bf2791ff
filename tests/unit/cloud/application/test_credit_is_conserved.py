"""Credit is conserved: whatever is granted, asked for again and taken back, accounts come to what the ledger says, and nothing
is paid or taken back twice (governance.md, Credit).
"""

from __future__ import annotations

import itertools
import os
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cloud.adapters.estate_file import default_credit_table
from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.credit.crediting import Crediting
from cloud.application.estates.load_estate import LoadEstate
from cloud.domain.credit.account import EntryKind, ReversalReason
from cloud.domain.credit.act import deed
from cloud.domain.credit.table import ActKind
from cloud.domain.records.ledger import Kind
from cloud.errors import CloudError
from tests.fakes.clocks import START, CountingIds, FakeClock
from tests.fakes.estate import ESTATE
from tests.fakes.neighbours import neighbourhood, viewer
from tests.fakes.state import fresh_state

EXAMPLES = int(os.environ.get("TOCSIN_EXAMPLES", "20"))
DOERS = st.sets(st.sampled_from(["ann", "ben", "cao", "guard"]), min_size=1, max_size=3)
_STEPS = st.one_of(
    st.tuples(st.just("grant"), st.integers(0, 4), st.sampled_from([ActKind.PATROL, ActKind.SMALL_TASK]), DOERS),
    st.tuples(st.just("reverse"), st.integers(0, 9)),
    st.tuples(st.just("take back"), st.integers(0, 4)),
)
_AGAIN = ("grant", 0, ActKind.PATROL, {"ann", "ben"})
_CAPPED = [("grant", number, ActKind.PATROL, {"ann"}) for number in range(4)]
_DAYS = itertools.count()


@pytest.fixture(scope="module")
def credit(tmp_path_factory):
    engine = fresh_state(tmp_path_factory.mktemp("credit") / "state.db")
    units, clock = SqlUnitsOfWork(engine), FakeClock()
    LoadEstate(units, clock)(neighbourhood())
    yield Crediting(units, clock, CountingIds(), default_credit_table), units
    engine.dispose()


@settings(max_examples=EXAMPLES)
@given(steps=st.lists(_STEPS, max_size=12))
@example(steps=[_AGAIN, _AGAIN, ("reverse", 0), ("reverse", 0), ("take back", 0), ("take back", 0), _AGAIN])
@example(steps=[*_CAPPED, *(("reverse", number) for number in range(4))])
def test_accounts_come_to_what_was_granted_and_taken_back_and_nothing_is_paid_or_taken_back_twice(credit, steps):
    crediting, units = credit
    today = START + timedelta(days=next(_DAYS))
    for what, which, *more in steps:
        name = f"{today:%j}:{which}:"
        with suppress(CloudError):
            if what == "grant":
                crediting.grant(ESTATE, deed(name, more[0], more[1], today, ["manager"]))
            elif what == "reverse":
                own = [one for one in entries(units) if one.act_id.startswith(f"{today:%j}:")]
                crediting.reverse(own[which % len(own)].id if own else "", viewer("manager"), ReversalReason.MISTAKEN)
            else:
                take_back(crediting, units, name, today)
    conserved(units)


def entries(units):
    with units.reading() as uow:
        return list(uow.credit.of_acts(ESTATE, ""))


def take_back(crediting, units, name, now):
    """As a matter that begins again does."""
    with units.writing() as uow:
        drafts = crediting.granting.take_back(uow, ESTATE, name, reason=ReversalReason.REOPENED, by="system", now=now)
        uow.ledger.append(ESTATE, drafts)
        uow.commit()


def conserved(units) -> None:
    known, told = entries(units), Counter[str]()
    with units.reading() as uow:
        for fact in uow.ledger.since(ESTATE, 0, 100_000):
            if fact.kind in (Kind.CREDIT_GRANTED, Kind.CREDIT_REVERSED):
                told[str(fact.data["member"])] += int(fact.data["points"])
    granted = {one.id: one for one in known if one.kind is EntryKind.GRANTED}
    back = [one for one in known if one.kind is EntryKind.REVERSED]
    balances = Counter[str]()
    for one in known:
        balances[one.member_id] += one.points
    assert {who: points for who, points in balances.items() if points} == {who: p for who, p in told.items() if p}
    assert all(points >= 0 for points in balances.values()), balances
    assert balances["guard"] == 0, "an organisation's people earn no points"
    paid = Counter((one.act_id, one.member_id) for one in granted.values())
    assert not paid or max(paid.values()) == 1, "an act was paid twice"
    assert len({one.reverses for one in back}) == len(back), "a grant was taken back twice"
    assert all(one.points == -granted[str(one.reverses)].points for one in back), (
        "more or less was taken back than paid"
    )
