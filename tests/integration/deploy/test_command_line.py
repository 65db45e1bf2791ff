"""`tocsin` as it is typed: help, mistakes, pipes, Ctrl-C, and what it does not load."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from cloud.adapters.sql import SqlUnitsOfWork
from deploy.commandline.pages import page
from deploy.commandline.root import app
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state

TOCSIN = Path(sys.executable).with_name("tocsin")
LOADED = """
import sys
from deploy.cli import main
sys.argv = ["tocsin", *sys.argv[1:]]
try:
    main()
except SystemExit:
    pass
print(",".join(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""


def tocsin(*words, **options):
    return subprocess.run(
        [TOCSIN, *map(str, words)], capture_output=True, text=True, timeout=60, check=False, **options
    )


def loaded_by(*words):
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *words], capture_output=True, text=True, timeout=60, check=True
    )
    return set(done.stderr.splitlines()[-1].split(","))


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    engine = fresh_state(folder / "state.db")
    Scene(SqlUnitsOfWork(engine)).rings("access.forced-open", "b1/door")
    engine.dispose()
    return folder


WARNS = """
import logging
import sys
import structlog
from cloud.commands import speaking
said = speaking.say_json

def warns_first(document):
    structlog.get_logger("cloud.something").info("nothing of note")
    structlog.get_logger("cloud.something").warning("the disk fills", left="1 MiB")
    logging.getLogger("a.library").warning("something is deprecated")
    said(document)

speaking.say_json = warns_first
from {room} import main
sys.argv = ["tocsin", *sys.argv[1:]]
main()
"""


@pytest.mark.parametrize(("room", "before"), [("deploy.cli", ["cloud"]), ("cloud.__main__", [])])
def test_what_is_logged_goes_to_standard_error_and_json_stands_alone(data, room, before):
    words = [*before, "member", "link", "guard", "--data", str(data), "--json"]
    done = subprocess.run(
        [sys.executable, "-c", WARNS.format(room=room), *words], capture_output=True, text=True, timeout=60, check=True
    )
    assert json.loads(done.stdout)["member"] == "guard"
    assert "the disk fills" in done.stderr
    assert "something is deprecated" in done.stderr
    assert "nothing of note" not in done.stderr


