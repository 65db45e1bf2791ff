"""The matrix as a text that people edit: YAML, with errors that name the line."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager

from cloud.domain.duties.duty import Duty


class YamlSheet:
    """Implements `change_duties.DutySheet`. What reads YAML is loaded when somebody first edits."""

    def read(self, text: str) -> tuple[Duty, ...]:
        from cloud.adapters.estate_file.reading import read_duties

        return read_duties(text)

    def write(self, duties: Iterable[Duty]) -> str:
        from cloud.adapters.estate_file.writing import write_duties

        return write_duties(duties)

    def located(self, text: str) -> AbstractContextManager[None]:
        from cloud.adapters.estate_file.yaml_text import located

        return located(text)
