"""The whole manual as one document: a man page, or Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deploy.commandline.pages import Page, Pairs, every_path, page, said
from deploy.commandline.text import broken, folded

Topics = dict[str, dict[str, str]]


def pages() -> list[Page]:
    return [one for path in every_path() if (one := page(path)) is not None]


def as_man(version: str) -> str:
    """For `man`: tocsin(1), every command in a section of its own."""
    first, *rest = pages()
    lines = [
        f'.TH TOCSIN 1 "" "Tocsin {version}" "Tocsin"',
        ".SH NAME",
        _roff(f"tocsin - {first.about}"),
        ".SH SYNOPSIS",
    ]
    lines += [f".B {_roff(first.name)}", _roff(first.usage), ".SH DESCRIPTION", *_paragraphs(first.paragraphs)]
    for heading, pairs in first.commands:
        lines += [f".SS {_roff(heading)}", *_tagged(pairs)]
    for one in rest:
        lines += [f".SH {_roff(one.name.upper())}", _roff(one.about), ".PP", f".B {_roff(one.name)}", _roff(one.usage)]
        lines += [".PP", *_paragraphs(one.paragraphs), *_sections(one)]
    for title, pairs in (("EXIT CODES", first.exits), ("ENVIRONMENT", first.environment), ("FILES", first.files)):
        lines += [f".SH {title}", *_tagged(pairs)]
    for name, topic in _topics().items():
        lines += [f".SH {_roff(name.upper())}", *_paragraphs(topic["text"].strip().split("\n\n"))]
    return "\n".join(line for line in lines if line) + "\n"


def _sections(one: Page) -> Iterator[str]:
    for title, pairs in (("Arguments", one.arguments), ("Options", one.options)):
        if pairs:
            yield f".SS {title}"
            yield from _tagged(pairs)
    if one.examples:
        yield ".SS Examples"
        for command, what in one.examples:
            yield from (".PP", _roff(what) if what else "", ".RS 4", ".nf", *map(_roff, broken(command)), ".fi", ".RE")
    if one.json:
        yield from (".SS JSON", ".nf", *map(_roff, folded(one.json)), ".fi")
    if own := own_exits(one):
        yield ".SS Exit codes"
        yield from _tagged(own)


def own_exits(one: Page) -> Pairs:
    """What its exit codes mean beyond what they mean everywhere."""
    general = said()["everywhere"]["exits"]
    return [(code, text) for code, text in one.exits if general.get(code) != text]


def _topics() -> Topics:
    topics: Topics = said()["topics"]
    return topics


def _tagged(pairs: Pairs) -> Iterator[str]:
    for name, text in pairs:
        yield from (".TP", f".B {_roff(name)}", _roff(text) or "\\&")


def _paragraphs(texts: Iterable[str]) -> Iterator[str]:
    for number, text in enumerate(texts):
        if number:
            yield ".PP"
        yield _roff(" ".join(text.split()))


def _roff(text: str) -> str:
    safe = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "").replace('"', "\\(dq")
    return f"\\&{safe}" if safe.startswith((".", "'")) else safe


def as_markdown() -> str:
    """For docs/cli.md, which a test holds to this."""
    first, *rest = pages()
    lines = [
        "# The command line",
        "",
        "<!-- Written by `tocsin manual --markdown`; `make documents` writes it anew. -->",
        "",
    ]
    lines += _markdown(first, 2)
    for one in rest:
        lines += _markdown(one, 2 if len(one.path) == 1 else 3)
    for name, topic in _topics().items():
        lines += [f"## {topic['about']}", "", f"`tocsin help {name}`", "", topic["text"].strip(), ""]
    return "\n".join(lines).rstrip() + "\n"


def _markdown(one: Page, level: int) -> Iterator[str]:
    usage = f"{one.name} {one.usage}"
    yield from (f"{'#' * level} {one.name}", "", "```", usage, "```", "")
    for text in one.paragraphs:
        yield from (text, "")
    for heading, pairs in one.commands:
        yield from _rows(heading or "command", [(f"`{name}`", text) for name, text in pairs])
    yield from _rows("argument", [(f"`{name}`", text) for name, text in one.arguments])
    yield from _rows("option", [(f"`{name}`", text) for name, text in one.options if name != "--help"])
    if one.examples:
        yield "```"
        for command, what in one.examples:
            yield from ([f"# {what}"] if what else [])
            yield from broken(command)
        yield from ("```", "")
    if one.json:
        yield from ("With `--json`:", "", "```", *folded(one.json), "```", "")
    yield from _rows("exit code", own_exits(one) if one.path else one.exits)
    if not one.path:
        yield from _rows("variable", [(f"`{name}`", text) for name, text in one.environment])
        yield from _rows("file", [(f"`{name}`", text) for name, text in one.files])


def _rows(title: str, pairs: Pairs) -> Iterator[str]:
    if pairs:
        yield from (f"| {title} | |", "|---|---|")
        for name, text in pairs:
            yield f"| {name.replace('|', chr(92) + '|')} | {text.replace('|', chr(92) + '|')} |"
        yield ""
