"""How far long work has come is shown at a terminal, and to nobody else."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest
import typer

from cloud.adapters.sql import open_engine, upgrade
from cloud.commands.progress import progress, read_lines, stoppable


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown(monkeypatch, stream, **options):
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    with progress(**{"of": "bytes", **options}) as told:
        told("copying the readings", 0, 2**30)
        told("copying the readings", 2**29, 2**30)
        told("checking", 0, None)
    return stream.getvalue()


def test_at_a_terminal_there_is_a_bar_with_what_is_done_and_of_how_much(monkeypatch):
    text = shown(monkeypatch, Terminal())
    assert "copying the readings" in text or "checking" in text


def test_in_a_pipe_and_for_who_asked_for_json_there_is_nothing(monkeypatch):
    assert shown(monkeypatch, io.StringIO()) == ""
    assert shown(monkeypatch, Terminal(), quiet=True) == ""


def test_lines_are_read_as_they_are_and_their_bytes_are_counted():
    lines, told = [f"第 {n} 行\n" for n in range(200)], []
    assert list(read_lines(lines, lambda *what: told.append(what), "storing", 2_000)) == lines
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert told[-1] == ("storing", sum(len(line.encode()) for line in lines), 2_000)


def test_each_migration_is_counted_until_none_is_missing(tmp_path):
    engine, told = open_engine(f"sqlite:///{tmp_path / 'state.db'}"), []
    upgrade(engine, "0003", lambda done, total: told.append((done, total)))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]
    upgrade(engine, "0005", lambda done, total: told.append((done, total)))
    assert told[4:] == [(0, 2), (1, 2), (2, 2)]
    engine.dispose()


def test_rich_is_loaded_only_where_a_bar_is_shown():
    script = (
        "import sys\nfrom cloud.commands.progress import progress\n"
        "with progress(of='bytes') as told: told('x', 1, 2)\n"
        "sys.exit('rich' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False, stderr=subprocess.PIPE).returncode == 0


def test_ctrl_c_is_answered_with_what_there_is_now(capsys):
    with pytest.raises(typer.Exit) as ended, stoppable("There is no backup."):
        raise KeyboardInterrupt
    assert ended.value.exit_code == 130
    assert capsys.readouterr().err == "Stopped. There is no backup.\n"
