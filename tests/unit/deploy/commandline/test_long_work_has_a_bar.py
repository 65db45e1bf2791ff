"""Commands that go through much show how far they are, or it is said here why not."""

from __future__ import annotations

import inspect

from typer.core import TyperGroup

from deploy.commandline.pages import every_path, found

WITHOUT = {
    "cloud reproject": "it marks what is to be written again, in one statement; the running cloud does it, and /metrics tells how far",
    "estate load": "one file, one unit of work: it is there as a whole or not at all, a second at 2,000 nodes",
    "estate import": "the same: files are read whole before anything is written",
    "duties import": "the dry run that it shows is that of `duties dry-run`, over the incidents of its days",
    "personal list": "one statement, and its lines are the progress",
    "personal erase": "one person's pieces in one unit of work: all are erased or none",
    "node config push": "its lines, node by node, are the progress; at most 200",
    "webhook again": "each is one row; they are sent by the running cloud",
}


def commands() -> dict[str, object]:
    paths = {" ".join(path): found(path) for path in every_path()}
    return {name: one for name, one in paths.items() if not isinstance(one, TyperGroup)}


def test_each_that_is_named_here_is_a_command():
    assert WITHOUT.keys() <= commands().keys()


def test_none_has_a_bar_and_a_reason_against_it():
    for name in WITHOUT:
        source = inspect.getsource(inspect.unwrap(commands()[name].callback))
        assert "progress(" not in source, name


def test_what_is_long_has_a_bar_that_json_silences():
    """Of the cloud's own commands, in the source of each: the bar, and that who asks for JSON is shown none."""
    for name in ("db upgrade", "db backup", "db restore", "cloud import-outbox", "duties dry-run", "ledger verify"):
        source = inspect.getsource(inspect.unwrap(commands()[name].callback))
        assert "progress(of=" in source, name
        assert "quiet=as_json" in source, name
