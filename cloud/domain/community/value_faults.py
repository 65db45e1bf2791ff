"""What is wrong with a value by pydantic's own codes and those of `schemas/`, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic_core import ErrorDetails

from cloud.domain.community.document_texts import DOCUMENT_TEXTS, WHOSE
from cloud.domain.community.faults import Fault, fault

_CHINESE: Final[Mapping[str, str]] = {
    "missing": "缺少这一项，请补上",
    "json_invalid": "不是有效的 JSON",
    "string_type": "应为文字",
    "string_unicode": "含有无法显示的字符，请删去",
    "string_too_short": "至少 {min_length} 个字符",
    "string_too_long": "最多 {max_length} 个字符",
    "string_pattern_mismatch": "格式不符，应匹配 {pattern}",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_parsing_size": "数字过大，请改正",
    "int_from_float": "应为整数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "finite_number": "应为有限的数字",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "enum": "应为 {expected}",
    "literal_error": "应为 {expected}",
    "list_type": "应为列表",
    "dict_type": "应为若干“键: 值”",
    "model_type": "应为若干“键: 值”",
    "model_attributes_type": "应为若干“键: 值”",
    "union_tag_invalid": "{tag} 不是可用的类型，{discriminator} 应为 {expected_tags}",
    "union_tag_not_found": "请用 {discriminator} 写明类型",
    "date_type": "应为日期，如 2026-11-26",
    "date_parsing": "应为日期，如 2026-11-26",
    "date_from_datetime_parsing": "应为日期，如 2026-11-26",
    "date_from_datetime_inexact": "应为日期，如 2026-11-26",
    "time_type": "应为时刻，如 08:30",
    "time_parsing": "应为时刻，如 08:30",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "不得小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "不得大于 {le}",
    "too_short": "至少 {min_length} 项",
    "too_long": "最多 {max_length} 项",
}
UNKNOWN: Final = "内容不符合要求，请对照空白表格改正"


def value_fault(found: ErrorDetails) -> Fault:
    """One of `ValidationError.errors()`. What a validator of ours raised is the fault that it raised."""
    context = dict(found.get("ctx", {}))
    raised = context.get("error")
    if isinstance(raised, ValueError) and raised.args and isinstance(raised.args[0], Fault):
        return raised.args[0]
    if found["type"] == "extra_forbidden":
        return fault("unknown-key")
    code, said = found["type"], found["msg"].removeprefix("Value error, ")
    if code in DOCUMENT_TEXTS:
        return Fault(
            said, DOCUMENT_TEXTS[code].format(**{key: _chinese(one) for key, one in context.items()}), code, context
        )
    for key in ("expected", "expected_tags"):
        if key in context:
            context[key] = str(context[key]).replace(" or ", " 或 ").replace(", ", "、")
    return Fault(said, _CHINESE.get(code, UNKNOWN).format(**context), code, context)


def _chinese(value: Any) -> Any:
    """A value as it stands in a Chinese sentence: whose it is, and that there is none, is said in words."""
    if value == "none":
        return "无"
    whose, _, name = str(value).partition(" ")
    return f"{WHOSE[whose]} {name}" if name and whose in WHOSE else value
