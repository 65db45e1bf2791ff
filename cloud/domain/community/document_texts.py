"""What `schemas/` refuses of a document, in Chinese, by the codes of its `misfit`s; their English stands there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

DOCUMENT_TEXTS: Final[Mapping[str, str]] = {
    "gate-must-be-free": '输出 {output} 用于释放门禁，程序不运行时门也应能打开：请按此接线，并填写 fail_safe = "on"',
    "trigger-of-one-cause": '触发条件请只写测点或险情之一，如 point = "fire-input"',
    "trigger-of-equipment": '测点或险情须写明所属设备，如 equipment = "b1/gate-1"',
    "output-not-here": "联动 {reflex} 驱动的输出 '{output}' 不在此节点；此节点有：{there}",
    "equipment-not-here": "{where} 引用的设备 '{equipment}' 不在此节点；此节点有：{there}",
    "point-unknown": "{where} 引用的测点 '{point}' 不存在；{kind} 的测点有：{known}",
    "hazard-never-raised": "{where} 等待 {equipment} 的险情 '{hazard}'，而其规则只会发出：{theirs}",
    "channel-twice": "ADC {device} 的通道 {channel} 被 {first} 和 {here} 重复占用，请改正其一",
    "line-twice": "GPIO {pin} 被 {first} 和 {here} 重复占用，请改正其一",
    "line-of-spi": "GPIO {pin}（{here}）属于 SPI0，模拟量输入需要它，请另选一个",
    "id-twice": "{what}：编号 '{id}' 重复，每个编号只能用一次",
    "no-span": "at_zero 和 at_full 相同，任何电压都表示同一数值，请填写不同的值",
    "detector-without-input": "烟感至少需要一个输入，如 {example}",
    "lift-without-source": "电梯需要 controller 或 sensors，如 {example}",
    "limit-of-one-side": "限值请只写 above 或 below 之一，如 above = 5.0",
    "rate-of-one-direction": "变化率请只写 rise 或 fall 之一，如 rise = 10.0 且 window_s = 60",
}
WHOSE: Final[Mapping[str, str]] = {"rule": "规则", "reflex": "联动"}
"""What begins a `where`."""
