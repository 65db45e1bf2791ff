"""The matrix as a text that people edit: YAML, with errors that name the line."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager

from cloud.adapters.estate_file.reading import located, read_duties
from cloud.adapters.estate_file.writing import write_duties
from cloud.domain.duties.duty import Duty


class YamlSheet:
    """Implements `change_duties.DutySheet`."""

    def read(self, text: str) -> tuple[Duty, ...]:
        return read_duties(text)

    def write(self, duties: Iterable[Duty]) -> str:
        return write_duties(duties)

    def located(self, text: str) -> AbstractContextManager[None]:
        return located(text)
