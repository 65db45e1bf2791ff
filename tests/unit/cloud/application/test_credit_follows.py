"""Points follow what was verified, in the same unit of work; on the real storage."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import event

from cloud.adapters.estate_file import default_credit_table
from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.credit.crediting import Crediting
from cloud.application.credit.following import CreditFollows
from cloud.application.credit.watch_reopened import WatchReopened
from cloud.application.estates.load_estate import LoadEstate
from cloud.application.tasks.act_on_task import ActOnTask
from cloud.application.tasks.follow_reports import FollowReports
from cloud.domain.credit.account import ReversalReason, Withheld
from cloud.domain.credit.act import deed
from cloud.domain.credit.rates import Measure
from cloud.domain.credit.table import ActKind
from cloud.domain.incidents.report import Concern
from cloud.domain.records import narrative
from cloud.domain.records.ledger import Kind
from cloud.domain.records.ledger_chain import verify
from cloud.domain.tasks.task import ResolutionReason
from cloud.domain.tasks.witness import Verdict
from cloud.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE
from tests.fakes.neighbours import neighbourhood, register, viewer
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state


class Neighbourhood(Scene):
    """The scene with people who live and help in it, and with credit."""

    def __init__(self, engine) -> None:
        super().__init__(SqlUnitsOfWork(engine))
        self.engine = engine
        LoadEstate(self.units, self.clock)(neighbourhood())
        self.credit = Crediting(self.units, self.clock, self.ids, default_credit_table)
        self.act = ActOnTask(self.units, self.clock, self.ids, CreditFollows(self.credit.granting).deed)

    def door_is_forced(self) -> str:
        self.number = self.rings("access.forced-open", "b1/door")
        return self.only_task().id

    def helper_comes(self, task: str, member: str) -> None:
        self.act.acknowledge(task, "manager")
        self.act.acknowledge(task, member)
        self.act.start(task, member)

    def fixes(self, task: str, helper: str) -> None:
        """The helper has done its part; that the matter is resolved is the lead's to say."""
        self.joint.finish(task, helper)
        self.act.resolve(task, "guard", ResolutionReason.FIXED)

    def quiet(self) -> None:
        self.falls_quiet("access.forced-open", "b1/door", self.number)
        self.clock.advance(minutes=6)

    def helped(self, helper: str = "ann", closer: str = "manager") -> str:
        task = self.door_is_forced()
        self.helper_comes(task, helper)
        self.fixes(task, helper)
        self.quiet()
        self.act.close(task, closer)
        return task

    def balance(self, member: str) -> int:
        return self.credit.account(ESTATE, viewer(member)).balance

    def entries(self, member: str):
        return self.credit.statement(ESTATE, viewer(member), limit=50).entries

    def credited(self) -> list[str]:
        return [entry.kind for entry in self.ledger() if entry.kind.startswith("credit.")]


