"""What a rule asks, said to people: its conditions as a sentence, and a label for each figure that can be tuned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cloud.domain.community.names import Names
from cloud.domain.fleet.rule_figures import SECONDS, Figure
from cloud.entrypoints.web.signal import number, point_names, unit_of
from schemas.conditions import Absence, All, AnyOf, Condition, Count, Limit, Not, Rate, State

_LABELS: Final[Mapping[str, Names]] = {
    "above": Names("{point}不低于", "{point} at or above"),
    "below": Names("{point}不高于", "{point} at or below"),
    "deadband": Names("{point}回差", "Deadband of {point}"),
    "rise": Names("{point}上升达到", "Rise of {point}"),
    "fall": Names("{point}下降达到", "Fall of {point}"),
    "window_s": Names("{point}统计时段", "Window for {point}"),
    "at_least": Names("{point}次数达到", "Times of {point}"),
    "for_s": Names("{point}持续", "{point} lasting"),
    "on_delay_s": Names("报警延时", "On-delay"),
    "off_delay_s": Names("消警延时", "Off-delay"),
}
_TOGETHER: Final = Names("以上条件", "These conditions")


def label_of(figure: Figure, kind: str) -> Names:
    """What a field is called; the point by its name in both languages."""
    point = point_names(kind, figure.point) if figure.point else _TOGETHER
    words = _LABELS[figure.name]
    return Names(words.zh.format(point=point.zh), words.en.format(point=point.en))


def scale_of(figure: Figure, kind: str) -> tuple[str, float]:
    """The unit in which people type it, and by what its value is multiplied for that."""
    if figure.in_units_of_point and figure.point:
        return unit_of(kind, figure.point)
    return ("s", 1.0) if figure.name in SECONDS else ("", 1.0)


def shown(figure: Figure, kind: str) -> str:
    """Its value as it stands in a field."""
    return f"{figure.value * scale_of(figure, kind)[1]:.6g}"


def condition_words(condition: Condition, kind: str) -> Names:  # noqa: PLR0911 - one for each kind
    """A condition as people read it: `减光率 ≥ 5 %/m`."""
    match condition:
        case Limit():
            return _limit(condition, kind)
        case State():
            return _equals(condition.point, condition.equals, kind)
        case Rate():
            return _rate(condition, kind)
        case Count():
            what, seconds = _equals(condition.point, condition.equals, kind), number(condition.window_s)
            return Names(
                f"{seconds} 秒内至少 {condition.at_least} 次：{what.zh}",
                f"at least {condition.at_least} times in {seconds} s: {what.en}",
            )
        case Absence():
            point, seconds = point_names(kind, condition.point), number(condition.for_s)
            return Names(f"{seconds} 秒内没有{point.zh}读数", f"no reading of {point.en} for {seconds} s")
        case Not():
            inner = condition_words(condition.of, kind)
            return Names(f"并非（{inner.zh}）", f"not ({inner.en})")
        case All() | AnyOf():
            return _joined(condition, kind)


def _joined(condition: All | AnyOf, kind: str) -> Names:
    parts = [condition_words(inner, kind) for inner in condition.of]
    nested = [isinstance(inner, All | AnyOf) and len(inner.of) > 1 and not inner.for_s for inner in condition.of]
    zh, en = ("且", "and") if isinstance(condition, All) else ("或", "or")
    said = Names(
        f" {zh} ".join(f"（{one.zh}）" if deep else one.zh for one, deep in zip(parts, nested, strict=True)),
        f" {en} ".join(f"({one.en})" if deep else one.en for one, deep in zip(parts, nested, strict=True)),
    )
    if not condition.for_s:
        return said
    seconds = number(condition.for_s)
    if len(parts) > 1:
        said = Names(f"（{said.zh}）", f"({said.en})")
    return Names(f"{said.zh}持续 {seconds} 秒", f"{said.en} for {seconds} s")


def _limit(limit: Limit, kind: str) -> Names:
    point, (unit, factor) = point_names(kind, limit.point), unit_of(kind, limit.point)
    sign, level = ("≥", limit.above) if limit.above is not None else ("≤", limit.below)
    held = f"{sign} {number((level or 0.0) * factor)} {unit}".rstrip()
    back = f"{number(limit.deadband * factor)} {unit}".rstrip()
    zh, en = (f"（回差 {back}）", f" (deadband {back})") if limit.deadband else ("", "")
    return Names(f"{point.zh} {held}{zh}", f"{point.en} {held}{en}")


def _rate(rate: Rate, kind: str) -> Names:
    point, (unit, factor) = point_names(kind, rate.point), unit_of(kind, rate.point)
    by, seconds = f"{number((rate.rise or rate.fall or 0.0) * factor)} {unit}".rstrip(), number(rate.window_s)
    zh, en = ("上升", "rose") if rate.rise is not None else ("下降", "fell")
    return Names(f"{point.zh} {seconds} 秒内{zh} {by}", f"{point.en} {en} by {by} within {seconds} s")


def _equals(point: str, value: bool | float | str, kind: str) -> Names:
    names = point_names(kind, point)
    if isinstance(value, bool):
        return Names(f"{names.zh}为{'是' if value else '否'}", f"{names.en}: {'yes' if value else 'no'}")
    said = number(value) if isinstance(value, float) else value
    return Names(f"{names.zh} = {said}", f"{names.en} = {said}")
