"""The ledger told to people: one sentence in each language for every kind of entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cloud.domain.community.emergency import rescue_number
from cloud.domain.community.names import Names
from cloud.domain.duties.register import Register
from cloud.domain.records import consultation_told, fleet_told, ladder_told, people_told
from cloud.domain.records.assurance_story import ABOUT_ALERT, ABOUT_PARTY, PLAIN
from cloud.domain.records.ledger import Entry, Kind
from cloud.domain.records.telling import (
    Tell,
    about_alert,
    about_called,
    about_member,
    about_other,
    about_others,
    about_party,
    about_place,
    facts_of,
    fixed,
    party_of,
    plain,
)

_WAITS = about_member(
    "发给{who}的通知不紧急，按其免打扰或汇总设置稍后发送",
    "the message to {who} is not urgent and waits, as they have set it",
)
_SPARED = about_member("发给{who}的通知暂缓：{reason}", "the message to {who} waits: {reason}")


_TOLD = about_member("已通知{who}：{reason}{through}", "{who} was notified: {reason}{through}")
_SUMMED = about_member(
    "已在{within}起事件的汇总消息中通知{who}：{reason}{through}",
    "{who} was told within a summary of {within} incidents: {reason}{through}",
)
_FLOODED = about_member(
    "短时间内事件过多，发给{who}的通知将并入下一条汇总消息",
    "too many incidents at once: the message to {who} goes within the next summary",
)


def _notified(data: Mapping[str, Any], register: Register) -> Names:
    return (_SUMMED if data.get("within") else _TOLD)(data, register)


def _held(data: Mapping[str, Any], register: Register) -> Names:
    """As the member wants it, because they were told often enough, or for the next summary of a flood."""
    if "ground" in data:
        return _FLOODED(data, register)
    return (_SPARED if "reason" in data else _WAITS)(data, register)


def _channel_changed(data: Mapping[str, Any], register: Register) -> Names:
    """Switched on or off, or what of it is another; never to what."""
    return (_SWITCHED[bool(data.get("active"))] if data.get("switched") else _ALTERED)(data, register)


_SWITCHED: Final = {
    True: plain("已启用通知渠道 {channel}", "the channel {channel} was switched on"),
    False: plain("已停用通知渠道 {channel}", "the channel {channel} was switched off"),
}
_ALTERED: Final = plain("已修改通知渠道 {channel}（{what}）", "the channel {channel} was changed ({what})")


def _presumed(data: Mapping[str, Any], register: Register) -> Names:
    """With the number of the country in which it burns."""
    facts, number = facts_of(data), rescue_number(register.estate.days.region)
    return Names(
        f"推定火灾（{facts['zh']['ground']}）：请立即拨打{number}",
        f"a fire is presumed ({facts['en']['ground']}): call {number} now",
    )


def _closed(data: Mapping[str, Any], register: Register) -> Names:
    """By a party, or by itself once nothing was missing: a quiet sensor, a reporter who is satisfied."""
    if data.get("party") is None:
        return Names("核验要求已满足，关闭", "nothing was missing any more: closed")
    who = party_of(data, register)
    return Names(f"{who.zh}核验并关闭", f"{who.en} verified and closed it")


_TELL: Final[Mapping[str, Tell]] = {
    **fleet_told.TELL,
    **people_told.TELL,
    **{kind: about_party(zh, en) for kind, (zh, en) in consultation_told.SENTENCES.items()},
    **{kind: plain(words.zh, words.en) for kind, words in PLAIN.items()},
    **{kind: about_alert(words.zh, words.en) for kind, words in ABOUT_ALERT.items()},
    **{kind: about_party(words.zh, words.en) for kind, words in ABOUT_PARTY.items()},
    Kind.ALERT_FIRED: about_alert("{where}报警：{what}", "{where} raised {what}"),
    Kind.ALERT_RESOLVED: about_alert("{where}恢复：{what}", "{where} cleared {what}"),
    Kind.ALERT_HIDDEN: about_alert(
        "{where}的{what}由更上层原因引起，已折叠", "{what} at {where} is hidden by its cause"
    ),
    Kind.ALERT_SHOWN: about_alert(
        "{where}的{what}在原因消失后仍存在", "{what} at {where} outlived its cause and is shown"
    ),
    Kind.TRACK_LOST: about_alert("节点不再知道{where}的{what}", "the node no longer knows of {what} at {where}"),
    Kind.INCIDENT_OPENED: about_alert("事件建立：{where}{what}", "incident opened: {what} at {where}"),
    Kind.INCIDENT_WIDENED: about_place("扩大到{place}", "now concerns {place}"),
    Kind.INCIDENT_WORSENED: about_alert("升级为{what}（{where}）", "became {what} ({where})"),
    Kind.SEVERITY_RISEN: plain("严重程度由{from}升为{severity}", "severity rose from {from} to {severity}"),
    Kind.LATE_NEWS: about_alert("迟到的消息：{where}此前曾有{what}", "late news: {where} had raised {what} earlier"),
    Kind.FIRE_PRESUMED: _presumed,
    Kind.INCIDENT_QUIET: fixed("全部报警已恢复", "every alert has cleared"),
    Kind.TASK_ROUTED: about_party("由{who}牵头", "{who} leads"),
    Kind.TASK_ACKNOWLEDGED: about_party("{who}已响应并牵头", "{who} acknowledged and leads"),
    Kind.PARTY_JOINED: about_party("{who}加入协办", "{who} joined"),
    Kind.TASK_STARTED: about_party("{who}开始现场处置", "{who} started work on site"),
    Kind.TASK_RESOLVED: about_party("{who}报告已处置：{reason}", "{who} says it is resolved: {reason}"),
    Kind.TASK_CLOSED: _closed,
    Kind.TASK_REOPENED: about_party("重新打开（第 {count} 次）", "reopened (number {count})"),
    Kind.NOTE_ADDED: about_party("{who}添加备注", "{who} added a note"),
    Kind.REMINDED: about_party("提醒{who}：已响应但一段时间无进展", "{who} was reminded: no sign of work for a while"),
    Kind.DECAYED: about_party(
        "{who}响应后长时间无进展，重新等待响应", "{who} acknowledged but showed no sign of work: open again"
    ),
    Kind.HELD: about_party("{who}搁置：{reason}", "{who} put it on hold: {reason}"),
    Kind.HOLD_ENDED: plain("搁置结束：{ground}", "the wait is over: {ground}"),
    Kind.DECLINED: about_party("{who}谢绝{reason}", "{who} declined its part{reason}"),
    Kind.OFFERED: about_other("{who}请{to}接手牵头", "{who} asked {to} to take over the lead"),
    Kind.HELP_ASKED: about_others("{who}请求{to}协同", "{who} asked {to} for help"),
    Kind.WHISTLE_WISHED: about_others("{who}请求{to}吹哨：{ground}", "{who} asked {to} to whistle: {ground}"),
    Kind.WHISTLE_REFUSED: about_others("{who}未应{to}的请求吹哨", "{who} did not whistle as {to} had asked"),
    Kind.WHISTLED: about_others("{who}吹哨，召集{to}：{ground}", "{who} whistled for {to}: {ground}"),
    Kind.PARTY_ARRIVED: about_party("{who}已到场", "{who} is on site"),
    Kind.KEPT_OUT: about_others(
        "起火，{to}不得进入，其协办已解除", "it burns: {to} must not enter and has no part in it"
    ),
    Kind.PARTY_RELEASED: about_other("{who}解除{to}的协办（理由见备注）", "{who} let {to} go (why stands in the note)"),
    Kind.LOOK_ASKED: about_others("请{to}派另一人核验", "{to}: asked to look and verify it"),
    Kind.PARTY_FINISHED: about_party("{who}已完成其部分", "{who} has done its part"),
    Kind.OBJECTED: about_other(
        "{who}向{to}提出异议（依据见备注）", "{who} objected to {to} (its ground stands in the note)"
    ),
    Kind.OBJECTION_UPHELD: about_other("{who}裁定{to}的异议成立", "{who} upheld the objection of {to}"),
    Kind.OBJECTION_REJECTED: about_other("{who}裁定{to}的异议不成立", "{who} rejected the objection of {to}"),
    Kind.REQUEST_EXPIRED: about_party(
        "{who}未按时答复，视同谢绝", "{who} did not answer in time, which counts as a decline"
    ),
    Kind.STAND_IN_ASKED: about_party("请{who}顶替协办", "{who} was asked to support in its place"),
    Kind.ARBITER_ASKED: about_party("请{who}裁定由谁牵头", "{who} was asked to decide who leads"),
    Kind.ARBITER_OVERDUE: about_party(
        "{who}未按时裁定，上报一级", "{who} did not decide in time: one level up is asked"
    ),
    Kind.ARBITRATED: about_other("{who}裁定由{to}牵头", "{who} decided that {to} leads"),
    Kind.MERGED: about_party("{who}将本事件并入另一事件", "{who} merged this into another incident"),
    Kind.TOOK_IN: about_party("{who}将另一事件并入本事件", "{who} merged another incident into this"),
    Kind.UNMERGED: about_party(
        "{who}撤销合并：本事件单独处置，时限照旧",
        "{who} undid the merge: it is a matter of its own again, its clocks go on",
    ),
    Kind.GAVE_BACK: about_party(
        "{who}撤销合并：并入的事件已分出", "{who} undid a merge: the other incident left this one"
    ),
    Kind.PART_OVERDUE: about_party("{who}的{clock}时限已过", "the {clock} limit of {who} has passed"),
    Kind.CLOCK_BREACHED: plain("{clock}时限已过", "the {clock} limit has passed"),
    Kind.CALL_MADE: about_others("{who}已致电{to}：{outcome}", "{who} phoned {to}: {outcome}"),
    Kind.ESCALATED: ladder_told.taken,
    Kind.STEP_PASSED: ladder_told.passed,
    Kind.LADDER_ENDED: plain("升级已到尽头", "the ladder has ended"),
    Kind.CALLED: about_called("呼叫{who}：{members}（{ground}）", "{who} is called: {members} ({ground})"),
    Kind.NOTIFIED: _notified,
    Kind.NOT_NOTIFIED: about_member(
        "未能通知{who}：{reason}{through}", "{who} could not be notified: {reason}{through}"
    ),
    Kind.NOTICE_HELD: _held,
    Kind.NOTICE_AGAIN: about_party("未达{who}的通知重新发送", "what did not reach {who} is sent once more"),
    Kind.NOTICE_WITHDRAWN: about_party(
        "已有人响应，撤回发给{who}的 {count} 条未发通知",
        "somebody has answered: {count} unsent messages to {who} withdrawn",
    ),
    Kind.CALL_ANSWERED: about_member("{who}在电话中按键：{reason}", "{who} pressed a key in the call: {reason}"),
    Kind.WEBHOOK_ADDED: plain("已添加 webhook {subject}", "webhook {subject} was added"),
    Kind.WEBHOOK_CHANGED: plain("已修改 webhook {subject}", "webhook {subject} was changed"),
    Kind.WEBHOOK_SECRET_ROTATED: plain("已更换 webhook {subject} 的密钥", "webhook {subject} has a new secret"),
    Kind.WEBHOOK_REMOVED: plain("已删除 webhook {subject}", "webhook {subject} was removed"),
    Kind.WEBHOOK_GIVEN_UP: plain(
        "webhook {subject} 多次未送达，不再重试：{reason}",
        "webhook {subject} was not reached and is given up: {reason}",
    ),
    Kind.WEBHOOK_AGAIN: plain(
        "已放弃的一条投递重新发送给 webhook {subject}", "what was given up is sent to webhook {subject} once more"
    ),
    Kind.WEBHOOK_GONE: plain(
        "webhook {subject} 答复该地址已不存在，已停用", "webhook {subject} says that it is gone: it is switched off"
    ),
    Kind.CHANNEL_SET_UP: plain("已设置通知渠道 {channel}", "the channel {channel} was set up"),
    Kind.CHANNEL_CHANGED: _channel_changed,
    Kind.CHANNEL_REMOVED: plain("已删除通知渠道 {channel}", "the channel {channel} was removed"),
}

FAILURES: Final = frozenset(
    {
        Kind.CLOCK_BREACHED,
        Kind.STEP_PASSED,
        Kind.LADDER_ENDED,
        Kind.NOT_NOTIFIED,
        Kind.WEBHOOK_GIVEN_UP,
        Kind.WEBHOOK_GONE,
        Kind.DEAD_LETTER,
        Kind.TRACK_LOST,
        Kind.RECORDS_LOST,
        Kind.COMMAND_UNANSWERED,
        Kind.CONFIGURATION_NOT_APPLIED,
        Kind.DECAYED,
        Kind.CLAIM_CONTRADICTED,
        Kind.REQUEST_EXPIRED,
        Kind.ARBITER_OVERDUE,
        Kind.PART_OVERDUE,
    }
)
"""Entries that say something did not work; they are lines of their own on a timeline."""


def sentence(entry: Entry, register: Register) -> Names:
    """What the entry says. An entry of a kind that this version does not know is told by its kind."""
    tell = _TELL.get(entry.kind)
    return tell(entry.data, register) if tell else Names(entry.kind, entry.kind)


def actor(entry: Entry, register: Register) -> Names:
    """Who did it."""
    return doer(entry.actor, register)


def doer(who: str, register: Register) -> Names:
    """An actor as entries and versions name one: a member by their name, a node by its name, the program by what it is."""
    sort, _, identity = who.partition(":")
    if sort == "member":
        member = register.members.get(identity)
        return member.names if member else Names("成员", "a member")
    if sort == "node":
        node = register.nodes.get(identity)
        return node.names if node else Names(identity, identity)
    if sort == "resident":
        return Names("一位居民", "a resident")
    if sort == "report":
        return Names("报告人", "the reporter")
    return Names("系统计时", "the clock") if sort == "clock" else Names("系统", "Tocsin")
