"""Tables of an estate as files: which there are, in which forms, and who writes one."""

from __future__ import annotations

from typing import Literal, Protocol

from cloud.domain.duties.description import EstateDescription

Table = Literal["places", "parties", "members", "nodes", "equipment", "duties"]
Form = Literal["csv", "json", "yaml"]


class TableWriter(Protocol):
    def write_one(self, description: EstateDescription, table: str, form: Form) -> bytes:
        """A file that an import takes as a table."""
        ...
