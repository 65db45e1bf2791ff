"""The ledger told to people: one sentence in each language for every kind of entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from cloud.domain.community.emergency import rescue_number
from cloud.domain.community.names import Names
from cloud.domain.duties.register import Register
from cloud.domain.records import codes, consultation_told
from cloud.domain.records.assurance_story import ABOUT_ALERT, ABOUT_PARTY, PLAIN
from cloud.domain.records.ledger import Entry, Kind
from schemas.hazards import hazard

Tell = Callable[[Mapping[str, Any], Register], Names]


def _hazard(data: Mapping[str, Any]) -> Names:
    known = hazard(str(data.get("hazard", "?")))
    return Names(known.zh, known.en)


def _equipment(data: Mapping[str, Any], register: Register) -> Names:
    return register.names_of(str(data.get("equipment", "?")))


def _party(data: Mapping[str, Any], register: Register, key: str = "party") -> Names:
    party = register.parties.get(str(data.get(key)))
    name = str(data.get(key, "?"))
    return party.names if party else Names(name, name)


def _fixed(zh: str, en: str) -> Tell:
    return lambda _data, _register: Names(zh, en)


def _about_alert(zh: str, en: str) -> Tell:
    def tell(data: Mapping[str, Any], register: Register) -> Names:
        what, where = _hazard(data), _equipment(data, register)
        return Names(zh.format(what=what.zh, where=where.zh), en.format(what=what.en, where=where.en))

    return tell


def _about_place(zh: str, en: str) -> Tell:
    def tell(data: Mapping[str, Any], register: Register) -> Names:
        place = str(data.get("place", "?"))
        names = register.places.address(place) if place in register.places else Names(place, place)
        return Names(zh.format(place=names.zh), en.format(place=names.en))

    return tell


def _about_party(zh: str, en: str) -> Tell:
    def tell(data: Mapping[str, Any], register: Register) -> Names:
        who, facts = _party(data, register), _facts(data)
        return Names(zh.format_map({**facts["zh"], "who": who.zh}), en.format_map({**facts["en"], "who": who.en}))

    return tell


def _about_member(zh: str, en: str) -> Tell:
    """Of a message: the party, its member where one is meant, and through what it went."""

    def tell(data: Mapping[str, Any], register: Register) -> Names:
        party, facts = _party(data, register), _facts(data)
        member = register.members.get(str(data.get("member")))
        who = Names(f"{party.zh}·{member.names.zh}", f"{party.en} · {member.names.en}") if member else party
        zh_channel, en_channel = facts["zh"]["channel"], facts["en"]["channel"]
        through = Names(f"（{zh_channel}）", f" ({en_channel})") if data.get("channel") else Names("", "")
        return Names(
            zh.format_map({**facts["zh"], "who": who.zh, "through": through.zh}),
            en.format_map({**facts["en"], "who": who.en, "through": through.en}),
        )

    return tell


def _either(fact: str, given: Tell, otherwise: Tell) -> Tell:
    """Told the one way where the entry has that fact, else the other."""
    return lambda data, register: (given if data.get(fact) else otherwise)(data, register)


def _about_called(zh: str, en: str) -> Tell:
    """`members` are those of the party who are called, `ground` why these."""

    def tell(data: Mapping[str, Any], register: Register) -> Names:
        who, facts = _party(data, register), _facts(data)
        named = data.get("members")
        known = [register.members.get(str(one)) for one in (named if isinstance(named, list) else [])]
        found = [member.names for member in known if member is not None]
        members = Names("、".join(one.zh for one in found) or "—", ", ".join(one.en for one in found) or "—")
        return Names(
            zh.format_map({**facts["zh"], "who": who.zh, "members": members.zh}),
            en.format_map({**facts["en"], "who": who.en, "members": members.en}),
        )

    return tell


def _about_other(zh: str, en: str) -> Tell:
    def tell(data: Mapping[str, Any], register: Register) -> Names:
        who, to = _party(data, register), _party(data, register, "to")
        return Names(zh.format(who=who.zh, to=to.zh), en.format(who=who.en, to=to.en))

    return tell


def _about_others(zh: str, en: str) -> Tell:
    """`to` lists parties; `capabilities`, where there are some, for what they were sought."""

    def tell(data: Mapping[str, Any], register: Register) -> Names:
        who, facts = _party(data, register), _facts(data)
        named = data.get("to")
        others = [_party({"to": one}, register, "to") for one in (named if isinstance(named, list) else [named])]
        sought = ", ".join(map(str, data.get("capabilities") or ()))
        to = Names("、".join(one.zh for one in others), ", ".join(one.en for one in others))
        why = Names(f"（{sought}）", f" ({sought})") if sought else Names("", "")
        return Names(
            zh.format_map({**facts["zh"], "who": who.zh, "to": to.zh + why.zh}),
            en.format_map({**facts["en"], "who": who.en, "to": to.en + why.en}),
        )

    return tell


def _plain(zh: str, en: str) -> Tell:
    def tell(data: Mapping[str, Any], _register: Register) -> Names:
        facts = _facts(data)
        return Names(zh.format_map(facts["zh"]), en.format_map(facts["en"]))

    return tell


def _presumed(data: Mapping[str, Any], register: Register) -> Names:
    """With the number of the country in which it burns."""
    facts, number = _facts(data), rescue_number(register.estate.days.region)
    return Names(
        f"推定火灾（{facts['zh']['ground']}）：请立即拨打{number}",
        f"a fire is presumed ({facts['en']['ground']}): call {number} now",
    )


def _closed(data: Mapping[str, Any], register: Register) -> Names:
    """By a party, or by itself once nothing was missing: a quiet sensor, a reporter who is satisfied."""
    if data.get("party") is None:
        return Names("核验要求已满足，关闭", "nothing was missing any more: closed")
    who = _party(data, register)
    return Names(f"{who.zh}核验并关闭", f"{who.en} verified and closed it")


def _facts(data: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What an entry says, with its codes as words of each language."""
    words = {key: _WORDS.get(str(value), Names(str(value), str(value))) for key, value in data.items()}
    return {
        "zh": {**_BLANK, **{key: names.zh for key, names in words.items()}},
        "en": {**_BLANK, **{key: names.en for key, names in words.items()}},
    }


