"""A recording goes through the ADC cell by cell: what is no number is refused, counted and shown; nothing is invented."""

import os
from pathlib import Path

import pytest

from firmware_sim.board import VirtualBoard
from firmware_sim.errors import RecordingError
from firmware_sim.replay import Column, Replay, why_refused

DATA = Path(os.environ.get("TOCSIN_TEST_DATA") or Path(__file__).resolve().parents[4] / "shared" / "data")
NEEDS_RECORDINGS = pytest.mark.skipif(
    not (DATA / "recordings").is_dir(),
    reason=f"no recordings below {DATA}; set TOCSIN_TEST_DATA to the folder that holds recordings/",
)


def fed(path, *columns):
    board = VirtualBoard()
    replay = Replay(path, [Column.parse(column) for column in columns], board)
    while replay.advance():
        pass
    return replay, board


@NEEDS_RECORDINGS
def test_the_lift_doors_real_dirt_is_counted_to_the_cell():
    replay, _ = fed(
        DATA / "recordings" / "lift-door.csv", "vibration=0,0,100", "humidity=1,0,100", "ball-bearing=2,0,200"
    )
    report = replay.report
    assert report.rows == replay.total_rows == 60_000
    assert dict(report.refused["vibration"]) == {"a date, as a spreadsheet makes of numbers": 2_767}
    assert report.refused_cells == 2_767
    assert dict(report.fed) == {"vibration": 57_233, "humidity": 60_000, "ball-bearing": 60_000}
    assert (report.examples[0].line, report.examples[0].cell) == (12, "18. Jan")


@NEEDS_RECORDINGS
def test_the_smoke_recording_is_clean():
    replay, _ = fed(DATA / "recordings" / "smoke.csv", "Temperature[C]=0,-40,145", "eCO2[ppm]=1,0,60000")
    assert replay.report.rows == 24_994
    assert replay.report.refused == {}
    assert not any(replay.report.clipped.values())


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("18", None),
        (" -3.5e2 ", None),
        (".5", None),
        ("", "empty"),
        ("18. Jan", "a date, as a spreadsheet makes of numbers"),
        ("Aug 48", "a date, as a spreadsheet makes of numbers"),
        ("08. Mrz", "a date, as a spreadsheet makes of numbers"),
        ("2024-01-18", "a date, as a spreadsheet makes of numbers"),
        ("18.01.2024", "a date, as a spreadsheet makes of numbers"),
        ("nan", "not finite"),
        ("-Infinity", "not finite"),
        ("1e999", "not finite"),
        ("1_000", "not a number"),
        ("3,5", "not a number"),
        ("0x10", "not a number"),
        ("#VALUE!", "not a number"),
        ("٣", "not a number"),
    ],
)
def test_only_a_finite_number_is_a_reading(cell, reason):
    assert why_refused(cell) == reason


def test_where_a_cell_is_refused_the_converter_keeps_the_last_real_value(tmp_path):
    path = tmp_path / "door.csv"
    path.write_text('a;b\n50;1\n18. Jan;2\n;3\n"76";400\n20\n\n', "utf-8")
    board = VirtualBoard()
    replay = Replay(path, [Column.parse("a=0,0,100"), Column.parse("b=1,0,10")], board)
    shown = []
    while replay.advance():
        shown.append((board.adcs[0].code(0), board.adcs[0].code(1)))
    assert [code for code, _ in shown] == [512, 512, 512, 778, 204]
    assert [code for _, code in shown] == [102, 204, 307, 1023, 1023]
    assert dict(replay.report.clipped) == {"a": 0, "b": 1}
    assert replay.report.as_dict()["refused"] == {
        "a": {"a date, as a spreadsheet makes of numbers": 1, "empty": 1},
        "b": {"empty": 1},
    }


def test_a_file_of_rubbish_is_read_to_its_end(tmp_path):
    path = tmp_path / "rubbish.csv"
    path.write_bytes(b"a,b\n1,2\n\x00\xff\xfe,\x00\n" + b"x" * 200_000 + b",1\n3,4\n")
    replay, board = fed(path, "a=0,0,10")
    assert replay.report.fed["a"] == 2
    assert replay.report.refused_cells >= 2
    assert board.adcs[0].voltage(0) == pytest.approx(0.99)


@pytest.mark.parametrize("text", ["vibration", "v=0,1", "v=8,0,1", "v=0,1,1", "=0,0,1", "v=x,0,1", "v=0.5,0,1"])
def test_a_column_that_cannot_be_is_explained_with_an_example(text):
    with pytest.raises(RecordingError, match="for example vibration=0,0,100"):
        Column.parse(text)


def test_a_missing_column_or_file_is_said_so(tmp_path):
    path = tmp_path / "door.csv"
    with pytest.raises(RecordingError, match="cannot be read"):
        fed(path, "a=0,0,1")
    path.write_text("")
    with pytest.raises(RecordingError, match="is empty"):
        fed(path, "a=0,0,1")
    path.write_text("x,y\n1,2\n")
    with pytest.raises(RecordingError, match="no column 'a'; the file has 'x', 'y'"):
        fed(path, "a=0,0,1")
