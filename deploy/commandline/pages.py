"""A page of the manual: what a command itself says, with the examples, exit codes and files of `pages.toml`."""

from __future__ import annotations

import inspect
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Final

import typer
from typer.core import TyperGroup

from deploy.commandline.rooms import ALSO, ROOMS
from deploy.commandline.root import app

Path = tuple[str, ...]
Pairs = Sequence[tuple[str, str]]

_COMMAND: Final = re.compile(r"`(tocsin[^`]*)`")
_BRACED: Final = re.compile(r"\{([^}|]+)\}")
"""How Typer marks what must be given; everybody else marks what may be left out."""
_SENTENCE: Final = re.compile(r"(.+?[.?!])(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Page:
    """One command. `paragraphs` hold `backticks` around what is typed."""

    path: Path
    about: str
    usage: str
    paragraphs: Sequence[str]
    arguments: Pairs = ()
    options: Pairs = ()
    commands: Sequence[tuple[str, Pairs]] = ()
    """By heading."""
    examples: Pairs = ()
    """What is typed, and what it is for."""
    exits: Pairs = ()
    environment: Pairs = ()
    files: Pairs = ()
    json: str = ""
    """What --json prints, by example."""
    see: Sequence[str] = field(default_factory=tuple)

    @property
    def name(self) -> str:
        return " ".join(("tocsin", *self.path))


@cache
def said() -> dict[str, Any]:
    """What no command can say of itself."""
    return tomllib.loads(resources.files("deploy.commandline").joinpath("pages.toml").read_text(encoding="utf-8"))


@cache
def root() -> Any:
    return typer.main.get_command(app)


def found(path: Sequence[str]) -> Any | None:
    """The command that these words name; None where there is none."""
    command = root()
    context = command.context_class(command, info_name="tocsin")
    for word in path:
        command = command.get_command(context, word) if isinstance(command, TyperGroup) else None
        if command is None:
            return None
    return command


def every_path(command: Any | None = None, path: Path = ()) -> Iterator[Path]:
    """Every group and command, in the order in which they are listed; second names are left out."""
    command = command if command is not None else root()
    yield path
    if isinstance(command, TyperGroup):
        context = command.context_class(command, info_name="tocsin")
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden and (*path, name) not in ALSO:
                yield from every_path(below, (*path, name))


@cache
def page(path: Path) -> Page | None:
    command = found(path)
    if command is None:
        return None
    context = None
    for depth in range(len(path) + 1):
        name = path[depth - 1] if depth else "tocsin"
        # The path was found above, so each part of it is.
        context = found(path[:depth]).context_class(found(path[:depth]), info_name=name, parent=context)  # type: ignore[union-attr] # a path was found whole
    paragraphs, examples = _split(command.help or "")
    more = said()["pages"].get(" ".join(path), {})
    kind = said()["kinds"].get(_kind(path, command), {})
    records = [(one, record) for one in command.get_params(context) if (record := one.get_help_record(context))]
    return Page(
        path=path,
        about=_first_sentence(paragraphs[0] if paragraphs else "", path),
        usage=_BRACED.sub(r"\1", " ".join(command.collect_usage_pieces(context))),
        paragraphs=[*paragraphs, *more.get("more", ())],
        arguments=[record for one, record in records if one.param_type_name == "argument"],
        options=[record for one, record in records if one.param_type_name != "argument"],
        commands=_commands(command, context, path),
        examples=[*examples, *map(tuple, more.get("examples", ()))],
        exits=_exits(more.get("exits", {})),
        environment=[*map(tuple, kind.get("environment", ())), *map(tuple, said()["everywhere"]["environment"])],
        files=[*map(tuple, more.get("files", ())), *map(tuple, kind.get("files", ()))],
        json=more.get("json", "").strip(),
        see=more.get("see", ()),
    )


def _kind(path: Path, command: Any) -> str:
    """Whose settings it goes by."""
    if path[:1] == ("edge",):
        return "edge"
    return "cloud" if any("--config" in one.opts for one in command.params) or path == ("cloud",) else ""


def _exits(more: dict[str, str]) -> Pairs:
    return sorted({**said()["everywhere"]["exits"], **more}.items(), key=lambda pair: int(pair[0]))


def _split(text: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Paragraphs, and the commands of those that begin with Example."""
    paragraphs, examples = [], []
    for block in inspect.cleandoc(text).split("\n\n"):
        line = " ".join(block.split())
        if line.startswith("Example"):
            examples += [(command, "") for command in _COMMAND.findall(line)]
        elif line:
            paragraphs.append(line)
    return paragraphs, examples


def _first_sentence(text: str, path: Path) -> str:
    if len(path) == 1:
        return ROOMS[path[0]].about
    match = _SENTENCE.match(text)
    return match[1] if match else text


def _commands(command: Any, context: Any, path: Path) -> Sequence[tuple[str, Pairs]]:
    if not isinstance(command, TyperGroup):
        return ()
    if not path:
        groups = dict.fromkeys(room.group for room in ROOMS.values())
        return [
            (group, [(name, room.about) for name, room in ROOMS.items() if room.group == group]) for group in groups
        ]
    below = [(name, command.get_command(context, name)) for name in command.list_commands(context)]
    pairs = [
        (name, _first_sentence(" ".join(inspect.cleandoc(one.help or "").split()), (*path, name)))
        for name, one in below
        if one is not None and not one.hidden and (*path, name) not in ALSO
    ]
    return [("", pairs)]
