from __future__ import annotations

from firmware_sim.recording import describe


def test_each_column_is_told_with_its_range_and_what_is_no_reading_in_it(tmp_path):
    path = tmp_path / "door.csv"
    path.write_text("time;vibration\n0;18\n1;18. Jan\n2;20.5\n3;\n", "utf-8")
    told = describe(path)
    assert "door.csv: 4 rows" in told
    assert "time: 0 to 3" in told
    assert "vibration: 18 to 20.5" in told
    assert "1 cells refused: a date, as a spreadsheet makes of numbers" in told
    assert "1 cells refused: empty" in told
    assert "--column 'vibration=1,18,20.5'" in told


def test_a_recording_without_a_number_offers_no_channel(tmp_path):
    path = tmp_path / "words.csv"
    path.write_text("said\nhello\n", "utf-8")
    assert "said: no number" in describe(path)
    assert "For example" not in describe(path)