@pytest.fixture
def here(tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    yield Neighbourhood(engine)
    engine.dispose()


def test_who_helped_is_paid_when_it_is_closed_with_verification_and_not_before(here):
    task = here.door_is_forced()
    here.helper_comes(task, "ann")
    here.fixes(task, "ann")
    here.quiet()
    assert here.balance("ann") == 0
    here.act.close(task, "manager")
    assert here.balance("ann") == 10
    entry = here.entries("ann")[0]
    assert (entry.act_id, entry.confirmed_by, entry.table_version) == (f"task:{task}/0", ("manager",), 1)
    assert here.balance("manager") == 0


def test_who_came_and_did_not_bring_it_about_is_paid_for_coming(here):
    task = here.door_is_forced()
    here.helper_comes(task, "ann")
    here.act.resolve(task, "guard", ResolutionReason.FIXED)
    here.quiet()
    here.act.close(task, "manager")
    assert here.balance("ann") == 4


def test_who_confirms_never_earns(here):
    here.helped(closer="ann")
    assert here.balance("ann") == 0
    assert here.entries("ann")[0].withheld is Withheld.CONFIRMED_IT


def test_an_exercise_earns_nothing(here):
    here.rings("access.forced-open", "b1/door", mode="exercise")
    task = here.only_task().id
    here.helper_comes(task, "ann")
    here.act.resolve(task, "guard", ResolutionReason.FALSE_ALARM)
    here.act.close(task, "manager")
    assert here.credited() == []


def test_what_was_not_over_is_taken_back_and_paid_anew_for_what_is_done_then(here):
    task = here.helped()
    here.act.reopen(task, "manager")
    assert here.balance("ann") == 0
    assert [e.reason for e in here.entries("ann") if e.reverses] == [ReversalReason.REOPENED]
    here.helper_comes(task, "ben")
    here.fixes(task, "ben")
    here.clock.advance(minutes=6)
    here.act.close(task, "manager")
    assert (here.balance("ann"), here.balance("ben")) == (0, 10)
    assert here.entries("ben")[0].act_id == f"task:{task}/1"


def test_what_fired_again_is_taken_back_when_it_is_closed_anew(here):
    """The machine reopens it; the same hands do it again, and are paid once."""
    task = here.helped()
    here.number = here.rings("access.forced-open", "b1/door")
    assert here.only_task().id == task
    here.helper_comes(task, "ann")
    here.fixes(task, "ann")
    here.quiet()
    here.act.close(task, "manager")
    assert here.balance("ann") == 10
    assert len(here.entries("ann")) == 3


def test_what_a_sensor_says_was_not_over_is_taken_back_before_anybody_closes_it_anew(here):
    watch = WatchReopened(here.units, here.clock, CreditFollows(here.credit.granting))
    here.helped()
    assert (watch(), here.balance("ann")) == (0, 10)
    here.number = here.rings("access.forced-open", "b1/door")
    assert here.only_task().reopened_count == 1
    assert here.balance("ann") == 10
    assert (watch(), watch()) == (1, 0)
    assert here.balance("ann") == 0
    (taken,) = [entry for entry in here.ledger() if entry.kind == Kind.CREDIT_REVERSED]
    assert taken.actor == "system"


def test_every_entry_is_a_fact_of_the_ledger_with_a_sentence_in_both_languages(here):
    task = here.helped()
    here.act.reopen(task, "manager")
    facts = [entry for entry in here.ledger() if entry.kind.startswith("credit.")]
    assert [fact.kind for fact in facts] == [Kind.CREDIT_TABLE_PUBLISHED, Kind.CREDIT_GRANTED, Kind.CREDIT_REVERSED]
    told = [narrative.sentence(fact, register()) for fact in facts]
    assert [names.zh for names in told] == [
        "已公布积分标准第 1 版",
        "积分 +10：参与处置",
        "积分冲正 -10：参与处置（再次发生）",
    ]
    assert told[1].en == "10 points were granted for help in a response"
    assert facts[1].incident_id == facts[2].incident_id is not None
    assert verify(here.ledger()) is None


def test_the_same_act_again_changes_nothing(here):
    act = deed("patrol-1", ActKind.PATROL, ["ann", "ben"], START, ["manager"])
    here.credit.grant(ESTATE, act)
    here.credit.grant(ESTATE, act)
    here.credit.grant(ESTATE, replace(act, id="patrol-11"))
    assert (here.balance("ann"), here.balance("ben")) == (10, 10)


def test_daily_caps_hold_over_units_of_work_and_give_room_after_a_reversal(here):
    for number in range(3):
        here.credit.grant(ESTATE, deed(f"p{number}", ActKind.PATROL, ["ann"], START, ["manager"]))
    assert here.balance("ann") == 20
    first = next(entry for entry in here.entries("ann") if entry.act_id == "p0")
    here.credit.reverse(first.id, viewer("manager"), ReversalReason.NOT_DONE)
    assert here.balance("ann") == 10
    with pytest.raises(Conflict, match="reversed already"):
        here.credit.reverse(first.id, viewer("manager"), ReversalReason.NOT_DONE)
    here.credit.grant(ESTATE, deed("p4", ActKind.PATROL, ["ann"], START, ["manager"]))
    assert here.balance("ann") == 20


def test_points_are_taken_back_by_managers_and_overseers_of_the_estate_only(here):
    here.credit.grant(ESTATE, deed("p", ActKind.PATROL, ["ann"], START, ["manager"]))
    entry = here.entries("ann")[0]
    with pytest.raises(NotAllowed):
        here.credit.reverse(entry.id, viewer("guard"), ReversalReason.NOT_DONE)
    for firm in ("foreman", "engineer"):
        with pytest.raises(NotAllowed):
            here.credit.reverse(entry.id, viewer(firm), ReversalReason.NOT_DONE)
        with pytest.raises(NotAllowed):
            here.credit.sums(ESTATE, viewer(firm))
    with pytest.raises(NotFound):
        here.credit.reverse(entry.id, replace(viewer("manager"), estates=("elsewhere",)), ReversalReason.NOT_DONE)
    own = replace(viewer("manager"), member=replace(viewer("manager").member, id="ann"))
    with pytest.raises(NotAllowed, match="their own points"):
        here.credit.reverse(entry.id, own, ReversalReason.NOT_DONE)
    with pytest.raises(NotAllowed, match="whose they are"):
        here.credit.entry(entry.id, viewer("ben"))
    assert here.credit.entry(entry.id, viewer("ann")) == here.credit.entry(entry.id, viewer("clerk")) == entry


def test_the_sums_are_what_all_accounts_come_to(here):
    here.helped()
    here.credit.grant(ESTATE, deed("p", ActKind.PATROL, ["ann", "cao", "eve"], START, ["manager"]))
    entry = here.entries("cao")[0]
    here.credit.reverse(entry.id, viewer("manager"), ReversalReason.MISTAKEN)
    sums = here.credit.sums(ESTATE, viewer("manager"))
    assert sums.balance == sums.granted + sums.reversed == sum(map(here.balance, ("ann", "ben", "cao", "dan", "eve")))
    assert (sums.granted, sums.reversed, sums.accounts) == (20, -entry.points, 3)
    with pytest.raises(NotAllowed):
        here.credit.sums(ESTATE, viewer("ann"))


def test_a_table_that_says_something_new_is_a_new_version_and_old_ones_can_be_read(here):
    default = default_credit_table()
    assert here.credit.publish_table(ESTATE, None).version == 1
    assert here.credit.publish_table(ESTATE, default).version == 1
    richer = replace(default, daily_cap=60)
    assert here.credit.publish_table(ESTATE, richer).version == 2
    here.credit.grant(ESTATE, deed("p", ActKind.PATROL, ["ann"], START, ["manager"]))
    assert here.entries("ann")[0].table_version == 2
    assert here.credit.table(ESTATE, 1).table == default
    assert here.credit.table(ESTATE).table.daily_cap == 60
    with pytest.raises(NotFound):
        here.credit.table(ESTATE, 3)
    with pytest.raises(NotFound):
        here.credit.table("elsewhere")


def test_an_account_is_shown_page_by_page_to_whose_it_is(here):
    for number in range(5):
        here.clock.advance(minutes=1)
        here.credit.grant(ESTATE, deed(f"p{number}", ActKind.PATROL, ["ann"], here.clock.now(), ["manager"]))
    seen, before = [], None
    while True:
        page = here.credit.statement(ESTATE, viewer("ann"), limit=2, before=before)
        seen += page.entries
        if not page.more:
            break
        before = (seen[-1].at, seen[-1].id)
    assert [entry.act_id for entry in seen] == ["p4", "p3", "p2", "p1", "p0"]
    with pytest.raises(NotFound):
        here.credit.account(ESTATE, replace(viewer("ann"), estates=()))


def test_rates_come_from_the_tasks_of_the_period(here):
    here.helped()
    view = here.credit.rating(ESTATE)
    shown = {party.party_id: {rate.measure: rate for rate in party.rates} for party in view.parties}
    assert shown["property"][Measure.RESPONSE].rate == 1
    assert shown["property"][Measure.SOLUTION].rate == 1
    # Nobody was called: the helper came on its own.
    joint = shown["property"][Measure.JOINT_AS_CALLER]
    assert (joint.numerator, joint.denominator) == (0, 1)
    assert shown["property"][Measure.MEDIAN_ANSWER].seconds == 0
    assert "volunteers" not in shown
    assert here.credit.rating(ESTATE, date(2020, 1, 1), date(2020, 2, 1)).parties[0].rates[0].denominator == 0
    assert here.credit.rating(ESTATE) is view, "asked again within a minute, nothing is read anew"
    here.clock.advance(minutes=1)
    assert here.credit.rating(ESTATE).computed_at > view.computed_at
    for first, last in (
        (date(2026, 2, 1), date(2026, 1, 1)), (date(2024, 1, 1), date(2026, 1, 1)),
        (date.min, date.min), (date.max, None), (None, date.max), (None, date.min),
    ):  # fmt: skip
        with pytest.raises(Invalid, match="no period"):
            here.credit.rating(ESTATE, first, last)
    with pytest.raises(NotFound):
        here.credit.rating("elsewhere")


class Crashed(Exception):  # noqa: N818 - what happened
    """The power went."""


def test_a_crash_between_any_two_statements_neither_loses_nor_doubles_a_point(here):
    task = here.door_is_forced()
    here.helper_comes(task, "ann")
    here.fixes(task, "ann")
    here.quiet()
    crashes = 0
    for number in range(1, 200):
        left = iter(range(1, 10_000))

        def before(*_args, number=number, left=left):
            if next(left) == number:
                raise Crashed

        event.listen(here.engine, "before_cursor_execute", before)
        try:
            here.act.close(task, "manager")
            break
        except Crashed:
            crashes += 1
        finally:
            event.remove(here.engine, "before_cursor_execute", before)
        assert (here.balance("ann"), here.credited()) == (0, [])
    assert crashes > 10
    assert here.balance("ann") == 10
    assert here.credited() == [Kind.CREDIT_TABLE_PUBLISHED, Kind.CREDIT_GRANTED]


def test_the_first_report_of_what_turns_out_to_be_so_earns_and_a_reporters_verdict_is_a_rate(here):
    follow = FollowReports(
        here.units, here.clock, here.ids, here.pictures, CreditFollows(here.credit.granting).verdicts
    )
    first = here.is_reported(Concern.EXIT_OBSTRUCTED, "b1/f2", member_id="ann")
    here.clock.advance(minutes=1)
    second = here.is_reported(None, "b1/f2", same_as=first.incident_id, member_id="ben")
    task = here.only_task().id
    here.act.acknowledge(task, "manager")
    here.act.resolve(task, "manager", ResolutionReason.FIXED)
    follow.judge(second.token, Verdict.GOOD)
    here.act.close(task, "guard")
    assert here.balance("ann") > 0
    assert here.balance("ben") == 0
    rates = {one.party_id: one for one in here.credit.rating(ESTATE).parties}
    shown = {rate.measure: rate.denominator for rate in rates["property"].rates}
    assert shown[Measure.SATISFACTION] == 1
    follow.judge(first.token, Verdict.BAD)
    assert here.balance("ann") == 0


def follows(here):
    return FollowReports(here.units, here.clock, here.ids, here.pictures, CreditFollows(here.credit.granting).verdicts)


def test_who_reports_and_judges_does_not_confirm_the_report_by_it(here):
    """Whoever found it and saw to it confirms that it was so; the verdict of the same voice confirms nothing."""
    given = here.is_reported(Concern.EXIT_OBSTRUCTED, "b1/f2", member_id="ann")
    task = here.only_task().id
    here.act.acknowledge(task, "manager")
    here.act.resolve(task, "manager", ResolutionReason.FIXED)
    here.verify.check(task, "guard")
    assert follows(here).judge(given.token, Verdict.GOOD).state == "closed"
    assert here.entries("ann")[0].confirmed_by == ("guard", "manager")
    assert here.balance("ann") == 10


def test_who_confirms_never_earns_whatever_the_voice(here):
    """A neighbour reports it, works on it and judges it: the verdict is words, and nothing is paid for it."""
    given = here.is_reported(Concern.DOOR_OPEN, "b1/door", member_id="ann")
    task = here.only_task().id
    here.act.acknowledge(task, "manager")
    here.joint.ask_for_help(task, "manager", ["volunteers"])
    here.act.acknowledge(task, "ann")
    here.act.start(task, "ann")
    here.fixes(task, "ann")
    assert follows(here).judge(given.token, Verdict.GOOD).state == "resolved"
    assert here.balance("ann") == 0
    here.act.close(task, "manager")
    assert {entry.act_id: entry.confirmed_by for entry in here.entries("ann")} == {
        f"task:{task}/0": ("manager",),
        f"report:{given.report_id}/0": ("guard", "manager"),
    }


def test_the_member_behind_the_link_is_who_confirmed_the_response(here):
    """One neighbour reports it and judges the result, another helped: the member behind the link is who confirmed."""
    given = here.is_reported(Concern.DOOR_OPEN, "b1/door", member_id="ben")
    task = here.only_task().id
    here.act.acknowledge(task, "manager")
    here.joint.ask_for_help(task, "manager", ["volunteers"])
    here.act.acknowledge(task, "ann")
    here.act.start(task, "ann")
    here.fixes(task, "ann")
    assert follows(here).judge(given.token, Verdict.GOOD).state == "closed"
    assert here.entries("ann")[0].confirmed_by == ("ben",)
    assert here.balance("ann") == 10
    assert here.balance("ben") == 10


def test_what_was_paid_for_a_closing_is_taken_back_when_a_verdict_closes_it_anew(here):
    """Another report began it again, and nobody acted in whose unit of work it could have been taken back."""
    given = here.is_reported(Concern.EXIT_OBSTRUCTED, "b1/f2", member_id="ann")
    task = here.only_task().id
    here.act.acknowledge(task, "manager")
    here.act.resolve(task, "manager", ResolutionReason.FIXED)
    here.verify.check(task, "guard")
    assert follows(here).judge(given.token, Verdict.GOOD).state == "closed"
    assert here.balance("ann") == 10
    here.clock.advance(minutes=5)
    here.is_reported(Concern.EXIT_OBSTRUCTED, "b1/f2")
    here.act.acknowledge(task, "guard")
    here.act.resolve(task, "guard", ResolutionReason.FIXED)
    here.verify.check(task, "manager")
    assert follows(here).judge(given.token, Verdict.GOOD).state == "closed"
    paid = {n: [one.points for one in here.entries("ann") if one.act_id.endswith(f"/{n}")] for n in (0, 1)}
    assert (sorted(paid[0]), paid[1]) == ([-10, 10], [10])
    assert here.balance("ann") == 10
