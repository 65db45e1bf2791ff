"""Faults of a document as its reader understands them: where, what is wrong, and what to do; names of keys stay as they are."""

from __future__ import annotations

import re
from typing import Final

from cloud.domain.community.faults import Fault
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
        (r"(\S+) stands here and in line (\d+); take one of them out", r"\1 与第 \2 行重复，请删去其一"),
        (r"it has no keys; it begins with `equipment:` and a list below it", "没有内容，应以 `equipment:` 开头，其下为列表"),
        (r"look at indentation, colons and quotation marks there", "请检查此处的缩进、冒号和引号"),
        (r"it refers to another part \((\*\S+)\); write it out", r"不支持引用（\1），请写出全文"),
        (r": (\S+) is no number; write 5 or 0\.5", r"：\1 不是数字，请写如 5 或 0.5"),
        (r"change a figure first; the rule is as it was", "请先修改数值，规则没有变化"),
        (r"(\S+) is no date and time; write (\S+)", r"\1 不是日期和时间，请写如 \2"),
        (r"(\S+) is no (?:day|hour); write (\S+)", r"\1 有误，请写如 \2"),
        (r"name: write what people call it", "请填写名称"),
        (r"hazards: (\S+) is no hazard that is known; write one like lift\.entrapment, fire\.\*, or 'usual'", r"没有险情 \1，请写如 lift.entrapment、fire.* 或 'usual'（通常范围）"),
        (r"hazards: (\S+) would take (.*) along, which may cost lives; name each that is exercised", r"\1 会把可能危及生命的 \2 一并算作演练，请逐一写明要演练的险情"),
        (r"hazards: name what is exercised, or 'usual'", "请选择属于演练的报警，或写 'usual'（通常范围）"),
        (r"equipment: (\S+) raises none of (.*); name a hazard of it, or take it out", r"设备 \1 不会发出 \2，请写明它的险情，或去掉该设备"),
        (r"Value error, ", ""),
    )
)  # fmt: skip


def fault_words(problem: str, language: Language) -> str:
    """A fault with a code as the language says it. Of a node's document, which is checked as on the node itself, only the sentences
    are known: in Chinese what is known to be said; the rest stays English rather than be guessed.
    """
    if isinstance(problem, Fault):
        return problem.of(language)
    if language != "zh":
        return problem.replace("Value error, ", "")
    for pattern, words in _CHINESE:
        problem = pattern.sub(words, problem)
    return problem
