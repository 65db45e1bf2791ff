"""Neighbours offer, need and claim; what was done is confirmed by another, credited, and now and then taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cloud.adapters.estate_file import default_credit_table, regulated_work
from cloud.application.credit.crediting import Crediting
from cloud.application.credit.following import CreditFollows
from cloud.application.credit.watch_reopened import WatchReopened
from cloud.application.exchange.board import Wording
from cloud.application.exchange.exchanging import Exchanging
from cloud.application.ledger.expire_civic import ExpireCivic
from cloud.domain.community.hours import ALWAYS
from cloud.domain.credit.account import ReversalReason
from cloud.domain.credit.act import Act, CreditedStep, deed, task_prefix
from cloud.domain.credit.table import ON_SITE, WORK, ActKind
from cloud.domain.exchange.posting import Good, Side
from cloud.domain.exchange.small_task import SmallTaskKind
from cloud.domain.records.personal import PersonalClass
from cloud.domain.tasks.task import ResolutionReason
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, HOME
from tests.faults.governance.walking import Story, step
from tests.faults.governance.world import World

_SHOPPING = Wording("shopping", "帮买菜", f"{HOME}/b1", ALWAYS)
_CARRYING = replace(_SHOPPING, text="帮搬菜")
_PATROL = deed("patrol-1", ActKind.PATROL, ("ann", "ben"), START, ("manager",))
_BOTH = frozenset({"ann", "cao"})
_JOINT = Act(
    "joint-1", ActKind.RESPONSE, START, (CreditedStep(ON_SITE, _BOTH), CreditedStep(WORK, _BOTH)), frozenset({"manager"}),
    skills={"first-aid": frozenset({"ann"}), "translation": frozenset({"cao"})},
)  # fmt: skip


def _credit(w: World) -> Crediting:
    return Crediting(w.units, w.clock, w.ids, default_credit_table)


def _exchange(w: World) -> Exchanging:
    return Exchanging(w.units, w.clock, w.ids, regulated_work, CreditFollows(_credit(w).granting).small_task)


def _posting(w: World, side: Side, which: str = "") -> str:
    """The only open one of that side, as a page shows it; whoever tries again has it open."""
    listed = _exchange(w).board.listed(ESTATE, side, w.identity("manager"), limit=10).items
    return str(w.once(f"{which} {side}", lambda: listed[0].id))


def _small(w: World) -> str:
    listed = _exchange(w).small_tasks.listed(ESTATE, w.identity("manager"), over=False, limit=10).items
    over = _exchange(w).small_tasks.listed(ESTATE, w.identity("manager"), over=True, limit=10).items
    return str(w.once(f"small task {w.kept['tasks']}", lambda: (*listed, *over)[0].id))


def _posts(side: Side, member: str, wording: Wording = _SHOPPING):
    return lambda w: _exchange(w).board.post(ESTATE, side, Good.TIME, wording, w.identity(member))


def _asks(number: int, *, wanted: int = 1, need: bool = False):
    def act(w: World) -> None:
        w.kept["tasks"] = number
        need_id = _posting(w, Side.NEED) if need else None
        _exchange(w).small_tasks.post(
            ESTATE, SmallTaskKind.SMALL_TASK, _SHOPPING, w.identity("manager"), wanted=wanted, need_id=need_id
        )

    return act


def _does(verb: str, member: str):
    return lambda w: getattr(_exchange(w).small_tasks, verb)(_small(w), w.identity(member))


def _changes(w: World) -> None:
    _exchange(w).board.change(_posting(w, Side.OFFER), Side.OFFER, Good.TOOL, _CARRYING, w.identity("cao"))


def _withdraws(w: World) -> None:
    _exchange(w).board.withdraw(_posting(w, Side.OFFER), Side.OFFER, w.identity("cao"))


def _reverses(w: World) -> None:
    manager = w.identity("manager")
    page = _credit(w).statement(ESTATE, w.identity("ben"), limit=10)
    first = w.once("what ben was paid", lambda: page.entries[0].id)
    _credit(w).reverse(first, manager, ReversalReason.MISTAKEN)


def _publishes(w: World) -> None:
    _credit(w).publish_table(ESTATE, replace(default_credit_table(), daily_cap=50))


def _a_door_is_mended_and_forced_again(w: World) -> None:
    mono = 100.0 + (w.clock.now() - START).total_seconds()
    number = w.rings("access.forced-open", "b1/door", mono=mono)
    task = w.task("access.forced-open").id
    w.act.acknowledge(task, "guard")
    w.falls_quiet("access.forced-open", "b1/door", number)
    w.act.resolve(task, "guard", ResolutionReason.FIXED)
    w.clock.advance(minutes=10)
    w.act.close(task, "manager")
    _credit(w).grant(ESTATE, deed(f"{task_prefix(task)}0", ActKind.PATROL, ("dan",), w.clock.now(), ("manager",)))
    w.clock.advance(minutes=1)
    w.rings("access.forced-open", "b1/door", mono=mono + 700)


def _takes_back(w: World) -> None:
    WatchReopened(w.units, w.clock, CreditFollows(_credit(w).granting))()


_KEEP = dict.fromkeys((PersonalClass.VOTE, PersonalClass.SIGNATURE, PersonalClass.POSTING), timedelta(days=30))

CREDIT: Story = [
    step("a table is published", _publishes),
    step("an offer is posted", _posts(Side.OFFER, "cao")),
    step("it is changed", _changes),
    step("it is withdrawn", _withdraws),
    step("a need is posted", _posts(Side.NEED, "eve")),
    step("a small task is asked for", _asks(1, need=True)),
    step("somebody claims it", _does("claim", "ann")),
    step("and gives it back", _does("release", "ann")),
    step("somebody else claims it", _does("claim", "cao")),
    step("says that it is done", _does("finish", "cao")),
    step("is sent back", _does("send_back", "manager")),
    step("says so again", _does("finish", "cao")),
    step("it is confirmed and credited, and the need is met", _does("confirm", "manager")),
    step("another small task is asked for", _asks(2)),
    step("and withdrawn", _does("withdraw", "manager")),
    step("another need is posted", _posts(Side.NEED, "dan")),
    step("and met", lambda w: _exchange(w).board.meet(_posting(w, Side.NEED, "another"), w.identity("dan"))),
    step("a patrol is credited", lambda w: _credit(w).grant(ESTATE, _PATROL)),
    step("and what two bring together", lambda w: _credit(w).grant(ESTATE, _JOINT)),
    step("what one was paid is taken back", _reverses),
    _a_door_is_mended_and_forced_again,
    step("what was paid for it is taken back", _takes_back),
    timedelta(days=3000),
    step("what people said is forgotten in its time", lambda w: ExpireCivic(w.units, w.clock, _KEEP)()),
]
