"""The sentences of why what a node said can never be taken. As `fault_texts`, of which they are a part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LETTER_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "topic-none-of-ours": ("{what}", "主题无法识别"),
    "message-too-large": ("{size} bytes; a message has at most {most}", "共 {size} 字节，而一条消息最多 {most} 字节"),
    "more-faults": ("and {count} more", "另有 {count} 处"),
    "handling-failed-five-times": (
        "handling it failed five times: {error}",
        "处理五次均失败：{error}",
    ),
    "handling-failed": ("handling it failed: {error}", "处理失败：{error}"),
    "storing-failed-five-times": ("storing it failed five times: {error}", "存储五次均失败：{error}"),
    "record-against-senml": ("record {index}: {breach}", "记录 {index} 不符合 RFC 8428：{breach}"),
    "batch-refused": ("the whole batch is refused", "整批被拒收"),
    "point-name-too-long": ("a point's name of {length} characters", "测点名称长达 {length} 个字符"),
    "no-record-with-value": ("no record carries a value", "没有任何记录带有数值"),
    "estate-not-loaded": (
        "Estate {estate!r} is not known here: load it, or correct the node's name.",
        "此处没有小区 {estate!r}：请载入该小区，或改正节点的名称。",
    ),
    "node-not-enrolled": (
        (
            "Node {address} is not enrolled, or was revoked: it is not heard, and keeps what it has. If it is yours, enrol it: "
            "tocsin node enroll {estate} {node}. If not, find out how it came to the broker."
        ),
        (
            "节点 {address} 未登记或已撤销：不接收其消息，其数据留在节点上。如属本小区，请登记："
            "`tocsin node enroll {estate} {node}`；否则请查明它如何连上消息代理。"
        ),
    ),
}