_WORDS: Final[Mapping[str, Names]] = {**consultation_told.WORDS, **codes.WORDS}

_BLANK: Final = dict.fromkeys(
    (
        *("reason", "count", "step", "clock", "channel", "phone", "node", "subject", "version", "action"),
        *("outcome", "from", "severity", "ground", "class", "member", "purpose", "act", "points"),
        *("key", "roster", "overrides", "shifts", "side", "until"),
        *consultation_told.FACTS,
        *("verdict", "concern", "stage", "held"),
    ),
    "",
)

_TELL: Final[Mapping[str, Tell]] = {
    **{kind: _about_party(zh, en) for kind, (zh, en) in consultation_told.SENTENCES.items()},
    **{kind: _plain(words.zh, words.en) for kind, words in PLAIN.items()},
    **{kind: _about_alert(words.zh, words.en) for kind, words in ABOUT_ALERT.items()},
    **{kind: _about_party(words.zh, words.en) for kind, words in ABOUT_PARTY.items()},
    Kind.ALERT_FIRED: _about_alert("{where}报警：{what}", "{where} raised {what}"),
    Kind.ALERT_RESOLVED: _about_alert("{where}恢复：{what}", "{where} cleared {what}"),
    Kind.ALERT_HIDDEN: _about_alert(
        "{where}的{what}由更上层原因引起，已折叠", "{what} at {where} is hidden by its cause"
    ),
    Kind.ALERT_SHOWN: _about_alert(
        "{where}的{what}在原因消失后仍存在", "{what} at {where} outlived its cause and is shown"
    ),
    Kind.TRACK_LOST: _about_alert("节点不再知道{where}的{what}", "the node no longer knows of {what} at {where}"),
    Kind.INCIDENT_OPENED: _about_alert("事件建立：{where}{what}", "incident opened: {what} at {where}"),
    Kind.INCIDENT_WIDENED: _about_place("扩大到{place}", "now concerns {place}"),
    Kind.INCIDENT_WORSENED: _about_alert("升级为{what}（{where}）", "became {what} ({where})"),
    Kind.SEVERITY_RISEN: _plain("严重程度由{from}升为{severity}", "severity rose from {from} to {severity}"),
    Kind.LATE_NEWS: _about_alert("迟到的消息：{where}此前曾有{what}", "late news: {where} had raised {what} earlier"),
    Kind.FIRE_PRESUMED: _presumed,
    Kind.INCIDENT_QUIET: _fixed("全部报警已恢复", "every alert has cleared"),
    Kind.TASK_ROUTED: _about_party("由{who}牵头", "{who} leads"),
    Kind.TASK_ACKNOWLEDGED: _about_party("{who}已响应并牵头", "{who} acknowledged and leads"),
    Kind.PARTY_JOINED: _about_party("{who}加入协办", "{who} joined"),
    Kind.TASK_STARTED: _about_party("{who}开始现场处置", "{who} started work on site"),
    Kind.TASK_RESOLVED: _about_party("{who}报告已处置：{reason}", "{who} says it is resolved: {reason}"),
    Kind.TASK_CLOSED: _closed,
    Kind.TASK_REOPENED: _about_party("重新打开（第 {count} 次）", "reopened (number {count})"),
    Kind.NOTE_ADDED: _about_party("{who}添加备注", "{who} added a note"),
    Kind.REMINDED: _about_party("提醒{who}：已响应但尚无进展", "{who} was reminded: acknowledged, no sign of work yet"),
    Kind.DECAYED: _about_party(
        "{who}响应后无进展，重新等待响应", "{who} acknowledged but showed no sign of work: open again"
    ),
    Kind.HELD: _about_party("{who}搁置：{reason}", "{who} put it on hold: {reason}"),
    Kind.HOLD_ENDED: _plain("搁置结束：{ground}", "the wait is over: {ground}"),
    Kind.DECLINED: _about_party("{who}谢绝{reason}", "{who} declined its part{reason}"),
    Kind.OFFERED: _about_other("{who}请{to}接手牵头", "{who} asked {to} to take over the lead"),
    Kind.HELP_ASKED: _about_others("{who}请求{to}协同", "{who} asked {to} for help"),
    Kind.WHISTLE_WISHED: _about_others("{who}请求{to}吹哨：{ground}", "{who} asked {to} to whistle: {ground}"),
    Kind.WHISTLE_REFUSED: _about_others("{who}未应{to}的请求吹哨", "{who} did not whistle as {to} had asked"),
    Kind.WHISTLED: _about_others("{who}吹哨，召集{to}：{ground}", "{who} whistled for {to}: {ground}"),
    Kind.PARTY_ARRIVED: _about_party("{who}已到场", "{who} is on site"),
    Kind.PARTY_FINISHED: _about_party("{who}已完成其部分", "{who} has done its part"),
    Kind.OBJECTED: _about_other(
        "{who}向{to}提出异议（依据见备注）", "{who} objected to {to} (its ground stands in the note)"
    ),
    Kind.OBJECTION_UPHELD: _about_other("{who}裁定{to}的异议成立", "{who} upheld the objection of {to}"),
    Kind.OBJECTION_REJECTED: _about_other("{who}裁定{to}的异议不成立", "{who} rejected the objection of {to}"),
    Kind.REQUEST_EXPIRED: _about_party(
        "{who}未按时答复，视同谢绝", "{who} did not answer in time, which counts as a decline"
    ),
    Kind.ARBITER_ASKED: _about_party("请{who}裁定由谁牵头", "{who} was asked to decide who leads"),
    Kind.ARBITER_OVERDUE: _about_party(
        "{who}未按时裁定，上报一级", "{who} did not decide in time: one level up is asked"
    ),
    Kind.ARBITRATED: _about_other("{who}裁定由{to}牵头", "{who} decided that {to} leads"),
    Kind.MERGED: _about_party("{who}将本事件并入另一事件", "{who} merged this into another incident"),
    Kind.TOOK_IN: _about_party("{who}将另一事件并入本事件", "{who} merged another incident into this"),
    Kind.UNMERGED: _about_party(
        "{who}撤销合并：本事件单独处置，时限照旧",
        "{who} undid the merge: it is a matter of its own again, its clocks go on",
    ),
    Kind.GAVE_BACK: _about_party(
        "{who}撤销合并：并入的事件已分出", "{who} undid a merge: the other incident left this one"
    ),
    Kind.PART_OVERDUE: _about_party("{who}的{clock}时限已过", "the {clock} limit of {who} has passed"),
    Kind.CLOCK_BREACHED: _plain("{clock}时限已过", "the {clock} limit has passed"),
    Kind.ESCALATED: _plain("无人响应，升级第 {step} 步", "nobody answered: step {step} of the ladder"),
    Kind.STEP_PASSED: _plain("升级第 {step} 步：{reason}", "step {step} of the ladder was passed: {reason}"),
    Kind.LADDER_ENDED: _plain("升级已到尽头", "the ladder has ended"),
    Kind.CALLED: _about_called("呼叫{who}：{members}（{ground}）", "{who} is called: {members} ({ground})"),
    Kind.NOTIFIED: _either(
        "within",
        _about_member(
            "已在{within}起事件的汇总消息中通知{who}：{reason}{through}",
            "{who} was told within a summary of {within} incidents: {reason}{through}",
        ),
        _about_member("已通知{who}：{reason}{through}", "{who} was notified: {reason}{through}"),
    ),
    Kind.NOT_NOTIFIED: _about_member(
        "未能通知{who}：{reason}{through}", "{who} could not be notified: {reason}{through}"
    ),
    Kind.NOTICE_HELD: _either(
        "ground",
        _about_member(
            "短时间内事件过多，发给{who}的通知将并入下一条汇总消息",
            "too many incidents at once: the message to {who} goes within the next summary",
        ),
        _about_member(
            "发给{who}的通知不紧急，按其免打扰或汇总设置稍后发送",
            "the message to {who} is not urgent and waits, as they have set it",
        ),
    ),
    Kind.NOTICE_WITHDRAWN: _about_party(
        "已有人响应，撤回发给{who}的 {count} 条未发通知", "answered meanwhile: {count} unsent to {who} withdrawn"
    ),
    Kind.CALL_ANSWERED: _about_member("{who}在电话中按键：{reason}", "{who} pressed a key in the call: {reason}"),
    Kind.CONTACTS_CHANGED: _fixed("成员更新了联系方式", "a member changed how to be reached"),
    Kind.WEBHOOK_ADDED: _plain("已添加 webhook {subject}", "webhook {subject} was added"),
    Kind.WEBHOOK_CHANGED: _plain("已修改 webhook {subject}", "webhook {subject} was changed"),
    Kind.WEBHOOK_SECRET_ROTATED: _plain("已更换 webhook {subject} 的密钥", "webhook {subject} has a new secret"),
    Kind.WEBHOOK_REMOVED: _plain("已删除 webhook {subject}", "webhook {subject} was removed"),
    Kind.WEBHOOK_GIVEN_UP: _plain(
        "webhook {subject} 多次未送达，不再重试：{reason}",
        "webhook {subject} was not reached and is given up: {reason}",
    ),
    Kind.NODE_BORN: _plain("节点 {node} 上线", "node {node} came online"),
    Kind.NODE_DIED: _plain("节点 {node} 离线（{reason}）", "node {node} went offline ({reason})"),
    Kind.CLAIM_ISSUED: _plain("为节点 {node} 发放登记码", "a claim code was given out for node {node}"),
    Kind.NODE_ENROLLED: _plain("节点 {node} 已登记", "node {node} was enrolled"),
    Kind.BOARD_REPLACED: _plain(
        "节点 {node} 已更换主板，旧主板只补传积压数据", "node {node} has a new board; the old one only drains"
    ),
    Kind.CREDENTIAL_RENEWED: _plain("节点 {node} 的凭证已续期", "the credential of node {node} was renewed"),
    Kind.NODE_REVOKED: _plain("节点 {node} 已被撤销，不得接入：{reason}", "node {node} was shut out: {reason}"),
    Kind.CONFIGURATION_ISSUED: _plain(
        "已下发节点 {node} 的配置第 {version} 版", "version {version} was issued for node {node}"
    ),
    Kind.CONFIGURATION_APPLIED: _plain("节点 {node} 已启用配置第 {version} 版", "node {node} runs version {version}"),
    Kind.CONFIGURATION_NOT_APPLIED: _plain(
        "节点 {node} 未启用配置第 {version} 版：{outcome}", "node {node} did not take version {version}: {outcome}"
    ),
    Kind.CONFIGURATION_REPORTED: _plain(
        "节点 {node} 上报了自带配置第 {version} 版", "node {node} reported the version {version} it runs by itself"
    ),
    Kind.COMMAND_ASKED: _plain("向节点 {node} 发送命令：{action}", "node {node} was asked: {action}"),
    Kind.COMMAND_ANSWERED: _plain(
        "节点 {node} 答复命令 {action}：{outcome}", "node {node} answered {action}: {outcome}"
    ),
    Kind.COMMAND_UNANSWERED: _plain(
        "节点 {node} 未确认命令 {action}：请到现场查看",
        "node {node} did not confirm {action}: somebody has to look on site",
    ),
    Kind.CARD_KEY_MADE: _plain(
        "生成卡号密钥 {key}（第 {version} 版）：{reason}", "card key {key} was made (version {version}): {reason}"
    ),
    Kind.CARD_KEY_IN_USE: _plain("节点 {node} 已启用卡号密钥 {key}", "node {node} uses card key {key}"),
    Kind.RECORDS_LOST: _plain(
        "节点 {node} 有 {count} 批数据已不在节点上，也从未送达",
        "{count} batches of node {node} left it and never arrived",
    ),
    Kind.RECORDS_FOUND: _plain(
        "节点 {node} 曾判定丢失的 {count} 批数据已送达",
        "{count} batches of node {node} that counted as lost have arrived",
    ),
    Kind.DEAD_LETTER: _plain("消息被拒收：{reason}", "a message was refused: {reason}"),
    Kind.DUTIES_CHANGED: _fixed(
        "职责矩阵已修改；进行中的任务沿用原版本", "the duty matrix was changed; running tasks keep theirs"
    ),
    Kind.ROSTER_CHANGED: _about_party("{who}的排班“{roster}”已更新", "{who}'s roster {roster} was changed"),
    Kind.ROSTER_REMOVED: _about_party("{who}的排班“{roster}”已删除", "{who}'s roster {roster} was removed"),
    Kind.OVERRIDE_ADDED: _about_party("{who}的排班“{roster}”增加替班", "{who}'s roster {roster} was overridden"),
    Kind.OVERRIDE_REMOVED: _about_party(
        "{who}的排班“{roster}”取消替班", "an override of {who}'s roster {roster} was taken back"
    ),
    Kind.CALENDAR_IMPORTED: _about_party(
        "{who}的排班“{roster}”导入日历：替班 {overrides} 条，班次 {shifts} 条",
        "a calendar came into {who}'s roster {roster}: {overrides} overrides, {shifts} shifts",
    ),
    Kind.HANDOVER_DRAWN: _about_party(
        "{who}填写交接班记录：{count} 项", "{who} drew up a shift handover of {count} items"
    ),
    Kind.HANDOVER_SIGNED: _about_party("{who}交接班签字：{side}", "{who} signed a shift handover: {side}"),
    Kind.CONTACT_ADDED: _about_party(
        "{who}的成员增加联系方式：{channel}", "a member of {who} has a new channel: {channel}"
    ),
    Kind.CONTACT_REMOVED: _about_party(
        "{who}的成员删除联系方式：{channel}", "a channel of a member of {who} was removed: {channel}"
    ),
    Kind.CONTACT_CODE_SENT: _about_party(
        "已向{who}的成员发送验证码：{channel}", "a code was sent to a member of {who}: {channel}"
    ),
    Kind.CONTACT_VERIFIED: _about_party(
        "{who}的成员已验证联系方式：{channel}", "a member of {who} verified a channel: {channel}"
    ),
    Kind.ESTATE_LOADED: _fixed("小区资料已载入", "the estate's register was loaded"),
    Kind.CREDIT_GRANTED: _plain("积分 +{points}：{act}", "{points} points were granted for {act}"),
    Kind.CREDIT_REVERSED: _plain(
        "积分冲正 {points}：{act}（{reason}）", "{points} points for {act}, taken back: {reason}"
    ),
    Kind.CREDIT_TABLE_PUBLISHED: _plain(
        "已公布积分标准第 {version} 版", "version {version} of the credit table was published"
    ),
    Kind.OFFER_POSTED: _fixed("发布了一项供给", "an offer was posted"),
    Kind.OFFER_CHANGED: _fixed("修改了一项供给", "an offer was changed"),
    Kind.OFFER_WITHDRAWN: _fixed("撤回了一项供给", "an offer was withdrawn"),
    Kind.NEED_POSTED: _fixed("发布了一项需求", "a need was posted"),
    Kind.NEED_CHANGED: _fixed("修改了一项需求", "a need was changed"),
    Kind.NEED_WITHDRAWN: _fixed("撤回了一项需求", "a need was withdrawn"),
    Kind.NEED_MET: _fixed("一项需求已得到满足", "a need has been met"),
    Kind.SMALL_TASK_POSTED: _about_party("{who}发布{act}", "{who} posted {act}"),
    Kind.SMALL_TASK_CLAIMED: _about_party("{who}的{act}已被认领", "{act} of {who} was claimed"),
    Kind.SMALL_TASK_RELEASED: _about_party("{who}的{act}已退回", "{act} of {who} was given back"),
    Kind.SMALL_TASK_DONE: _about_party("{who}的{act}报告已完成", "{act} of {who} is said to be done"),
    Kind.SMALL_TASK_SENT_BACK: _about_party("{who}的{act}未通过核验", "{act} of {who} was sent back"),
    Kind.SMALL_TASK_CONFIRMED: _about_party("{who}的{act}已核验", "{act} of {who} was confirmed"),
    Kind.SMALL_TASK_WITHDRAWN: _about_party("{who}撤回{act}", "{who} withdrew {act}"),
    Kind.SIGNED_IN: _fixed("成员登录", "a member signed in"),
    Kind.SIGNED_OUT: _fixed("成员退出登录", "a member signed out"),
    Kind.ACCESS_GRANTED: _plain("为成员 {member} 发放{purpose}", "{purpose} was given out for member {member}"),
    Kind.PERSONAL_READ: _plain("查看了个人信息：{class}", "personal data was read: {class}"),
    Kind.PERSONAL_ERASED: _plain("个人信息已删除：{class}（{ground}）", "personal data was erased: {class} ({ground})"),
}

FAILURES: Final = frozenset(
    {
        Kind.CLOCK_BREACHED,
        Kind.STEP_PASSED,
        Kind.LADDER_ENDED,
        Kind.NOT_NOTIFIED,
        Kind.WEBHOOK_GIVEN_UP,
        Kind.DEAD_LETTER,
        Kind.TRACK_LOST,
        Kind.RECORDS_LOST,
        Kind.COMMAND_UNANSWERED,
        Kind.CONFIGURATION_NOT_APPLIED,
        Kind.DECAYED,
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
    """Who did it: a member by their name, a node by its name, the program by what it is."""
    sort, _, identity = entry.actor.partition(":")
    if sort == "member":
        member = register.members.get(identity)
        return member.names if member else Names("成员", "a member")
    if sort == "node":
        node = register.nodes.get(identity)
        return node.names if node else Names(identity, identity)
    if sort == "report":
        return Names("报告人", "the reporter")
    return Names("系统计时", "the clock") if sort == "clock" else Names("系统", "Tocsin")
