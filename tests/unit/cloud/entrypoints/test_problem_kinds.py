"""RFC 9457, section 3.1.1: who looks a problem's type up finds what it means; so every kind that is answered stands there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path

from cloud import errors
from cloud.entrypoints.api.failures import ADVICE, STATUS
from cloud.entrypoints.once import _REFUSED
from cloud.entrypoints.web.problem_words import PROBLEMS

SOURCE = Path(str(files("cloud")))
OF_OTHERS = {"open311"}
"""Answered in the form of another interface, which has no kinds."""


def of_errors(kind: type[errors.CloudError] = errors.CloudError) -> Iterator[tuple[str, int]]:
    """As `refusal_of` answers them."""
    yield kind.code, next((STATUS[one].value for one in kind.__mro__ if one in STATUS), 500)
    for one in kind.__subclasses__():
        yield from of_errors(one)


def written() -> dict[str, int | None]:
    """Each kind that stands in a `Refusal(HTTPStatus.X, "kind", …)` of the program, or in a name for one, and its status."""
    found: dict[str, int | None] = {}
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            target.id: node.value.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refusal":
                status, kind = [*node.args, None, None][:2]
                said = kind.value if isinstance(kind, ast.Constant) else names.get(getattr(kind, "id", ""))
                if isinstance(said, str):
                    known = isinstance(status, ast.Attribute) and getattr(status.value, "id", "") == "HTTPStatus"
                    found[said] = HTTPStatus[status.attr].value if known else None
    return found


def test_every_kind_that_is_answered_can_be_looked_up_with_its_status():
    answered = written()
    answered |= {kind: status.value for status, kind, _ in _REFUSED.values()}
    answered |= {kind: status for kind, status in of_errors() if kind != errors.CloudError.code}
    answered[errors.CloudError.code] = 500
    answered |= {HTTPStatus(status).phrase.lower().replace(" ", "-"): status for status in ADVICE if status != 413}
    assert len(answered) > 20, "the search finds them no more"
    assert answered.keys() - OF_OTHERS - PROBLEMS.keys() == set(), (
        "tell of these in cloud.entrypoints.web.problem_words"
    )
    other = {
        kind: status
        for kind, status in answered.items()
        if kind in PROBLEMS and status not in {None, PROBLEMS[kind].status}
    }
    assert other == {}
