"""What is to be said to whom, and why; the words are made when it is sent, in the reader's language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cloud.domain.community.names import Names
from cloud.domain.duties.escalation import Importance
from cloud.domain.duties.target import Only


class Reason(StrEnum):
    """Why somebody is told. Every notification states it."""

    ASKED_TO_LEAD = "asked_to_lead"
    ASKED_TO_SUPPORT = "asked_to_support"
    TOLD = "told"
    ESCALATED = "escalated"
    UNATTENDED = "unattended"
    CALL_SHEET = "call_sheet"
    TRACK_LOST = "track_lost"
    REOPENED = "reopened"
    WORSENED = "worsened"
    LADDER_ENDED = "ladder_ended"
    SEVERITY_RISEN = "severity_risen"
    FIRE_PRESUMED = "fire_presumed"
    REMINDER = "reminder"
    DECAYED = "decayed"
    HOLD_ENDED = "hold_ended"
    DECLINED = "declined"
    OFFERED = "offered"
    HELP_ASKED = "help_asked"
    WHISTLED = "whistled"
    WHISTLE_WISHED = "whistle_wished"
    WHISTLE_REFUSED = "whistle_refused"
    OBJECTED = "objected"
    OBJECTION_UPHELD = "objection_upheld"
    OBJECTION_REJECTED = "objection_rejected"
    NOT_ANSWERED = "not_answered"
    PART_FINISHED = "part_finished"
    ARBITER_ASKED = "arbiter_asked"
    NAMED_TO_LEAD = "named_to_lead"
    MERGED = "merged"
    UNMERGED = "unmerged"
    HANDLED = "handled"
    AT_WORK_THERE = "at_work_there"
    TURNED_REAL = "turned_real"
    REFUSED = "refused"
    VERIFY = "verify"
    CONTRADICTED = "contradicted"
    RELEASED = "released"
    CANCELLED = "cancelled"
    STAY_AWAY = "stay_away"
    REPORTER_SAID = "reporter_said"


_WORDS = {
    Reason.ASKED_TO_LEAD: Names("请牵头处置", "you are asked to lead"),
    Reason.ASKED_TO_SUPPORT: Names("请协助处置", "you are asked to support"),
    Reason.TOLD: Names("知会", "for your information"),
    Reason.ESCALATED: Names("无人响应，升级至贵单位", "nobody has answered; it has climbed to you"),
    Reason.UNATTENDED: Names("尚未处置，请知悉并督促", "it is not seen to yet: please see that somebody does"),
    Reason.CALL_SHEET: Names("请立即拨打电话并记录", "phone now and record it"),
    Reason.TRACK_LOST: Names(
        "节点已不再上报此险情，请派人查看", "the node no longer knows of this: send somebody to look"
    ),
    Reason.REOPENED: Names("再次发生，请继续处置", "it is back: please go on"),
    Reason.WORSENED: Names("险情升级，请重新响应", "it has become worse: please answer again"),
    Reason.SEVERITY_RISEN: Names("严重程度上升，请继续处置", "it has become more severe: please go on"),
    Reason.FIRE_PRESUMED: Names(
        "推定火灾，请立即拨打消防电话并读出以上地址",
        "a fire is presumed: call the fire service now and read out this address",
    ),
    Reason.REMINDER: Names(
        "已响应但一段时间无进展，请开始处置、说明进展或移交",
        "you acknowledged this and nothing was heard since: please start, say how it stands, or hand over",
    ),
    Reason.DECAYED: Names(
        "响应后长时间无进展，请重新响应并说明进展",
        "acknowledged, but no sign of work: please answer again, and say how it stands",
    ),
    Reason.HOLD_ENDED: Names("搁置已结束，请继续处置", "the wait is over: please go on"),
    Reason.DECLINED: Names("有单位谢绝了协办", "a party has declined its part"),
    Reason.OFFERED: Names("请接手牵头", "you are asked to take over the lead"),
    Reason.HELP_ASKED: Names("牵头单位请求协同", "the lead asks you for help"),
    Reason.WHISTLED: Names(
        "街道（乡镇）吹哨，请到场处置", "the street or township has whistled for you: you are bound to come"
    ),
    Reason.WHISTLE_WISHED: Names("牵头单位请求吹哨", "the lead asks you to whistle"),
    Reason.WHISTLE_REFUSED: Names(
        "街道（乡镇）未吹哨，理由见备注", "there will be no whistle; the reason stands in a note"
    ),
    Reason.OBJECTED: Names("被召集单位提出异议，请裁定", "a party you have bound objects: please judge"),
    Reason.OBJECTION_UPHELD: Names("异议成立，贵单位可不参与", "your objection is upheld: you are let off"),
    Reason.OBJECTION_REJECTED: Names("异议不成立，请参与处置", "your objection is rejected: please take part"),
    Reason.NOT_ANSWERED: Names("所请单位未按时答复", "a party that was asked has not answered in time"),
    Reason.PART_FINISHED: Names("协办单位已完成其部分", "a supporting party has done its part"),
    Reason.ARBITER_ASKED: Names("请裁定由谁牵头", "please decide who leads"),
    Reason.NAMED_TO_LEAD: Names("经裁定由贵单位牵头", "it was decided that you lead"),
    Reason.MERGED: Names("有事件并入，请一并处置", "another incident was merged into this one"),
    Reason.UNMERGED: Names("合并已撤销，请继续处置本事件", "the merge was undone: please go on with this one"),
    Reason.AT_WORK_THERE: Names("贵单位正在此处维护：请立即查看", "you are at work there: look at once"),
    Reason.REFUSED: Names(
        "劝阻无效，当事人拒绝清理，请依法处置", "whoever obstructs it refuses to clear it: please act as the law has it"
    ),
    Reason.VERIFY: Names(
        "已报处置完成，请派另一人到场核验", "it is said to be done: please send somebody else to look and verify it"
    ),
    Reason.CONTRADICTED: Names(
        "已报处置完成，但传感器仍在报警，请继续处置",
        "it was said to be done, but the sensor goes on firing: please go on",
    ),
    Reason.RELEASED: Names("牵头单位已解除协办，无需再处置", "the lead has let you go: nothing more is asked of you"),
    Reason.CANCELLED: Names("任务已取消，无需再处置", "the task was cancelled: nothing more is asked of you"),
    Reason.STAY_AWAY: Names("已起火，请勿进入，请远离现场", "it burns: do not enter, stay away from there"),
    Reason.TURNED_REAL: Names("这不是演练，是真实险情", "this is no exercise any more: it is real"),
    Reason.REPORTER_SAID: Names("报告人补充了情况，请查看", "who reported it has said more: please read it"),
    Reason.HANDLED: Names("已由他人处置，无需再响应", "it is being handled: nothing more is asked of you"),
    Reason.LADDER_ENDED: Names(
        "升级已到尽头仍无人响应，请接手", "the ladder has ended and nobody answered: please take over"
    ),
}


ASKS: Final = frozenset(
    {
        Reason.ASKED_TO_LEAD,
        Reason.ESCALATED,
        Reason.UNATTENDED,
        Reason.CALL_SHEET,
        Reason.REOPENED,
        Reason.WORSENED,
        Reason.SEVERITY_RISEN,
        Reason.REMINDER,
        Reason.DECAYED,
        Reason.HOLD_ENDED,
        Reason.LADDER_ENDED,
        Reason.OFFERED,
        Reason.UNMERGED,
        Reason.CONTRADICTED,
    }
)
"""What waits for somebody to answer for the task; answered once, it asks nobody else any more."""

AWAITS: Final = ASKS | {
    Reason.ASKED_TO_SUPPORT,
    Reason.TRACK_LOST,
    Reason.FIRE_PRESUMED,
    Reason.HELP_ASKED,
    Reason.WHISTLED,
    Reason.WHISTLE_WISHED,
    Reason.OBJECTED,
    Reason.ARBITER_ASKED,
    Reason.NAMED_TO_LEAD,
    Reason.REFUSED,
    Reason.VERIFY,
}
"""What asks something of the party: where those on duty do not answer, the rest of it is called."""


ACCEPTABLE: Final = (ASKS - {Reason.UNATTENDED, Reason.REMINDER}) | {
    Reason.ASKED_TO_SUPPORT,
    Reason.TRACK_LOST,
    Reason.FIRE_PRESUMED,
    Reason.HELP_ASKED,
    Reason.WHISTLED,
    Reason.OBJECTION_REJECTED,
    Reason.NAMED_TO_LEAD,
    Reason.REFUSED,
    Reason.MERGED,
    Reason.AT_WORK_THERE,
    Reason.TURNED_REAL,
}
"""What a key pressed in a call accepts, where the party's part is still to be accepted. Where somebody is asked to look after
a claim, it says that they go; to judge or to decide takes more than a key.
"""


@dataclass(frozen=True, slots=True)
class Notification:
    """One message to one party (or, with `phone`, a number that a person is to dial), as a commit left it.

    `addressed_at`: when it became one delivery per member who is to be called; from then on those stand for it.
    `second_at`: when the rest of the party is called, should none of those on duty answer; `widened_at`: when it was.
    `only`: the people of the party to whom alone a step of the ladder has it said; empty: all of it. `repeats`: how many of the same before it came to nobody. `hurry_at`: since when it is known that nobody of the party can be reached, while the ladder is still to go on for it.
    `withdrawn_at`: somebody had answered before it left. `by`: for `handled`, what the party that answered is called.
    """

    id: str
    estate: str
    task_id: str
    incident_id: str
    party_id: str
    reason: Reason
    importance: Importance
    headline: Names
    address: Names
    created_at: datetime
    phone: str | None = None
    by: Names | None = None
    addressed_at: datetime | None = None
    hurry_at: datetime | None = None
    withdrawn_at: datetime | None = None
    second_at: datetime | None = None
    widened_at: datetime | None = None
    repeats: int = 0
    only: tuple[Only, ...] = ()

    @property
    def worth_saying(self) -> bool:
        """Whether its failure is news: the first in a row is, then each that doubles how many there were."""
        return doubles(self.repeats + 1)

    @property
    def life_safety(self) -> bool:
        """Whether life is at stake: then only what was proven to reach a person counts as having reached one."""
        return self.importance is Importance.EMERGENCY

    @property
    def told_of_life_safety(self) -> bool:
        """Whether it asks nothing but says that life is at stake: quiet hours do not hold it back, nor does it ring."""
        return self.reason in {Reason.TOLD, Reason.REPORTER_SAID} and self.importance is not Importance.NORMAL

    @property
    def words(self) -> Names:
        """The message: what, where, why you, and for a call sheet the number to dial and what to say."""
        why = _WORDS[self.reason]
        if self.by is not None:
            why = Names(f"已由{self.by.zh}处置，无需再响应", f"handled by {self.by.en}: nothing more is asked of you")
        dial = Names(f"（拨打 {self.phone}）", f" (dial {self.phone})") if self.phone else Names("", "")
        return Names(
            f"{self.headline.zh}｜{self.address.zh}｜{why.zh}{dial.zh}",
            f"{self.headline.en} - {self.address.en} - {why.en}{dial.en}",
        )


def in_sum(about: Names, notifications: Sequence[Notification]) -> Names:
    """Several messages as one: what they are about, and each reason with how often it stands among them."""
    reasons = Counter(notification.reason for notification in notifications)
    zh = "；".join(f"{_WORDS[reason].zh}×{count}" for reason, count in reasons.items())
    en = "; ".join(f"{_WORDS[reason].en} ×{count}" for reason, count in reasons.items())
    return Names(f"{about.zh}｜{zh}", f"{about.en} - {en}")


def doubles(count: int) -> bool:
    """Whether that many are twice as many as when it was said last: 1, 2, 4, 8 and so on."""
    return count & (count - 1) == 0


def answered(asked: Reason, *, same_party: bool, lead: bool, over: bool, looks: bool = False) -> bool:
    """Whether a message is of no account any more once a party has answered: `lead`, that it answers for the task;
    `over`, that nothing is left to do; `same_party`, that the message was for its own people; `looks`, that somebody goes
    and looks after a claim, and nothing else.
    """
    if looks:
        return asked is Reason.VERIFY
    if asked is Reason.HANDLED:
        return False
    if over:
        return True
    if lead and asked in ASKS:
        return True
    return same_party and (asked in ASKS or asked is Reason.ASKED_TO_SUPPORT)
