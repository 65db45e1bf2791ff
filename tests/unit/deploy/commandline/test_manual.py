"""The manual holds to the commands, and the commands to the manual."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest
from typer.core import TyperGroup

from deploy.commandline.pages import every_path, found, page, root, said
from deploy.commandline.rooms import ROOMS
from deploy.commandline.sheets import as_man, as_markdown
from deploy.commandline.text import as_text, broken, columns

TOP = Path(__file__).parents[4]
PATHS = list(every_path())
COMMANDS = [path for path in PATHS if not isinstance(found(path), TyperGroup)]
NO_REPORT = {
    # They run until they are stopped, or what they print is the document itself.
    "run", "cloud run", "edge run", "edge example", "edge outbox export", "edge credential", "edge card-key rotate",
    "node config show", "duties default", "duties export", "cloud token revoke", "webhook remove", "help", "manual", "completion",
    # They print JSON lines always.
    "replay", "building estate",
}  # fmt: skip


def named(paths):
    return pytest.mark.parametrize("path", paths, ids=[" ".join(path) or "tocsin" for path in paths])


def test_every_subcommand_that_operators_expect_is_there():
    wanted = (
        "run, sim, node enroll, node list, node revoke, edge doctor, db upgrade, db backup, db restore, ledger verify, replay,"
        " backtest"
    )
    assert {tuple(one.split()) for one in wanted.split(", ")} <= set(PATHS)


def test_docs_cli_md_is_what_the_commands_say():
    assert (TOP / "docs" / "cli.md").read_text(encoding="utf-8") == as_markdown(), "give: make documents"


def test_every_command_has_a_page_and_every_page_a_command():
    assert {" ".join(path) for path in PATHS} == set(said()["pages"])


@named(PATHS)
def test_a_page_tells_all_that_a_manual_page_tells(path):
    shown = page(path)
    assert shown.paragraphs
    assert shown.about
    assert shown.examples, "an example teaches more than a description"
    assert {"0", "1", "2", "130"} <= {code for code, _ in shown.exits}
    assert shown.environment
    undescribed = [name for name, text in (*shown.options, *shown.arguments) if not text.strip(" []")]
    assert not undescribed
    if "--config" in " ".join(name for name, _ in shown.options):
        assert shown.files


@named(PATHS)
def test_every_example_is_a_command_as_it_is_typed(path, monkeypatch):
    monkeypatch.setenv("TOCSIN_API_TOKEN", "a token")
    for command, _ in page(path).examples:
        words = shlex.split(command.partition(" > ")[0], comments=True)
        assert words[0] == "tocsin"
        context = root().make_context("tocsin", words[1:])
        while isinstance(context.command, TyperGroup):
            rest = [*context._protected_args, *context.args]
            name, below, rest = context.command.resolve_command(context, rest)
            context = below.make_context(name, rest, parent=context)


@named(PATHS)
def test_what_is_to_be_seen_also_is_there(path):
    for one in page(path).see:
        words = one.split()
        if words[0] == "tocsin":
            words = words[2:] if words[1] == "help" and len(words) > 2 else words[1:]
            assert " ".join(words) in said()["topics"] or found(words) is not None, one
        else:
            assert (TOP / one).exists(), one


@named(COMMANDS)
def test_what_reports_something_does_so_in_json_too(path):
    shown = page(path)
    takes = any("--json" in name for name, _ in shown.options)
    assert takes == (" ".join(path) not in NO_REPORT)
    if takes:
        assert shown.json, "its shape is written down"


@named(PATHS)
def test_a_page_fits_a_terminal_of_80_columns_and_has_no_marks_of_writing(path):
    text = as_text(page(path), width=80)
    wide = [line for line in text.splitlines() if columns(line) > 80]
    assert not wide
    assert "`" not in text
    assert "\033" not in text


def test_the_room_says_in_the_list_what_it_is_about_in_one_line():
    assert all(len(room.about) <= 62 for room in ROOMS.values())


def test_a_command_is_broken_as_a_shell_takes_it():
    command = "tocsin edge enroll --config /etc/tocsin/node.toml --cloud https://tocsin.example --code ABCD-EFGH"
    lines = broken(command, 60)
    assert len(lines) > 1
    assert all(len(line) <= 62 for line in lines)
    assert shlex.split("\n".join(lines).replace("\\\n", "")) == shlex.split(command)


def test_topics_are_found_and_the_man_page_has_them_all():
    man = as_man("0.0")
    for name, topic in said()["topics"].items():
        assert topic["about"]
        assert f".SH {name.upper()}".replace("-", "\\-") in man


def test_the_man_page_is_one_that_man_reads(tmp_path):
    file = tmp_path / "tocsin.1"
    file.write_text(as_man("0.0"), encoding="utf-8")
    try:
        done = subprocess.run(
            ["groff", "-man", "-ww", "-Kutf8", "-Tutf8", str(file)],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
    except FileNotFoundError:
        pytest.skip("groff is not installed")
    assert done.stderr == ""
    plain = re.sub(r"\x1b\[[0-9;]*m|.\x08", "", done.stdout)
    assert "TOCSIN DB BACKUP" in plain


def test_the_package_carries_what_the_manual_is_made_of():
    about = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    assert "*.toml" in about["tool"]["setuptools"]["package-data"]["*"]
