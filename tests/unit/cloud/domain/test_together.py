"""Declared synergies are computed exactly for up to 10: what the table says is worth more where several bring what one has not."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.adapters.estate_file import default_credit_table
from cloud.domain.community.names import Names
from cloud.domain.credit.account import DayUsed, Withheld, grant
from cloud.domain.credit.act import Act, CreditedStep, response
from cloud.domain.credit.shapley import MAX_PLAYERS, Step, shares_of
from cloud.domain.credit.table import ON_SITE, WORK, ActKind, CreditTable
from cloud.domain.credit.together import Together, joint_worth
from cloud.domain.tasks.calls import Call, CallKind
from cloud.domain.tasks.task import ResolutionReason
from cloud.errors import Invalid
from tests.fakes.clocks import START
from tests.fakes.neighbours import register
from tests.unit.cloud.domain.test_credit import closed_task

NAMES = Names("合力", "together")
AID, TALK = "first-aid", "translation"
RULE = Together((AID, TALK), 6, NAMES)
PLAIN = default_credit_table()
TABLE = replace(PLAIN, together=(RULE,))
KINDS = (AID, TALK, "carrying")

people = st.frozensets(st.sampled_from([f"m{n}" for n in range(8)]), max_size=8)
skills = st.fixed_dictionaries(dict.fromkeys(KINDS, people))
rules = st.lists(st.sampled_from([(AID, TALK), (AID, "carrying"), KINDS]), unique=True, max_size=3)


def act(by: frozenset[str] = frozenset({"manager"}), **brought: set[str]) -> Act:
    known = {AID: frozenset(brought.get("aid", ())), TALK: frozenset(brought.get("talk", ()))}
    doers = frozenset().union(*known.values())
    steps = (CreditedStep(ON_SITE, doers), CreditedStep(WORK, doers))
    return Act("task:t/0", ActKind.RESPONSE, START, steps, by, skills=known)


def paid(joint: Act, table: CreditTable = TABLE):
    ids = count(1)
    return grant(joint, table, register(), DayUsed({}), now=START, new_id=lambda: f"e{next(ids)}")


def earned(joint: Act) -> dict[str, int]:
    return {entry.member_id: entry.earned for entry in paid(joint)}


def test_who_brings_what_the_other_has_not_shares_what_both_are_worth_more():
    assert earned(act(aid={"ann"}, talk={"cao"})) == {"ann": 8, "cao": 8}
    assert earned(act(aid={"ann"}, talk=set())) == {"ann": 10}


def test_one_person_who_can_do_both_is_not_two():
    assert earned(act(aid={"ann"}, talk={"ann"})) == {"ann": 10}


def test_who_could_bring_both_is_worth_no_more_alone_for_it():
    """It is worth more where each is brought by somebody else: without the other one there is nothing to divide."""
    assert earned(act(aid={"ann", "cao"}, talk={"ann"})) == {"ann": 8, "cao": 8}


def test_to_bring_more_of_a_kind_earns_nothing_and_who_is_rare_gets_more_of_it():
    parts = earned(act(aid={"ann", "ben"}, talk={"cao"}))
    assert sum(parts.values()) == 16
    assert parts["cao"] > max(parts["ann"], parts["ben"])


def test_who_confirms_earns_nothing_of_it_and_it_is_paid_to_nobody_else():
    entries = {one.member_id: one for one in paid(act(frozenset({"cao"}), aid={"ann"}, talk={"cao"}))}
    assert (entries["cao"].points, entries["cao"].withheld) == (0, Withheld.CONFIRMED_IT)
    assert entries["ann"].points == 8


@given(skills, rules)
def test_the_division_is_efficient_with_synergies(known, declared):
    """All that the table says is paid out, and nothing that it does not say: each rule that was met, once."""
    found = [worth for one in declared if (worth := joint_worth(Together(one, 5, NAMES), known)) is not None]
    everybody = frozenset({"m0"}).union(*known.values())
    shares = shares_of([Step(10, everybody)], *(one.synergy for one in found if one.synergy is not None))
    assert sum(shares.values()) == 10 + 5 * len(found)
    assert all(share >= 0 for share in shares.values())


@given(skills, st.sampled_from([(AID, TALK), KINDS]))
def test_it_gives_nothing_to_who_brought_nothing_and_the_same_to_who_brought_the_same(known, declared):
    worth = joint_worth(Together(declared, 12, NAMES), known)
    if worth is None:
        return
    shares = shares_of([], worth.synergy)
    assert shares.keys() <= worth.people
    kinds = {one: frozenset(kind for kind in declared if one in known[kind]) for one in worth.people}
    for one in shares:
        assert all(shares[one] == shares[other] for other in shares if kinds[other] == kinds[one])


def test_of_more_than_ten_nothing_more_is_paid_and_the_steps_are_as_before():
    ten = {f"m{n}" for n in range(MAX_PLAYERS - 1)}
    assert joint_worth(RULE, act(aid=ten, talk={"cao"}).skills).synergy is not None
    crowd = act(aid={*ten, "one-more"}, talk={"cao"})
    worth = joint_worth(RULE, crowd.skills)
    assert (worth.synergy, len(worth.people)) == (None, MAX_PLAYERS + 1)
    assert sum(entry.earned for entry in paid(crowd)) == 10


def able(**capabilities: str):
    """The register with what parties can do."""
    known = register()
    changed = {id_: replace(known.parties[id_], capabilities=frozenset({what})) for id_, what in capabilities.items()}
    return replace(known, parties={**known.parties, **changed})


def test_what_a_party_brings_is_what_it_was_called_for_or_else_what_the_register_says():
    called = Call("c1", CallKind.HELP, "property", "manager", "volunteers", START, capability=AID, finished_at=START)
    both = {"volunteers", "flat-1"}
    task = closed_task({"ann", "cao"}, both, calls=[called])
    assert response(task, register(), "manager").skills == {AID: {"ann"}}
    known = able(volunteers=TALK, **{"flat-1": TALK})
    assert response(task, known, "manager").skills == {AID: {"ann"}, TALK: {"cao"}}
    named = closed_task({"ann", "cao"}, both, calls=[replace(called, capability=None)])
    assert response(named, known, "manager").skills == {TALK: {"ann", "cao"}}


def test_a_call_that_nobody_came_to_brings_nothing():
    """What a party was called for in vain it has not brought when it comes another time."""
    vain = Call("c1", CallKind.HELP, "property", "manager", "volunteers", START, capability=AID, declined_at=START)
    task = closed_task({"ann"}, {"volunteers"}, calls=[vain])
    assert response(task, able(volunteers=TALK), "manager").skills == {TALK: {"ann"}}


def test_who_has_not_finished_has_brought_nothing():
    known = able(volunteers=AID, **{"flat-1": TALK})
    assert response(closed_task({"ann", "cao"}, {"flat-1"}), known, "manager").skills == {TALK: {"cao"}}
    undone = closed_task({"ann", "cao"}, {"volunteers", "flat-1"}, ResolutionReason.FALSE_ALARM)
    assert response(undone, known, "manager").skills == {}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ((Together((AID,), 2, NAMES),), "name 2 to 4 capabilities"),
        ((Together((AID, AID), 2, NAMES),), "each once"),
        ((Together(("a", "b", "c", "d", "e"), 2, NAMES),), "name 2 to 4 capabilities"),
        ((Together((AID, TALK), 0, NAMES),), "at least 1 point"),
        ((RULE, Together((TALK, AID), 1, NAMES)), "stands 2 times"),
        ((Together((AID, TALK), 21, NAMES),), "daily_cap 30 is less than 31"),
    ],
)
def test_a_table_whose_declarations_do_not_hold_together_is_refused_with_a_remedy(wrong, said):
    with pytest.raises(Invalid) as refused:
        replace(PLAIN, together=wrong)
    assert any(said in problem for problem in refused.value.problems)


def test_it_adds_to_a_response_and_to_nothing_else():
    with pytest.raises(Invalid, match="no row response"):
        CreditTable(PLAIN.rows[:1], 40, together=(RULE,))
    patrol = replace(act(aid={"ann"}, talk={"cao"}), kind=ActKind.PATROL)
    assert patrol.joint_worths(TABLE) == ()
