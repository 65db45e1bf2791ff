"""Everything that is done about credit, put together for who serves it: pages, interface, command line, other use cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from cloud.application.credit.granting import Granting
from cloud.application.credit.rating import Rating
from cloud.application.credit.views import (
    AccountView,
    CapView,
    DayView,
    GrantView,
    StatementPage,
    SumsView,
    SumView,
    TableView,
)
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.positions import Position
from cloud.domain.community.names import Names
from cloud.domain.credit.account import CreditEntry, DayUsed, EntryKind, ReversalReason
from cloud.domain.credit.act import Act
from cloud.domain.credit.keepers import keeps_points
from cloud.domain.credit.table import ActKind, CreditTable
from cloud.domain.duties.register import Register
from cloud.errors import Conflict, NotAllowed, NotFound

RULES: Final = (
    Names(
        "多人共同完成的步骤，其分值由缺一不可的各参与者均分（夏普利值）；积分标准申报的合力分值另计一次，按全部先后次序精确分配，最多"
        "十人，超出的不付。",
        "A step done together is divided equally among those without whom it would not have been done (the Shapley value);"
        " what the table declares to be worth more together is added once and divided by every order in which they could have come,"
        " for at most ten people; beyond that it is not paid.",
    ),
    Names(
        "取整采用最大余额法，余额相同者按积分行为编号与成员编号的 SHA-256 排序，人人可复算。",
        "Rounding is by the largest remainder; among equals by the SHA-256 of the act's and the member's id, so that"
        " anybody can repeat it.",
    ),
    Names(
        "核验之后才计分；核验人不得因此得分。", "Paid only after verification; who confirms never earns from that act."
    ),
    Names(
        "报告人未评价而关闭的，以及自行恢复的，无人核验，不计分；其后再次发生的，已计分值随即冲正。",
        "What was closed without its reporter's word, or cleared by itself, was verified by nobody and pays nothing; what turns out"
        " not to have been over is taken back.",
    ),
    Names(
        "演练不计分；单位不得分，只公布比率；不予支付的部分不分给他人。",
        "Exercises never count; organisations earn no points and are shown rates; what is withheld is paid to nobody else.",
    ),
    Names(
        "每日上限按行为发生日计算；冲正以新记录进行，冲正后当日额度随之恢复。",
        "Daily caps look at the day of the act. Reversals are new entries, and give the day its room back.",
    ),
)
"""How credit is computed, as people read it beside the table."""


class Crediting:
    """`default`: gives the table of an estate that has published none. Raises NotFound, NotAllowed, Conflict, Unavailable."""

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids, default: Callable[[], CreditTable]) -> None:
        self._units, self._clock = units, clock
        self.granting = Granting(ids, default)
        self.rating = Rating(units, clock)

    def publish_table(self, estate: str, table: CreditTable | None) -> CreditTable:
        """Puts the estate's own table in force, or (None) the default one: a new version where it says something new."""
        with self._units.writing() as uow:
            _known(uow, estate)
            drafts = self.granting.publish(uow, estate, table, self._clock.now())
            if drafts:
                uow.ledger.append(estate, drafts)
                uow.commit()
            return self.granting.table(uow, estate)

    def grant(self, estate: str, act: Act) -> None:
        """Credits an act that others verified. The same act again changes nothing."""
        with self._units.writing() as uow:
            drafts = self.granting.grant(uow, act, _known(uow, estate), self._clock.now())
            if drafts:
                uow.ledger.append(estate, drafts)
                uow.commit()

    def entry(self, entry_id: str, viewer: Identity) -> CreditEntry:
        """One entry of anybody's account: for managers and overseers of its estate, and for whose it is."""
        with self._units.reading() as uow:
            entry = _entry(uow, entry_id, viewer)
            keeps = keeps_points(_known(uow, entry.estate), viewer.member)
        if not keeps and entry.member_id != viewer.member.id:
            raise NotAllowed("Accounts are shown to whose they are, and to managers and overseers.", "无权查看他人积分")
        return entry

    def reverse(self, entry_id: str, viewer: Identity, reason: ReversalReason) -> None:
        """Takes back what one entry paid, as a new entry."""
        member = viewer.member
        with self._units.writing() as uow:
            entry = _entry(uow, entry_id, viewer)
            if not keeps_points(_known(uow, entry.estate), member):
                raise NotAllowed(
                    "Points are taken back by managers and overseers of the estate.", "由物业或社区负责人冲正"
                )
            if entry.member_id == member.id:
                raise NotAllowed("Nobody decides about their own points: ask another manager.", "不能冲正自己的积分")
            uow.credit.lock(entry.estate)
            by, now = f"member:{member.id}", self._clock.now()
            same = [e for e in uow.credit.of_acts(entry.estate, entry.act_id) if entry.id in (e.id, e.reverses)]
            drafts = self.granting.reverse(uow, same, reason, by, now)
            if not drafts:
                raise Conflict(f"Entry {entry_id} has been reversed already, or is a reversal.", "该记录已冲正")
            uow.ledger.append(entry.estate, drafts)
            uow.commit()

    def table(self, estate: str, version: int | None = None) -> TableView:
        """A published table; by default the one in force. Public."""
        with self._units.reading() as uow:
            _known(uow, estate)
            found = self.granting.table(uow, estate) if version is None else uow.credit_tables.get(estate, version)
            if found is None:
                raise NotFound(
                    f"Estate {estate!r} has published no table with version {version}.", "没有这一版积分标准"
                )
            return TableView(estate, found, RULES)

    def account(self, estate: str, viewer: Identity) -> AccountView:
        with self._units.reading() as uow:
            _known(uow, estate, viewer)
            member_id = viewer.member.id
            return AccountView(estate, member_id, uow.credit.balance(estate, member_id))

    def today(self, estate: str, viewer: Identity) -> DayView:
        """How far the viewer's caps of today are filled."""
        with self._units.reading() as uow:
            register, member_id = _known(uow, estate, viewer), viewer.member.id
            day, table = register.estate.local(self._clock.now()).date(), self.granting.table(uow, estate)
            paid = DayUsed.of(uow.credit.of_day(estate, {member_id}, day)).by_act
            rows = [CapView(row.act, row.names, paid.get((member_id, row.act), 0), row.daily_cap) for row in table.rows]
            return DayView(day, CapView(None, None, sum(paid.values()), table.daily_cap), rows)

    def statement(self, estate: str, viewer: Identity, *, limit: int, before: Position | None = None) -> StatementPage:
        """The viewer's own entries, newest first."""
        with self._units.reading() as uow:
            _known(uow, estate, viewer)
            found = uow.credit.statement(estate, viewer.member.id, limit=limit + 1, before=before)
            return StatementPage(list(found[:limit]), more=len(found) > limit)

    def sums(self, estate: str, viewer: Identity) -> SumsView:
        """What all accounts come to, for managers and overseers; nobody's account among them."""
        with self._units.reading() as uow:
            if not keeps_points(_known(uow, estate, viewer), viewer.member):
                raise NotAllowed(
                    "The sums are for managers and overseers; see your own account.", "仅物业和社区负责人可查看汇总"
                )
            sums = uow.credit.sums(estate)
            granted = {act: sums.get((act, EntryKind.GRANTED), (0, 0)) for act in ActKind}
            taken = {act: sums.get((act, EntryKind.REVERSED), (0, 0)) for act in ActKind}
            rows = [SumView(act, granted[act][0], taken[act][0], granted[act][1] - taken[act][1]) for act in ActKind]
            gained, lost = sum(row.granted for row in rows), sum(row.reversed for row in rows)
            return SumsView(estate, uow.credit.accounts(estate), gained, lost, gained + lost, rows)

    def paid(self, estate: str, viewer: Identity, limit: int = 50) -> Sequence[GrantView]:
        """What can be taken back, the latest first, for who may do that; to anybody else nothing. Nobody's account is told."""
        with self._units.reading() as uow:
            if not keeps_points(_known(uow, estate, viewer), viewer.member):
                return []
            return [
                GrantView(one.id, one.act, one.points, one.day, one.at, one.incident_id)
                for one in uow.credit.standing(estate, limit)
                if one.member_id != viewer.member.id
            ]


def _entry(uow: UnitOfWork, entry_id: str, viewer: Identity) -> CreditEntry:
    entry = uow.credit.get(entry_id)
    if entry is None or entry.estate not in viewer.estates:
        raise NotFound(f"There is no credit entry {entry_id!r} in your estates.", "没有这条积分记录")
    return entry


def _known(uow: UnitOfWork, estate: str, viewer: Identity | None = None) -> Register:
    register = uow.registers.find(estate)
    if register is None or (viewer is not None and estate not in viewer.estates):
        raise NotFound(f"There is no estate {estate!r} here.", "没有这个小区")
    return register
