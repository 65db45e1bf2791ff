"""Faults of a document as its reader understands them: where, what is wrong, and what to do; names of keys stay as they are."""

from __future__ import annotations

import re
from typing import Final

from cloud.domain.community.names import Language

_CHINESE: Final = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"^line (\d+): ", r"第 \1 行："),
        (r"Field required; add it", "缺少这一项，请补上"),
        (r"Extra inputs are not permitted; take it out, or correct its spelling", "没有这一项，请删除或改正拼写"),
        (r"Input should be a valid number, unable to parse string as a number", "应为数字"),
        (r"Input should be a valid (number|integer)", "应为数字"),
        (r"Input should be greater than or equal to (\S+?)(?=;|$)", r"不得小于 \1"),
        (r"Input should be less than or equal to (\S+?)(?=;|$)", r"不得大于 \1"),
        (r"Input should be greater than (\S+?)(?=;|$)", r"应大于 \1"),
        (r"Input should be less than (\S+?)(?=;|$)", r"应小于 \1"),
        (r"; correct the value$", "，请改正"),
        (r"; correct the kind$", "，请改正类型"),
        (r"; say which kind it is$", "，请写明类型"),
        (r"equipment (\S+) stands in no register of this estate: add it to the estate first", r"小区登记中没有设备 \1，请先登记"),
        (r"equipment (\S+) is wired to node (\S+), not to (\S+)", r"设备 \1 接在节点 \2 上，不属于 \3"),
        (r"(\S+) stands here and in line (\d+); take one of them out", r"\1 与第 \2 行重复，请删去其一"),
        (r"it has no keys; it begins with `equipment:` and a list below it", "没有内容，应以 `equipment:` 开头，其下为列表"),
        (r"look at indentation, colons and quotation marks there", "请检查此处的缩进、冒号和引号"),
        (r"it refers to another part \((\*\S+)\); write it out", r"不支持引用（\1），请写出全文"),
        (r": (\S+) is no number; write 5 or 0\.5", r"：\1 不是数字，请写如 5 或 0.5"),
        (r"change a figure first; the rule is as it was", "请先修改数值，规则没有变化"),
        (r"(\S+) is no date and time; write (\S+)", r"\1 不是日期和时间，请写如 \2"),
        (r"(\S+) is no (?:day|hour); write (\S+)", r"\1 有误，请写如 \2"),
        (r"name: write what people call it", "请填写名称"),
        (r"override '[^']+': it ends before it begins; give an end after its start", "替班结束早于开始，请改正结束时间"),
        (r"override '[^']+': name 1 to (\d+) members", r"请选择 1 至 \1 名替班人员"),
        (r"roster '[^']+', rotation \d+: name 1 to (\d+) participants", r"请选择 1 至 \1 名轮值人员"),
        (r"roster '[^']+', shift \d+: name 1 to (\d+) members", r"请选择 1 至 \1 名值班人员"),
        (r"roster '[^']+', shift \d+: days are 1 \(Monday\) to 7 \(Sunday\), at least one", "请至少选择星期中的一天"),
        (r"roster '[^']+': '([^']+)' is no member of party '([^']+)'; add them or correct the name", r"\1 不是单位 \2 的成员，请先添加或改正"),
        (r"nobody knows this key; correct its spelling or remove it", "没有这一项，请删除或改正拼写"),
        (r"duty ('[^']+')", r"职责 \1"),
        (r"stands twice; keep one of them or rename the other", "重复，请保留其一或改名"),
        (r"place ('[^']+') does not exist; add it, correct the path, or leave it out", r"位置 \1 不存在，请添加、改正或省略"),
        (r"nobody leads; name a lead", "没有牵头单位，请写明"),
        (r"a (\S+) never leads.*; let it support, and name another lead", r"\1 不能牵头，请改为协同并另写牵头单位"),
        (r"tto is longer than ttr; nobody can resolve before owning, so shorten tto", "接单时限长于解决时限，请缩短 tto"),
        (r"(\S+) is nobody in this estate; add the party or correct the reference", r"本小区没有 \1，请添加该单位或改正"),
        (r"is no duration: write a number and s, min, h or d, for example 3 min", "不是时长，请写数字加 s、min、h 或 d，如 3 min"),
        (r"(\S+) is no roster of this estate; make it, or name one that there is: none yet", r"本小区没有排班 \1，请先建立"),
        (r"(\S+) is no roster of this estate; make it, or name one that there is: (.*)", r"本小区没有排班 \1，请先建立，或改为已有的：\2"),
        (r"(\S+) is nobody here \(.*\), so the ladder passes it and goes on at once; name somebody else, or add them", r"\1 在此无人，升级时将跳过，请改写他人或补充人员"),
        (r"(\S+) is no member here; add them, or correct the id", r"本小区没有成员 \1，请先添加或改正"),
        (r"(\S+) is called for their own household only; name somebody who acts for a party", r"\1 是居民，只因自家的事被呼叫，请改写代表单位的成员"),
        (r"(\S+) has no members here; name it by its number", r"\1 在此没有成员，请写其电话号码"),
        (r"(\S+) never enters where it burns; let the party observe, or take it out of this row", r"\1 不得进入火场，请将该单位改为知会，或从本行删去"),
        (r"('[^']+'): a number has no roles; write the number alone", r"\1：电话号码不分角色，请只写号码"),
        (r"('[^']+'): ('[^']+') is no role; write one of (.*)", r"\1：没有角色 \2，请写其一：\3"),
        (r"names nobody: write a kind \((.*)\) or party:<id>, either with /<role> or without, roster:<id>, member:<id>, or a phone number", r"未指明任何人，请写类别（\1）或 party:<id>（均可加 /<角色>）、roster:<id>、member:<id> 或电话号码"),
        (r"names no party: write a kind \((.*)\), party:<id>, or a phone number", r"不是单位，请写类别（\1）、party:<id> 或电话号码"),
        (r"its call sheet is wanted after (\S+(?: days?, \S+)?); for (.*) it sounds after (\S+) at the latest\. Write after: (.*), or less", r"电话清单原定 \1 后响起；涉及生命安全的 \2 最迟 \3 后响起，请写 after: \4 或更短"),
        (r"its call sheet is wanted every (\S+(?: days?, \S+)?); for (.*) it is said every (\S+)\. Write every: (.*), or less", r"电话清单原定每 \1 一次；涉及生命安全的 \2 每 \3 一次，请写 every: \4 或更短"),
        (r"hazards: (\S+) is no hazard that is known; write one like lift\.entrapment, fire\.\*, or 'usual'", r"没有险情 \1，请写如 lift.entrapment、fire.* 或 'usual'（通常范围）"),
        (r"hazards: (\S+) would take (.*) along, which may cost lives; name each that is exercised", r"\1 会把可能危及生命的 \2 一并算作演练，请逐一写明要演练的险情"),
        (r"hazards: name what is exercised, or 'usual'", "请选择属于演练的报警，或写 'usual'（通常范围）"),
        (r"equipment: (\S+) raises none of (.*); name a hazard of it, or take it out", r"设备 \1 不会发出 \2，请写明它的险情，或去掉该设备"),
        (r"is no time of day: write hours and minutes, for example 08:30", "不是时刻，请写如 08:30"),
        (r"Value error, ", ""),
    )
)  # fmt: skip


def fault_words(problem: str, language: Language) -> str:
    """In Chinese, what is known to be said; the rest stays English rather than be guessed."""
    if language != "zh":
        return problem.replace("Value error, ", "")
    for pattern, words in _CHINESE:
        problem = pattern.sub(words, problem)
    return problem
