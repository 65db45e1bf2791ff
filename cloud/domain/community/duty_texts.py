"""The sentences of faults in who answers for what: a matrix of duties, the steps of its ladders, rosters. A part of `fault_texts`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

DUTY_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    # a matrix of duties
    "duty-place": (
        "place {place!r} does not exist; add it, correct the path, or leave it out",
        "位置 {place!r} 不存在，请添加、改正或省略",
    ),
    "duty-twice": (
        "{sort} {name!r} stands twice; keep one of them or rename the other",
        "{sort} {name!r} 重复，请保留其一或改名",
    ),
    "tto-over-ttr": (
        "tto is longer than ttr; nobody can resolve before owning, so shorten tto",
        "响应时限长于处置时限，未响应前无法处置，请缩短 tto",
    ),
    "reference-unknown": (
        "{ref} is nobody in this estate; add the party or correct the reference",
        "本小区没有 {ref}，请添加该单位或改正",
    ),
    "row-said-twice": (
        "{pattern} at the same place, hours and severity is said by {other!r} too; remove one",
        "{pattern} 在相同位置、时间和级别上与职责 {other!r} 重复，请删去其一",
    ),
    "stranger-on-roster": (
        "{member!r} is no member of party {party!r}; add them or correct the name",
        "{member!r} 不是单位 {party!r} 的成员，请先添加或改正",
    ),
    "no-lead": ("nobody leads; name a lead", "没有牵头单位，请写明 lead"),
    "never-leads": (
        "{named}a {kind} never leads{but}; let it support, and name another lead",
        "{named}类型 {kind} 不能牵头{but}，请改为协办并另写牵头单位",
    ),
    "never-enters": (
        "{ref} never enters where it burns; let it observe, or take it out of this row",
        "{ref} 不得进入火场，请改为知会或从此行删去",
    ),
    "limits": (
        "{ref} is to accept or be on site later than to be done; shorten that or lengthen finish",
        "{ref} 的接受或到场时限晚于完成时限，请缩短，或延长 finish",
    ),
    "repeats-too-often": (
        (
            "the step after {delay} calls again {often}; for {hazards}, where no life is at stake, that ends after {most} times"
            " and the task goes one level up. Write times: {most}, or give them a row of their own"
        ),
        "{delay} 后的步骤会{often}重复呼叫；{hazards} 不危及生命，呼叫 {most} 次后即停止并上报一级。请填写 times: {most}，或另立一行",
    ),
    "emergency-not-grave": (
        (
            "the step after {delay} says emergency, which is for life safety alone; for {hazards} it is sent as high. Write"
            " importance: high, or give them a row of their own"
        ),
        "{delay} 后的步骤标为 emergency，仅限危及生命的险情；{hazards} 将按 high 发送。请填写 importance: high，或另立一行",
    ),
    "call-sheet-late": (
        "its call sheet is wanted after {wanted}; for {hazards} it sounds after {latest} at the latest. Write after: {write}, or less",
        "电话清单原定 {wanted} 后响起；涉及生命安全的 {hazards} 最迟 {latest} 后响起，请写 after: {write} 或更短",
    ),
    "call-sheet-rare": (
        "its call sheet is wanted every {wanted}; for {hazards} it is said every {latest}. Write every: {write}, or less",
        "电话清单原定每 {wanted} 一次；涉及生命安全的 {hazards} 每 {latest} 一次，请写 every: {write} 或更短",
    ),
    "nobody-to-phone": (
        (
            "its ladder calls without end and names nobody to phone; for {hazards} a call sheet is added: {added}. Write"
            " call_sheet: true and the numbers into the step that repeats"
        ),
        "升级步骤无限重复而没有可拨打的电话；对 {hazards} 已添加呼叫单：{added}。请在重复的步骤中填写 call_sheet: true 和号码",
    ),
    "way-outside-towns": (
        (
            "for {hazards} its lead has {minutes} min to be on site, here outside towns too, where the default matrix gives 60 min."
            " Write arrive_outside_towns: 60 min, or {minutes} min if that is meant"
        ),
        "{hazards} 的到场时限为 {minutes} 分钟；本小区由乡镇管辖，默认矩阵为 60 分钟。请填写 arrive_outside_towns: 60 min，如确需 {minutes} 分钟则填写该值",
    ),
    "like-unknown": ("like must name one of the rows there are: {rows}", "like 应为现有的一行：{rows}"),
    # whom a step of a ladder calls
    "roster-unknown": (
        "{target} is no roster of this estate; make it, or name one that there is: {there}",
        "本小区没有值班表 {target}，请先建立，或改为已有的：{there}",
    ),
    "member-unknown": (
        "{target} is no member here; add them, or correct the id",
        "本小区没有成员 {target}，请先添加或改正",
    ),
    "household-only": (
        "{target} is called for their own household only; name somebody who acts for a party",
        "{target} 是居民，只因自家的事被呼叫，请改写代表单位的成员",
    ),
    "external-target": ("{target} has no members here; name it by its number", "{target} 在此没有成员，请写其电话号码"),
    "target-never-enters": (
        "{target} never enters where it burns; let the party observe, or take it out of this row",
        "{target} 不得进入火场，请将该单位改为知会，或从本行删去",
    ),
    "target-nobody": (
        (
            "{target} is nobody here ({why}), so the ladder passes it and goes on at once; name somebody else, or add"
            " them"
        ),
        "{target} 在此无人（{why}），升级时将跳过，请改写他人或补充人员",
    ),
    # rosters
    "roster-parts": (
        "more than {most} rotations and shifts; divide it into several rosters",
        "轮值和班次超过 {most} 个，请分成几个值班表",
    ),
    "roster-overrides": (
        "more than {most} overrides; remove those that are over",
        "替班超过 {most} 个，请删除已结束的",
    ),
    "participants": ("name 1 to {most} participants", "请选择 1 至 {most} 名轮值人员"),
    "turn-length": ("a turn lasts 1 to {most} days, not {days}", "每轮为 1 至 {most} 天，不能是 {days} 天"),
    "shift-members": ("name 1 to {most} members", "请选择 1 至 {most} 名值班人员"),
    "shift-days": ("days are 1 (Monday) to 7 (Sunday), at least one", "请至少选择星期中的一天（1 为周一，7 为周日）"),
    "shift-order": ("its last day lies before its first; exchange them", "结束日早于开始日，请对调"),
    "override-order": ("it ends before it begins; give an end after its start", "结束早于开始，请改正结束时间"),
    "override-long": ("it lasts longer than {most} days; change the roster itself", "超过 {most} 天，请修改值班表本身"),
    "override-members": ("name 1 to {most} members", "请选择 1 至 {most} 名替班人员"),
    "replaces-nobody": (
        "replaces: {member!r} is on no turn or shift of this roster; correct the name",
        "{member!r} 不在此值班表的轮值或班次中，请改正",
    ),
}
