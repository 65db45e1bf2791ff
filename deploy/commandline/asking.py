"""`tocsin help`, `tocsin manual` and `tocsin completion`: finding one's way."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Final

import typer
from typer.core import TyperGroup

from deploy.commandline.pages import Page, found, page, said
from deploy.commandline.rooms import USAGE
from deploy.commandline.text import as_text

WIDEST: Final = 100
"""Longer lines are hard to read, however wide the window."""
NARROWEST: Final = 40


def answered(words: Sequence[str]) -> int | None:
    """Shows the page that is asked for with --help, or by naming a group without a command of it, and gives the exit code; None
    where something is to be done.
    """
    if words and words[0] == "help" and not any(word.startswith("-") for word in words):
        return _shown(tuple(words[1:]))
    asked = _asks(words)
    path = _named(words)
    command = found(path)
    incomplete = len(path) == len(words) and isinstance(command, TyperGroup)
    if not (asked or incomplete):
        return None
    shown = page(path)
    assert shown is not None
    typer.echo(_rendered(shown, to_error=not asked), err=not asked, nl=False)
    return 0 if asked else USAGE


def _asks(words: Sequence[str]) -> bool:
    before = words[: words.index("--")] if "--" in words else words
    return "--help" in before or (bool(before) and before[-1] == "-h")


def _named(words: Sequence[str]) -> tuple[str, ...]:
    """The words that name a command, as far as there is one."""
    path: tuple[str, ...] = ()
    for word in words:
        if word.startswith("-") or found((*path, word)) is None:
            break
        path = (*path, word)
    return path


def _rendered(shown: Page, *, to_error: bool = False) -> str:
    stream = sys.stderr if to_error else sys.stdout
    terminal = stream.isatty()
    width = shutil.get_terminal_size((80, 24)).columns if terminal else 80
    bold = terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    return as_text(shown, width=max(NARROWEST, min(width, WIDEST)), bold=bold)


def show_help(
    subject: Annotated[
        list[str] | None, typer.Argument(metavar="[SUBJECT]...", help="A command, such as `node enroll`, or a topic.")
    ] = None,
) -> None:
    """Show the manual page of a command or topic; without a subject, of everything.

    `tocsin COMMAND --help` shows the same. Topics: `environment`, `exit-codes`, `files`, `json`, `language`.
    """
    raise typer.Exit(_shown(tuple(subject or ())))


def _shown(words: tuple[str, ...]) -> int:
    topic = said()["topics"].get(" ".join(words)) if words else None
    if topic is not None:
        paragraphs = topic["text"].strip().split("\n\n")
        about = Page(words, topic["about"], "", paragraphs)
        text = _rendered(about).split("\n\n", 2)
        typer.echo(f"{text[0]}\n\n{text[2]}" if len(text) > 2 else text[-1], nl=False)  # noqa: PLR2004 - without a synopsis
        return 0
    shown = page(words)
    if shown is None:
        topics = ", ".join(said()["topics"])
        typer.echo(
            f"tocsin: there is no page {' '.join(words)!r}. `tocsin help` lists the commands; topics are {topics}.",
            err=True,
        )
        return USAGE
    typer.echo(_rendered(shown), nl=False)
    return 0


def manual(
    *,
    markdown: Annotated[bool, typer.Option("--markdown", help="Markdown instead of a man page.")] = False,
) -> None:
    """Print the whole manual as a man page, tocsin(1)."""
    from importlib.metadata import version

    from deploy.commandline.sheets import as_man, as_markdown

    typer.echo(as_markdown() if markdown else as_man(version("tocsin")), nl=False)


class Shell(StrEnum):
    """For which a script can be made."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")]) -> None:
    """Print the script with which a shell completes `tocsin` commands, options and values when Tab is pressed."""
    from typer.completion import get_completion_script  # type: ignore[attr-defined] # it is what --show-completion prints

    typer.echo(get_completion_script(prog_name="tocsin", complete_var="_TOCSIN_COMPLETE", shell=shell.value))
