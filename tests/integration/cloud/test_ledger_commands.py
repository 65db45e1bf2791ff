"""`tocsin ledger` and `tocsin personal` as people and inspectors meet them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from cloud.__main__ import app
from cloud.adapters.sql import SqlUnitsOfWork
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state

BARE = """
import sys
class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"sqlalchemy", "alembic", "fastapi", "pydantic_settings", "paho", "jinja2"}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Nothing())
from deploy.cli import main
main()
"""


@pytest.fixture
def tocsin(tmp_path):
    """The command, on a database in which something has happened."""
    data = tmp_path / "data"
    data.mkdir()
    engine = fresh_state(data / "state.db")
    scene = Scene(SqlUnitsOfWork(engine))
    scene.rings("access.forced-open", "b1/door")
    scene.act.note(scene.only_task().id, "guard", "the tenant of 903 let somebody in")
    engine.dispose()

    def command(*words):
        at = [] if words[:2] == ("ledger", "verify") else ["--data", str(data)]
        return CliRunner().invoke(app, [*words, *at])

    return command


@pytest.fixture
def exported(tocsin, tmp_path):
    file = tmp_path / "ledger.jsonl"
    done = tocsin("ledger", "export", "example", "--to", str(file))
    assert done.exit_code == 0, done.output
    return file


def test_an_export_is_checked_without_a_database_and_without_the_clouds_libraries(exported):
    done = subprocess.run(
        [sys.executable, "-c", BARE, "ledger", "verify", str(exported), "--json"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["fits"]
    assert said["checked"] == len(exported.read_text(encoding="utf-8").splitlines()) - 1


def test_what_fits_is_said_with_its_head_and_what_was_not_compared(tocsin, exported):
    done = tocsin("ledger", "verify", str(exported))
    assert done.exit_code == 0
    assert "FITS" in done.output
    assert "核验通过" in done.output
    assert "--head" in done.output
    head = json.loads(exported.read_text(encoding="utf-8").splitlines()[0])
    agreed = tocsin("ledger", "verify", str(exported), "--head", f"{head['last']}:{head['head']}")
    assert (agreed.exit_code, "agrees with the published head" in agreed.output) == (0, True)


def test_what_does_not_fit_is_named_with_what_to_do(tocsin, exported):
    lines = exported.read_text(encoding="utf-8").splitlines(keepends=True)
    exported.write_text("".join([*lines[:2], lines[2].replace("b1", "b2"), *lines[3:]]), encoding="utf-8")
    done = tocsin("ledger", "verify", str(exported))
    assert done.exit_code == 1
    assert "line 3, entry 2 (tampered)" in done.output
    assert "What to do:" in done.output
    said = json.loads(tocsin("ledger", "verify", str(exported), "--json").output)
    assert (said["fits"], said["finding"]["seq"], said["finding"]["fault"]) == (False, 2, "tampered")


def test_a_file_cut_off_with_its_header_mended_is_found_by_the_published_head(tocsin, exported, tmp_path):
    head = json.loads(exported.read_text(encoding="utf-8").splitlines()[0])
    shorter = tmp_path / "shorter.jsonl"
    assert tocsin("ledger", "export", "example", "--to", str(shorter), "--until", "3").exit_code == 0
    assert tocsin("ledger", "verify", str(shorter)).exit_code == 0
    done = tocsin("ledger", "verify", str(shorter), "--head", f"{head['last']}:{head['head']}")
    assert (done.exit_code, "entry 4 (truncated)" in done.output) == (1, True)


def test_bytes_that_are_no_text_are_named_by_the_entry_they_stand_in(tocsin, exported):
    raw = exported.read_bytes().split(b"\n")
    raw[2] = raw[2][:40] + b"\xff\xfe" + raw[2][42:]
    exported.write_bytes(b"\n".join(raw))
    done = tocsin("ledger", "verify", str(exported))
    assert (done.exit_code, "entry 2 (tampered)" in done.output) == (1, True)


def test_what_cannot_be_checked_ends_with_two(tocsin, exported, tmp_path):
    assert tocsin("ledger", "verify", str(tmp_path / "none")).exit_code == 2
    assert tocsin("ledger", "verify", str(exported), "--head", "12").exit_code == 2
    assert tocsin("ledger", "export", "nowhere", "--to", str(tmp_path / "x")).exit_code == 2
    assert tocsin("ledger", "export", "example", "--to", str(tmp_path / "no" / "folder")).exit_code == 2


def test_an_export_goes_to_standard_output_too(tocsin, exported, tmp_path):
    done = tocsin("ledger", "export", "example", "--to", "-")
    assert done.exit_code == 0
    ours = [line for line in exported.read_text(encoding="utf-8").splitlines() if '"seq"' in line]
    assert [line for line in done.stdout.splitlines() if '"seq"' in line] == ours


def test_a_persons_data_is_listed_and_erased_and_the_ledger_still_fits(tocsin, tmp_path):
    listed = json.loads(tocsin("personal", "list", "example", "--json").output)
    assert [(one["subject"], one["class"]) for one in listed] == [("member:guard", "note")]
    done = tocsin("personal", "erase", "example", "member:guard", "--yes", "--json")
    assert json.loads(done.stdout)["erased"] == 1
    assert "Nothing personal" in tocsin("personal", "list", "example").output
    assert "erased" in tocsin("personal", "list", "example", "--subject", "member:guard").output
    file = tmp_path / "after.jsonl"
    tocsin("ledger", "export", "example", "--to", str(file))
    assert tocsin("ledger", "verify", str(file)).exit_code == 0
    assert '"personal.erased"' in file.read_text(encoding="utf-8")
    refused = tocsin("personal", "erase", "example", "member:nobody", "--yes")
    assert (refused.exit_code, "personal list" in refused.output) == (2, True)
    assert tocsin("personal", "erase", "example", "member:guard").exit_code == 1, "nobody said yes"


@pytest.mark.parametrize(
    "words", [("ledger", "--help"), ("ledger", "verify", "--help"), ("personal", "erase", "--help")]
)
def test_help_teaches(words):
    said = CliRunner().invoke(app, [*words], env={"COLUMNS": "200", "TERM": "dumb"}).output
    assert "Example" in said or "Atom" in said
