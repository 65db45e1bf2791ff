"""Which functions of the use cases write: read from the code itself, so that a new one is missed by nobody."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from cloud import application

_ROOT = Path(application.__file__).parent


class _Class:
    """The methods of one class, what each calls on `self`, and which open a unit of work themselves."""

    def __init__(self, module: str, node: ast.ClassDef) -> None:
        self.module, self.name = module, node.name
        self.bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
        self.calls: dict[str, set[str]] = {}
        self.opens: set[str] = set()
        for method in node.body:
            if isinstance(method, ast.FunctionDef):
                named = [one for one in ast.walk(method) if isinstance(one, ast.Attribute)]
                self.calls[method.name] = {one.attr for one in named if _is_self(one.value)}
                if any(one.attr == "writing" for one in named):
                    self.opens.add(method.name)


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _classes() -> Iterator[_Class]:
    for path in sorted(_ROOT.rglob("*.py")):
        module = ".".join(("cloud.application", *path.relative_to(_ROOT).with_suffix("").parts))
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                yield _Class(module, node)


def writers() -> set[str]:
    """`module:Class.method` of everything that opens a unit of work to write, itself or through a method of its own class
    or of the one it is made from.
    """
    known = {one.name: one for one in _classes()}
    writing = {(name, method) for name, one in known.items() for method in one.opens}
    while True:
        more = {
            (name, method)
            for name, one in known.items()
            for method, called in one.calls.items()
            if method != "__init__"
            and any((owner, other) in writing for owner in (name, *one.bases) for other in called)
        }
        if more <= writing:
            return {f"{known[name].module}:{name}.{method}" for name, method in writing}
        writing |= more


def opened_outside() -> set[str]:
    """Functions that open one and are no method of a class: none of them would be found above."""
    found = set()
    for path in sorted(_ROOT.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        methods = {id(m) for c in ast.walk(tree) if isinstance(c, ast.ClassDef) for n in c.body for m in ast.walk(n)}
        found |= {
            f"{path.relative_to(_ROOT)}:{one.lineno}"
            for one in ast.walk(tree)
            if isinstance(one, ast.Attribute) and one.attr == "writing" and id(one) not in methods
        }
    return found
