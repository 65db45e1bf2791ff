from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.entrypoints.web.chart import Chart, Dot, Mark, Threshold, Trace, axis_step, draw, nice_scale

MINUTE = 60_000_000
HOSTILE = "</text><script>alert(1)</script>\"'&"


def chart(*traces: Trace, marks: tuple[Mark, ...] = (), title: str = "signal") -> Chart:
    return Chart(title, "described", 0, 10 * MINUTE, traces, marks, lambda t: f"{t // MINUTE:02d}'", lambda v: f"{v:g}")


def parsed(drawn: str) -> ET.Element:
    return ET.fromstring(drawn)


def texts(drawn: str) -> list[str]:
    return [element.text or "" for element in parsed(drawn).iter("text")]


def test_a_threshold_is_drawn_and_labelled_with_its_value():
    line = Trace("smoke", "line", [Dot(0, 0.0), Dot(MINUTE, 8.0)], [Threshold(5.0, "alarm at 5")])
    drawn = draw(chart(line))
    assert "alarm at 5" in texts(drawn)
    assert any(path.get("class") == "c-threshold" for path in parsed(drawn).iter("path"))


def test_a_threshold_above_every_reading_is_still_inside_the_picture():
    drawn = draw(chart(Trace("smoke", "line", [Dot(0, 1.0)], [Threshold(100.0, "limit")])))
    (threshold,) = [p for p in parsed(drawn).iter("path") if p.get("class") == "c-threshold"]
    assert float(threshold.get("d").split(" ")[1].split("H")[0]) > 0


def test_marks_stand_at_their_time_and_do_not_cover_each_other():
    marks = (Mark(5 * MINUTE, "onset 12:00:00", "onset"), Mark(5 * MINUTE + 1, "acknowledged 12:00:01", "acknowledged"))
    drawn = draw(chart(Trace("a", "truth", [Dot(0, False)]), marks=marks))
    labels = [t for t in parsed(drawn).iter("text") if (t.text or "").startswith(("onset", "ack"))]
    assert len({label.get("y") for label in labels}) == 2


def test_a_mark_outside_the_time_shown_is_left_out():
    drawn = draw(chart(Trace("a", "truth", [Dot(0, True)]), marks=(Mark(-1, "before", "onset"),)))
    assert "before" not in texts(drawn)


def test_a_truth_value_steps_at_the_moment_it_changes():
    drawn = draw(chart(Trace("door", "truth", [Dot(0, False), Dot(5 * MINUTE, True)])), width=452)
    (line,) = [p.get("d") for p in parsed(drawn).iter("path") if p.get("class") == "c-line"]
    points = [tuple(map(float, point.split())) for point in line[1:].split("L")]
    assert [x for x, _ in points] == [44.0, 244.0, 244.0, 444.0]
    assert points[1][1] > points[2][1]


def test_many_readings_in_one_step_keep_their_extremes():
    drawn = draw(chart(Trace("t", "line", [Dot(0, 5.0, 1.0, 9.0), Dot(MINUTE, 5.0, 4.0, 6.0)])))
    assert any(path.get("class") == "c-envelope" for path in parsed(drawn).iter("path"))


def test_a_trace_without_readings_says_so():
    assert "no readings" in texts(draw(chart(Trace("t", "line", [], empty="no readings"))))


def test_everything_a_node_can_name_is_escaped():
    word = Trace(HOSTILE, "text", [Dot(0, HOSTILE)], empty=HOSTILE)
    number = Trace(HOSTILE, "line", [Dot(0, 1.0)], [Threshold(1.0, HOSTILE)])
    drawn = draw(chart(word, number, marks=(Mark(0, HOSTILE, "onset"),), title=HOSTILE))
    assert "<script" not in drawn
    assert HOSTILE in texts(drawn)


values = st.one_of(st.booleans(), st.floats(-1e12, 1e12), st.text(max_size=8))


@given(
    st.lists(st.tuples(st.integers(-MINUTE, 11 * MINUTE), st.floats(-1e9, 1e9)), max_size=30),
    st.sampled_from(["line", "stairs", "truth"]),
    st.sampled_from([360.0, 760.0]),
)
def test_any_readings_give_a_well_formed_picture_within_its_frame(course, shape, width):
    drawn = parsed(draw(chart(Trace("t", shape, [Dot(t, v) for t, v in sorted(course)])), width))
    height = float(drawn.get("viewBox").split()[3])
    for path in drawn.iter("path"):
        if path.get("class") == "c-line":
            for point in path.get("d")[1:].split("L"):
                x, y = map(float, point.split())
                assert -0.1 <= x <= width + 0.1
                assert -0.1 <= y <= height + 0.1


@given(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12))
def test_a_scale_holds_both_ends_and_has_few_ticks(a, b):
    low, high = min(a, b), max(a, b)
    bottom, top, ticks = nice_scale(low, high)
    slack = (abs(low) + abs(high)) * 1e-9
    assert bottom <= low + slack
    assert top >= high - slack
    assert 2 <= len(ticks) <= 6


@pytest.mark.parametrize(("minutes", "step"), [(12, 2), (90, 15), (60 * 24 * 3, 720)])
def test_the_axis_has_round_times(minutes, step):
    assert axis_step(minutes * MINUTE, 8) == step * MINUTE
