"""Every list as a file, under one name each: one table, one way. Readings (`reading_export`), the registers that an import takes again
(`estate_exports`) and the ledger (`ledger_export`) are no lists and go out by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from fastapi import Depends
from fastapi.responses import StreamingResponse

from cloud.entrypoints.api.exported import Asked, Export
from cloud.entrypoints.api.exported_matters import MATTERS
from cloud.entrypoints.api.exported_messages import MESSAGES
from cloud.entrypoints.api.exported_neighbours import NEIGHBOURS
from cloud.entrypoints.api.exported_work import WORK
from cloud.entrypoints.api.files import FILE, Form, as_file
from cloud.entrypoints.api.interface import Interface

router = Interface("/exports", tags=["exports"])

EXPORTS: Final[Mapping[str, Export]] = {**MATTERS, **WORK, **MESSAGES, **NEIGHBOURS}


def _written(name: str, export: Export) -> Callable[..., StreamingResponse]:
    # The door differs from row to row, so it stands where the value is and not in the annotation.
    def write(asked: Asked = Depends(export.door), form: Form = "csv") -> StreamingResponse:  # noqa: B008 - the row's own door, which no annotation can name
        return as_file(f"{name}-{asked.estate}", form, export.columns, export.rows(asked))

    write.__name__ = f"export_{name.replace('-', '_')}"
    return write


for _name, _export in EXPORTS.items():
    router.get(f"/{_name}", summary=_export.summary, response_class=StreamingResponse, responses=FILE)(
        _written(_name, _export)
    )
