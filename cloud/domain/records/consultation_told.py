"""The sentences of consultation: one in each language for every kind of entry, and the words for its codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cloud.domain.community.names import Names
from cloud.domain.records.ledger import Kind

SENTENCES: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.TOPIC_OPENED: (
        "议题建立：{origin}（{count} 项依据）",
        "a topic was opened: {origin} ({count} pieces of evidence)",
    ),
    Kind.EVIDENCE_ADDED: ("议题依据增至 {count} 项", "the topic's evidence grew to {count} pieces"),
    Kind.TOPIC_MOVED: ("{who}将议题由“{from}”改为“{to}”", "{who} moved the topic from {from} to {to}"),
    Kind.CONTRIBUTED: ("{who}的成员发表意见", "a member of {who} contributed to the topic"),
    Kind.PROPOSED: (
        "提案：{matter}，由{who}实施，费用 {cost} 分（{currency}），{payer}",
        "proposed: {matter}, {who} would act, cost {cost} {currency} in minor units, {payer}",
    ),
    Kind.FUND_APPLIED: (
        "{who}紧急申请使用维修资金 {cost} 分（{currency}）；未经表决",
        "{who} applied for the maintenance fund in an emergency: {cost} {currency} in minor units; no vote was taken",
    ),
    Kind.PETITION_STARTED: ("发起倡议，需 {needed} 人签名", "a petition was started; it needs {needed} signatures"),
    Kind.PETITION_SIGNED: ("倡议签名 {count}/{needed}", "the petition was signed: {count} of {needed}"),
    Kind.ROLL_KEPT: (
        "{who}更新业主名册：{count} 位业主，专有面积 {area} 平方米",
        "{who} gave the electoral roll: {count} owners, {area} m² of exclusive area",
    ),
    Kind.TERMS_SET: ("{who}设定协商表决规则：{rule}", "{who} set the terms of consultation: {rule}"),
    Kind.BALLOT_OPENED: (
        "{who}发起表决：{matter}，{count} 位业主，规则 {rule}",
        "{who} opened a ballot: {matter}, {count} owners, rule {rule}",
    ),
    Kind.VOTE_CAST: ("业主投票（内容保密）", "an owner voted (how is not told)"),
    Kind.VOTE_ENTERED: ("录入选票：{channel}，待第二人确认", "a vote was entered: {channel}, awaiting a second person"),
    Kind.VOTE_CONFIRMED: ("第二人确认选票：{channel}", "a second person confirmed a vote: {channel}"),
    Kind.BALLOT_CLOSED: (
        "表决结束：{outcome}，{of} 位业主中 {heads} 位参与",
        "the ballot ended: {outcome}, {heads} of {of} owners took part",
    ),
    Kind.RESOLUTION_TASKED: (
        "决议已成为任务，由{who}牵头，{review_on}回看",
        "the resolution is a task now, {who} leads; it is reviewed on {review_on}",
    ),
    Kind.REVIEW_POSTPONED: ("回看推迟：任务尚未办结", "the review waits: the task is not closed yet"),
    Kind.EFFECT_MEASURED: (
        "回看：议题前 {days_before} 天报警 {before} 次，办结后 {days_after} 天报警 {after} 次",
        "reviewed: {before} alarms in {days_before} days before, {after} in {days_after} days after the task was closed",
    ),
    Kind.NOTHING_MEASURED: (
        "回看：议题不涉及具体设备或风险，无可计数",
        "reviewed: the topic is about no equipment or hazard, so nothing was counted",
    ),
}

WORDS: Final[Mapping[str, Names]] = {
    "repeated-equipment": Names("同一设备反复发生事件", "repeated incidents on one piece of equipment"),
    "repeated-hazard": Names("小区内同类风险反复发生", "the same hazard again and again across the estate"),
    "rising-rate": Names("同类风险上升", "a rising rate of one hazard"),
    "disputed-duty": Names("职责有争议", "a disputed duty"),
    "petition": Names("居民倡议", "a petition"),
    "open": Names("已建立", "open"),
    "deliberating": Names("协商中", "deliberating"),
    "voting": Names("表决中", "voting"),
    "decided": Names("已决定", "decided"),
    "acting": Names("落实中", "acting"),
    "reviewed": Names("已回看", "reviewed"),
    "closed": Names("已结束", "closed"),
    "withdrawn": Names("已撤回", "withdrawn"),
    "carried": Names("通过", "carried"),
    "rejected": Names("未通过", "rejected"),
    "no-quorum": Names("参与人数或面积不足", "no quorum"),
    "ordinary": Names("一般事项", "an ordinary matter"),
    "use-maintenance-fund": Names("使用维修资金", "using the maintenance fund"),
    "raise-maintenance-fund": Names("筹集维修资金", "raising the maintenance fund"),
    "rebuild": Names("改建、重建", "rebuilding"),
    "change-common-use": Names("改变共有部分用途", "changing the use of common parts"),
    "nobody": Names("无需付费", "nobody pays"),
    "maintenance-fund": Names("由维修资金支付", "the maintenance fund pays"),
    "common-income": Names("由公共收益支付", "the common income pays"),
    "owners": Names("由业主分摊", "the owners pay"),
    "property-manager": Names("由物业支付", "the property manager pays"),
    "contractor": Names("由维保单位支付", "the contractor pays"),
    "public": Names("由财政支付", "public money pays"),
    "own": Names("本人投票", "their own"),
    "delegated": Names("委托投票", "delegated"),
    "paper": Names("纸质选票", "on paper"),
}

FACTS: Final = (
    *("origin", "to", "matter", "payer", "cost", "currency", "needed", "area", "rule", "of", "heads", "review_on"),
    *("before", "after", "days_before", "days_after"),
)
"""What the sentences name, beside what others name too."""