def at_a_terminal(*words, columns=80, until=None, env=None, then=None, run=TOCSIN):
    """What a terminal shows. `then` is called with the process when `until` was seen."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    # Whoever runs the tests in the background has a shell that lets them ignore Ctrl-C, which they would hand on.
    process = subprocess.Popen(
        ["env", "--default-signal=INT", run, *map(str, words)], stdin=child, stdout=child, stderr=child, close_fds=True, start_new_session=True,
        env={**os.environ, "TERM": "xterm", **(env or {})},
    )  # fmt: skip
    os.close(child)
    seen, deadline = b"", time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([parent], [], [], 0.1)[0]:
            try:
                more = os.read(parent, 65536)
            except OSError:
                break
            if not more:
                break
            seen += more
            if until is not None and then is not None and until in seen:
                then(process, parent)
                then = None
        elif process.poll() is not None:
            break
    os.close(parent)
    return process.wait(timeout=20), seen.decode(errors="replace")


@pytest.mark.parametrize("words", [["--help"], ["db"], ["help", "exit-codes"], ["completion", "bash"]])
def test_finding_ones_way_loads_no_library_of_a_room(words):
    assert not loaded_by(*words) & {"rich", "sqlalchemy", "firmware_sim", "gpiozero", "fastapi", "alembic", "httpx"}


def test_a_cloud_whose_settings_are_not_there_does_not_begin(tmp_path):
    done = tocsin("cloud", "run", "--config", tmp_path / "nowhere.toml")
    assert done.returncode == 2
    assert "Name another file with --config" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nod"], "Did you mean 'node'?"),
        (["frobnicate"], "`tocsin help` lists them"),
        (["node", "enrol", "example", "b1"], "Did you mean 'enroll'?"),
        (["node", "enroll"], "Missing argument 'ESTATE'"),
        (["db", "backup"], "Missing argument 'FOLDER'"),
        (["sim", "--speed", "quick"], "Invalid value for '--speed'"),
        (["help", "nothing"], "`tocsin help` lists the commands"),
        (["completion", "tcsh"], "'bash', 'zsh', 'fish'"),
        (["ledger", "verify", "nowhere.jsonl"], "nowhere.jsonl cannot be read"),
        (["cloud", "estate", "load", "nowhere.yaml"], "nowhere.yaml"),
        (["db", "backup", "b"], "Name the cloud's data with --data"),
        (["db", "restore", "nowhere"], "Name a folder that `tocsin db backup` wrote"),
        (["edge", "check"], "node.toml"),
        (["replay", "nowhere.csv"], "nowhere.csv"),
        (["sim", "--scenario", "nowhere.toml"], "nowhere.toml"),
        (["sim", "--report", "no/such/folder/out.json"], "its folder does not exist"),
        (["broker", "setup", "/proc/nothing", "--host", "mqtt.example"], "/proc/nothing"),
        (["duties", "import", "example", "nowhere.yaml"], "nowhere.yaml"),
        (["node", "list", "example"], "Name the cloud's data with --data"),
        (["building", "score", "--truth", "no.jsonl", "--api", "http://127.0.0.1:9", "--token", "x"], "no.jsonl"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)  # fmt: skip
def test_a_mistake_is_told_with_what_to_do_and_code_2(tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, words)
    assert said in done.stderr
    assert done.exit_code == 2, done.stderr
    assert isinstance(done.exception, SystemExit), "a traceback"
    assert done.stdout == ""
    assert "\033" not in done.stderr
    assert not list(tmp_path.glob("tocsin-data/*")), "a mistake leaves nothing behind"


def test_help_is_the_same_page_whichever_way_it_is_asked():
    pages = {
        tocsin(*words).stdout
        for words in (["help", "db", "backup"], ["db", "backup", "--help"], ["db", "backup", "-h"])
    }
    assert len(pages) == 1
    assert pages.pop().startswith("NAME\n    tocsin db backup - ")
    alone = tocsin("db")
    assert alone.returncode == 2
    assert "restore" in alone.stderr
    assert alone.stdout == ""


def test_letters_are_bold_at_a_terminal_and_nowhere_else():
    _, shown = at_a_terminal("db", "--help")
    assert "\033[1mNAME" in shown
    _, shown = at_a_terminal("db", "--help", env={"NO_COLOR": "1"})
    assert "\033" not in shown
    assert "\033" not in tocsin("db", "--help").stdout


def test_a_reader_that_goes_away_is_no_defect():
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{TOCSIN} manual | head -1"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.startswith(".TH TOCSIN 1")
    assert "Traceback" not in done.stderr


def test_the_version_is_told():
    assert re.fullmatch(r"tocsin \d+\.\d+\.\d+\n", tocsin("--version").stdout)


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (["db", "upgrade"], {"revision"}),
        (["cloud", "setup"], {"code", "url"}),
        (["node", "card-key", "example"], {"estate", "current", "rotates_at", "automatic", "overdue", "nodes"}),
        (["duties", "coverage", "example"], {"since", "until", "buildings", "watched", "holes"}),
        (["cloud", "member", "link", "guard"], {"member", "url"}),
        (["node", "enroll", "example", "b1-node"], {"estate", "node", "code", "expires_at", "command"}),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)
def test_json_is_one_document_and_nothing_else(data, words, keys):
    done = CliRunner().invoke(app, [*words, "--json", "--data", str(data)])
    assert done.exit_code in (0, 1), done.stderr
    assert set(json.loads(done.stdout)) == keys
    written = page(tuple(word for word in words if word not in {"example", "guard", "b1-node"})).json
    assert all(f'"{key}"' in written for key in keys), "the manual says otherwise"


def test_lists_are_json_too_and_empty_where_there_is_nothing(data):
    for words in (["node", "list", "example"], ["cloud", "token", "list", "guard"], ["personal", "list", "example"]):
        done = CliRunner().invoke(app, [*words, "--json", "--data", str(data)])
        assert done.exit_code == 0, done.stderr
        assert isinstance(json.loads(done.stdout), list)


def test_a_backup_is_taken_and_restored_as_it_is_typed(data, tmp_path):
    done = tocsin("db", "backup", tmp_path / "b", "--json", "--data", data)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert all(f'"{key}"' in page(("db", "backup")).json for key in told)
    assert told["ledgers"][0]["estate"] == "example"
    done = tocsin("db", "restore", tmp_path / "b", "--json", "--data", tmp_path / "there")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ledgers"] == told["ledgers"]
    assert done.stderr == ""
    again = tocsin("db", "restore", tmp_path / "b", "--data", tmp_path / "there")
    assert again.returncode == 2
    assert "--replace" in again.stderr


def test_ctrl_c_ends_a_backup_in_order(data, tmp_path):
    slow = tmp_path / "slow.py"
    slow.write_text(
        f"#!{sys.executable}\n"
        "import time\n"
        "from cloud.adapters.backup import sqlite_snapshot\n"
        "copy = sqlite_snapshot.Snapshot.copy\n"
        "def slowly(self, to, told):\n"
        "    told(1, 2); print('copying', flush=True); time.sleep(30)\n"
        "sqlite_snapshot.Snapshot.copy = slowly\n"
        "from deploy.cli import main\n"
        "main()\n"
    )
    slow.chmod(0o755)

    def press(process, _terminal):
        os.killpg(process.pid, signal.SIGINT)

    code, shown = at_a_terminal(
        "db", "backup", tmp_path / "b", "--data", data, run=slow, until=b"copying\r\n", then=press, columns=200
    )
    assert code == 130, shown
    last = [line for line in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown).splitlines() if line.strip()][-1]
    assert last.startswith("Stopped. No backup was made")
    assert "copying the database" in shown, "there was a bar"
    assert not list(tmp_path.glob("b*"))


def test_bash_completes_commands_options_and_values(tmp_path):
    assert shutil.which("bash")
    script = tmp_path / "completion.bash"
    script.write_text(tocsin("completion", "bash").stdout)

    def completed(line):
        words = line.split(" ")
        asked = (
            f'source {script}; PATH={TOCSIN.parent}:$PATH; COMP_WORDS=({" ".join(words[:-1])} "{words[-1]}"); '
            f"COMP_CWORD={len(words) - 1}; "
            r'_tocsin_completion tocsin; printf "%s\n" "${COMPREPLY[@]}"'
        )
        done = subprocess.run(
            ["bash", "--norc", "-c", asked], capture_output=True, text=True, timeout=60, check=True, cwd=tmp_path
        )
        return done.stdout.split()

    assert completed("tocsin d") == ["duties", "db"]
    assert completed("tocsin db ") == ["upgrade", "backup", "restore"]
    assert completed("tocsin db restore --re") == ["--replace"]
    assert completed("tocsin completion ") == ["bash", "zsh", "fish"]
    assert "key-compromise" in completed("tocsin node revoke example b1-node --reason ") or completed(
        "tocsin node revoke example b1-node --reason "
    )


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_scripts_of_other_shells_are_ones_that_they_read(shell, tmp_path):
    script = tmp_path / shell
    script.write_text(tocsin("completion", shell).stdout)
    assert "_TOCSIN_COMPLETE" in script.read_text()
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    subprocess.run([shell, "-n", script], check=True, timeout=30)


def test_zsh_and_fish_are_answered(tmp_path):
    asked = {"_TYPER_COMPLETE_ARGS": "tocsin db ", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    for shell in ("zsh", "fish"):
        done = tocsin(env={**os.environ, **asked, "_TOCSIN_COMPLETE": f"complete_{shell}"}, cwd=tmp_path)
        assert "backup" in done.stdout, shell
        assert "Traceback" not in done.stderr


def test_in_tests_too_nothing_that_is_logged_is_printed(capsys):
    structlog.get_logger("cloud.something").warning("the disk fills")
    logging.getLogger("a.library").warning("something is deprecated")
    assert capsys.readouterr().out == ""
