"""An estate's files on a page: choose them, see what they would change, take them; and the same out again."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import File, Form, Path, UploadFile
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from cloud.application.estates.import_estate import MOST_FILES, Imported
from cloud.domain.community.names import Names
from cloud.entrypoints.api.failures import refusal_of
from cloud.entrypoints.api.problems import not_found
from cloud.entrypoints.given_files import given_files
from cloud.entrypoints.web.fault_words import fault_words
from cloud.entrypoints.web.guide import Here, SettingUpHere
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.telling import problem_of
from cloud.errors import CloudError, Invalid

_SHOWN: Final = 50
"""Faults of one attempt that are listed."""

Named = Annotated[str, Path(pattern=r"^[a-z]+\.(csv|yaml)$")]


def importing(pages: Pages) -> PageRouter:
    router = PageRouter("/import")

    @router.get("")
    def show(here: Here) -> HTMLResponse:
        return _page(here, pages)

    @router.post("")
    def take(
        here: Here,
        files: Annotated[list[UploadFile], File(max_length=MOST_FILES)] = [],  # noqa: B006 - FastAPI copies it
        do: Annotated[str, Form(max_length=16)] = "try",
    ) -> HTMLResponse:
        try:
            imported = here.use.files(here.estate, given_files(files), here.chief, dry_run=do != "take")
        except CloudError as error:
            return _page(here, pages, error)
        return _page(here, pages, imported=imported)

    @router.get("/templates/{name}", response_class=Response)
    def template(here: Here, name: Named) -> Response:
        return _file(here.use.files.templates(), name)

    @router.get("/export/{name}", response_class=Response)
    def export(here: Here, name: Named) -> Response:
        return _file(here.use.files.export(here.estate, here.chief), name)

    return router


def _page(
    here: SettingUpHere, pages: Pages, problem: CloudError | None = None, imported: Imported | None = None
) -> HTMLResponse:
    problems = problem.problems if isinstance(problem, Invalid) else ()
    listed: dict[str, Any] = {
        "problems": [fault_words(one, here.page.language) for one in problems[:_SHOWN]],
        "more": max(0, len(problems) - _SHOWN),
    }
    notice = problem_of(problem) if problem is not None and not problems else None
    if problems:
        notice = Names("文件有误，未做任何改动", "Something is wrong in the files; nothing was changed")
    status = refusal_of(problem).status if problem else HTTPStatus.OK
    page = replace(here.page.at("guide"), notice=notice)
    tables = sorted(here.use.files.templates())
    listed["warnings"] = [fault_words(one, here.page.language) for one in imported.warnings] if imported else []
    return pages.respond(here.request, "import.html", page, status, imported=imported, tables=tables, **listed)


def _file(found: Any, name: str) -> Response:
    if name not in found:
        raise not_found("such file")
    kind = "text/csv" if name.endswith(".csv") else "application/yaml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(found[name], media_type=f"{kind}; charset=utf-8", headers=headers)
