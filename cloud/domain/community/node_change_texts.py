"""The sentences of faults in one change to several nodes. A part of `fault_texts`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

NODE_CHANGE_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    # a change to several nodes
    "change-unknown-key": (
        "{key!r}: a change has the keys document and rules; write it under one of them",
        "{key!r}：更改只有 document 和 rules 两项，请写在其中之一",
    ),
    "change-no-document": (
        "document: write keys and values that are merged into each node's document",
        "document：请填写要合并到各节点配置的键和值",
    ),
    "change-of-its-own": (
        "document: {key} is each node's own and cannot be the same for several; change it at the node",
        "document：{key} 因节点而异，不能批量修改，请在该节点修改",
    ),
    "change-rule-shape": (
        "rules, entry {number}: write the hazard or the rule's name and what to set, for example {{rule: held-open, set: {{on_delay_s: 90}}}}",
        "rules 第 {number} 项：请填写 hazard 或 rule，以及 set，如 {{rule: held-open, set: {{on_delay_s: 90}}}}",
    ),
    "change-rule-hazard": (
        "rules, entry {number}: there is no hazard {hazard!r}; correct its name",
        "rules 第 {number} 项：没有险情 {hazard!r}，请改正名称",
    ),
    "change-rule-fixed": (
        "rules, entry {number}: {key} says which rule it is and cannot be set",
        "rules 第 {number} 项：{key} 用于识别规则，不能修改",
    ),
    "change-empty": ("it changes nothing; write document or rules", "没有任何更改，请填写 document 或 rules"),
    "node-chosen-none": ("no node is chosen; choose at least one", "未选择节点，请至少选择一个"),
    "node-chosen-many": (
        "{count} nodes are chosen; at most {most} are changed at once, choose fewer",
        "已选 {count} 个节点，一次最多更改 {most} 个，请减少",
    ),
    "node-moved-on": (
        "it is at version {now}, not at {seen} as when it was checked; check again",
        "现为版本 {now}，检查时为 {seen}，请重新检查",
    ),
}
