"""Small safe tasks that residents may claim: claimed, done, confirmed by another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cloud.domain.community.hours import ALWAYS, Hours
from cloud.domain.community.names import Names
from cloud.domain.community.neighbour import is_neighbour
from cloud.domain.community.party import Member, Party, PartyKind, Role
from cloud.errors import Conflict, NotAllowed

MAX_HELPERS: Final = 10
"""More do not divide one small task."""

CONFIRMERS: Final = frozenset({Role.MANAGER, Role.OVERSEER, Role.ADMINISTRATOR})


class SmallTaskState(StrEnum):
    OPEN = "open"
    CLAIMED = "claimed"
    DONE = "done"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


class Deed(StrEnum):
    """What people do about a small task."""

    CLAIM = "claim"
    RELEASE = "release"
    FINISH = "finish"
    CONFIRM = "confirm"
    SEND_BACK = "send-back"
    WITHDRAW = "withdraw"


class SmallTaskKind(StrEnum):
    """A patrol is prevention: somebody walks the stairs and looks whether the exits are free."""

    SMALL_TASK = "small-task"
    PATROL = "patrol"


@dataclass
class SmallTask:
    """One small task or patrol, posted by a member of an organisation. `wanted`: how many may do it together.

    `claimed_by`: members in the order in which they claimed; `households`: their parties, as they were then.
    """

    id: str
    estate: str
    kind: SmallTaskKind
    posted_by: str
    party_id: str
    capability: str
    text: str
    place_id: str
    posted_at: datetime
    salt: str
    hours: Hours = ALWAYS
    wanted: int = 1
    need_id: str | None = None
    state: SmallTaskState = SmallTaskState.OPEN
    claimed_by: tuple[str, ...] = ()
    households: tuple[str, ...] = ()
    done_at: datetime | None = None
    over_at: datetime | None = None
    confirmed_by: str | None = None
    returned_count: int = 0
    revision: int = 0

    @property
    def over(self) -> bool:
        return self.state in (SmallTaskState.CONFIRMED, SmallTaskState.WITHDRAWN)

    @property
    def ended_at(self) -> datetime | None:
        return self.over_at

    def allowed(self, member: Member, party: Party) -> list[Deed]:
        """What this member may do about it now; whatever is not among it is refused."""
        mine, waits = member.id in self.claimed_by, self.state in (SmallTaskState.OPEN, SmallTaskState.CLAIMED)
        room = waits and not mine and len(self.claimed_by) < self.wanted
        may = {
            Deed.CLAIM: room and is_neighbour(member, party) and member.id != self.posted_by,
            Deed.FINISH: mine and self.state is SmallTaskState.CLAIMED,
            Deed.RELEASE: mine and self.state is SmallTaskState.CLAIMED,
            Deed.WITHDRAW: waits and member.id == self.posted_by,
        }
        judges = self.state is SmallTaskState.DONE and self.refusal_to_judge(member, party) is None
        may |= {Deed.CONFIRM: judges, Deed.SEND_BACK: judges}
        return [deed for deed, allowed in may.items() if allowed]

    def claim(self, member: Member, party: Party) -> None:
        """A resident or volunteer takes it on. Raises NotAllowed, Conflict."""
        if not is_neighbour(member, party):
            raise NotAllowed("Small tasks are for residents and volunteers to claim.", "小任务由居民和志愿者认领")
        if member.id == self.posted_by:
            raise NotAllowed("Who posted a small task cannot claim it.", "发布人不能认领自己的任务")
        if self.state not in (SmallTaskState.OPEN, SmallTaskState.CLAIMED):
            raise Conflict(f"This small task is {self.state}: choose another.", "该任务已不可认领")
        if member.id in self.claimed_by or len(self.claimed_by) >= self.wanted:
            raise Conflict("This small task has all its helpers, or you are one already.", "该任务人数已满或您已认领")
        household = (party.id,) if party.kind is PartyKind.HOUSEHOLD else ()
        self.claimed_by, self.households = (*self.claimed_by, member.id), (*self.households, *household)
        self.state = SmallTaskState.CLAIMED

    def release(self, member: Member) -> None:
        """Who claimed it gives it back; others may claim it."""
        self._must_be(SmallTaskState.CLAIMED, "give it back")
        self._must_have_claimed(member)
        self.give_up(member.id)

    def give_up(self, member_id: str) -> None:
        """As if they had not claimed it."""
        self.claimed_by = tuple(id_ for id_ in self.claimed_by if id_ != member_id)
        if not self.claimed_by:
            self.state, self.households = SmallTaskState.OPEN, ()

    def finish(self, member: Member, now: datetime) -> None:
        """Who claimed it says that it is done. It earns nothing yet."""
        self._must_be(SmallTaskState.CLAIMED, "report it done")
        self._must_have_claimed(member)
        self.state, self.done_at = SmallTaskState.DONE, now

    def refusal_to_judge(self, member: Member, party: Party) -> Names | None:
        """Why this member may not say whether it was done: only another may, who is no party to it."""
        if member.id in self.claimed_by:
            return Names("完成人不能自己核验", "Who did it never confirms it: another member must.")
        if party.kind is PartyKind.HOUSEHOLD and party.id in self.households:
            return Names("同一家庭的成员不能核验", "A member of the same household cannot confirm it: another must.")
        if member.id != self.posted_by and (member.role not in CONFIRMERS or is_neighbour(member, party)):
            return Names(
                "由发布人或物业、社区的负责人核验",
                "Whoever posted it confirms it, or a manager or overseer of this estate.",
            )
        return None

    def confirm(self, member: Member, party: Party, now: datetime) -> None:
        """It was really done: it counts from now on."""
        self._must_judge(member, party)
        self.state, self.confirmed_by, self.over_at = SmallTaskState.CONFIRMED, member.id, now

    def send_back(self, member: Member, party: Party) -> None:
        """It was not done, or not well: it is theirs to do again."""
        self._must_judge(member, party)
        self.state, self.done_at = SmallTaskState.CLAIMED, None
        self.returned_count += 1

    def withdraw(self, member: Member, now: datetime) -> None:
        """It is not wanted any more. What somebody has done already cannot be withdrawn from under them."""
        if member.id != self.posted_by:
            raise NotAllowed("Only who posted a small task may withdraw it.", "只有发布人可以撤回")
        if self.state not in (SmallTaskState.OPEN, SmallTaskState.CLAIMED):
            raise Conflict(f"This small task is {self.state} and cannot be withdrawn.", "该任务已不能撤回")
        self.state, self.over_at = SmallTaskState.WITHDRAWN, now

    def _must_judge(self, member: Member, party: Party) -> None:
        self._must_be(SmallTaskState.DONE, "judge it")
        refused = self.refusal_to_judge(member, party)
        if refused is not None:
            raise NotAllowed(refused.en, refused.zh)

    def _must_be(self, state: SmallTaskState, to: str) -> None:
        if self.state is not state:
            raise Conflict(f"This small task is {self.state}; to {to} it must be {state}.", "任务当前状态不允许此操作")

    def _must_have_claimed(self, member: Member) -> None:
        if member.id not in self.claimed_by:
            raise NotAllowed("Only who claimed a small task may do this.", "只有认领人可以执行此操作")
