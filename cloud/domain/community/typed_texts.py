"""The sentences of faults in what people type into pages: a node's document, a rule's figures, plans. As `fault_texts`, of which
they are a part.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TYPED_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    # a node's document
    "equipment-unknown": (
        "equipment {equipment} stands in no register of this estate: add it to the estate first",
        "小区登记中没有设备 {equipment}，请先登记",
    ),
    "wired-elsewhere": (
        "equipment {equipment} is wired to node {there}, not to {here}",
        "设备 {equipment} 接在节点 {there} 上，不属于 {here}",
    ),
    "another-kind": (
        "equipment {equipment} is a {known} in the register, not a {kind}",
        "设备 {equipment} 登记为 {known}，不是 {kind}",
    ),
    "document-reason": ("reason: at most {most} characters", "reason：最多 {most} 个字符"),
    "document-too-large": (
        "it has {size} bytes, and a message {most}: give the node less equipment",
        "配置有 {size} 字节，而一条消息最多 {most} 字节，请减少此节点的设备",
    ),
    "document-key-twice": (
        "{key} stands here and in line {first}; take one of them out",
        "{key} 与第 {first} 行重复，请删去其一",
    ),
    "document-refers": ("it refers to another part (*{anchor}); write it out", "不支持引用（*{anchor}），请写出全文"),
    "document-empty": (
        "it has no keys; it begins with `equipment:` and a list below it",
        "没有内容，应以 `equipment:` 开头，其下为列表",
    ),
    # a rule's figures
    "figure-no-number": (
        "{field}: {text!r} is no number; write 5 or 0.5",
        "{field}：{text!r} 不是数字，请写如 5 或 0.5",
    ),
    "figure-infinite": ("{way}: give a number", "{way}：请填写数字"),
    "figure-whole": ("{way}: give a whole number; it counts", "{way}：表示次数，请填写整数"),
    "figure-unknown": (
        "rule {rule} has no figure {way!r}; it has {known}",
        "规则 {rule} 没有参数 {way!r}，可调的有：{known}",
    ),
    "nothing-changed": ("change a figure first; the rule is as it was", "请先修改数值，规则没有变化"),
    # what is typed into forms
    "no-moment": (
        "{field}: {text!r} is no date and time; write 2026-11-26T09:30",
        "{field}：{text!r} 不是日期和时间，请写如 2026-11-26T09:30",
    ),
    "no-day": ("{field}: {text!r} is no day; write 2026-11-26", "{field}：{text!r} 不是日期，请写如 2026-11-26"),
    "no-hour": ("{field}: {text!r} is no hour; write 08:00", "{field}：{text!r} 不是时刻，请写如 08:00"),
    "no-name": ("name: write what people call it", "请填写名称"),
    # exercises
    "exercise-of-nothing": (
        "hazards: name what is exercised, or {usual!r}",
        "请选择属于演练的报警，或写 {usual!r}（通常范围）",
    ),
    "exercise-hazard-unknown": (
        "hazards: {pattern!r} is no hazard that is known; write one like lift.entrapment, fire.*, or {usual!r}",
        "没有险情 {pattern!r}，请写如 lift.entrapment、fire.* 或 {usual!r}（通常范围）",
    ),
    "exercise-takes-lives-along": (
        "hazards: {pattern!r} would take {grave} along, which may cost lives; name each that is exercised",
        "{pattern!r} 会把可能危及生命的 {grave} 一并算作演练，请逐一写明要演练的险情",
    ),
    "exercise-never-raised": (
        "equipment: {equipment} raises none of {named}; name a hazard of it, or take it out",
        "设备 {equipment} 不会发出 {named}，请写明它的险情，或去掉该设备",
    ),
    "exercise-points": (
        "equipment: name 1 to {most} points; an exercise without points would hide nothing",
        "请选择 1 至 {most} 个设备，没有设备的演练毫无作用",
    ),
    "exercise-length": (
        "until: it ends after it begins and within {hours:g} hours",
        "结束应晚于开始，且不超过 {hours:g} 小时",
    ),
    "exercise-rest": (
        "until: {point} would be exercised for more than {hours:g} of 24 hours; wait",
        "24 小时内 {point} 的演练将超过 {hours:g} 小时，请稍后再安排",
    ),
}
