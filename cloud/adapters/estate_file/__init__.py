"""Estates and duty matrices as people write them, in YAML; each part is loaded when it is first named."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from cloud.adapters.estate_file.credit import credit_table_of, default_credit_table
    from cloud.adapters.estate_file.reading import default_duties, read_estate
    from cloud.adapters.estate_file.regulated import regulated_work

__all__ = ["credit_table_of", "default_credit_table", "default_duties", "read_estate", "regulated_work"]

_IN: Final = {
    "credit_table_of": "credit",
    "default_credit_table": "credit",
    "default_duties": "reading",
    "read_estate": "reading",
    "regulated_work": "regulated",
}


def __getattr__(name: str) -> Any:
    if name not in _IN:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_IN[name]}"), name)
