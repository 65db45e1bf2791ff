"""The signal around an event as one SVG: traces stacked over a common time axis, with thresholds and marks drawn in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, Literal

Shape = Literal["line", "stairs", "truth", "text", "spans"]
"""line: a physical quantity; stairs: a count or a state that jumps; truth: on and off; text: words; spans: stretches of time."""

LEFT: Final = 44.0
RIGHT: Final = 8.0
MARK_ROW: Final = 16.0
TITLE: Final = 18.0
PANEL: Final = 104.0
LANE: Final = 16.0
GAP: Final = 16.0
AXIS: Final = 20.0
SHORTEST: Final = 2.0
"""Narrower than this nobody sees an alarm of a minute in a month."""
AXIS_STEPS: Final = tuple(minutes * 60_000_000 for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 360, 720, 1440, 10080))
"""Round times on the axis, counted from `Chart.zero`."""

GLYPH: Final = 6.6
"""Mean width of a character of a mark's label at the chart's type size; CJK counts double."""


@dataclass(frozen=True, slots=True)
class Dot:
    """What a trace was from `time` (microseconds) on. `low` and `high` bound it where many readings fell on one step."""

    time: int
    value: float | bool | str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Threshold:
    """`back_at`: where the value has to be before it counts as gone, when that is not the threshold itself (a deadband)."""

    value: float
    label: str
    kind: Literal["alarm", "proposed"] = "alarm"
    back_at: float | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """An alarm on its lane: its condition held from `pending`, it was raised at `start` and cleared at `end` (microseconds)."""

    pending: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment drawn through all traces, such as the onset or the acknowledgement."""

    time: int
    label: str
    kind: Literal["onset", "acknowledged", "resolved"]


@dataclass(frozen=True, slots=True)
class Trace:
    label: str
    shape: Shape
    dots: Sequence[Dot]
    thresholds: Sequence[Threshold] = ()
    spans: Sequence[Span] = ()
    empty: str = ""
    """What stands in the place of a trace without readings."""


@dataclass(frozen=True, slots=True)
class Chart:
    """All of it. Times in microseconds since 1970; `clock` writes one in the estate's time zone."""

    title: str
    description: str
    start: int
    end: int
    traces: Sequence[Trace]
    marks: Sequence[Mark]
    clock: Callable[[int], str]
    number: Callable[[float], str]
    zero: int = 0
    """A midnight, from which round times are counted: of the estate's zone where days are drawn; 0 is one of UTC."""


@dataclass(frozen=True, slots=True)
class _Frame:
    chart: Chart
    width: float

    def x(self, time: int) -> float:
        share = (time - self.chart.start) / max(self.chart.end - self.chart.start, 1)
        return LEFT + min(max(share, 0.0), 1.0) * (self.width - LEFT - RIGHT)


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _stairs(points: Sequence[tuple[float, float]], end: float) -> list[tuple[float, float]]:
    """Each value holds until the next, the last one to the end."""
    walked: list[tuple[float, float]] = []
    for x, y in points:
        if walked:
            walked.append((x, walked[-1][1]))
        walked.append((x, y))
    return [*walked, (max(end, walked[-1][0]), walked[-1][1])]


def nice_scale(low: float, high: float) -> tuple[float, float, list[float]]:
    """A range that holds both and has two to five round ticks: (bottom, top, ticks)."""
    span = (high - low) or abs(high) or 1.0
    size = 10.0**-20
    for exponent in range(-20, 21):
        for factor in (1.0, 2.0, 5.0):
            size = factor * 10.0**exponent
            if span / size <= 4:  # noqa: PLR2004 - more than five ticks crowd a panel of this height
                first = int(low // size)
                last = -int(-high // size)
                last = max(last, first + 1)
                return first * size, last * size, [n * size for n in range(first, last + 1)]
    return low, high, [low, high]


def _number_panel(frame: _Frame, trace: Trace, top: float) -> str:
    dots = [dot for dot in trace.dots if not isinstance(dot.value, str)]
    values = [float(v) for dot in dots for v in (dot.value, dot.low, dot.high) if v is not None]
    values += [level for one in trace.thresholds for level in (one.value, one.back_at) if level is not None]
    bottom_value, top_value, ticks = nice_scale(min(values), max(values))

    def y(value: float) -> float:
        return top + PANEL - (value - bottom_value) / (top_value - bottom_value) * PANEL

    right = frame.width - RIGHT
    parts = [
        f'<path class="c-grid" d="M{LEFT} {y(tick):.1f}H{right}"/>'
        f'<text class="c-tick" x="{LEFT - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{escape(frame.chart.number(tick))}</text>'
        for tick in ticks
    ]
    line = [(frame.x(dot.time), y(float(dot.value))) for dot in dots]
    end = frame.x(frame.chart.end)
    if any(dot.low is not None and dot.high is not None and dot.low < dot.high for dot in dots):
        upper = [(frame.x(d.time), y(d.high if d.high is not None else float(d.value))) for d in dots]
        lower = [(frame.x(d.time), y(d.low if d.low is not None else float(d.value))) for d in dots]
        outline = [*_stairs(upper, end), *reversed(_stairs(lower, end))]
        parts.append(f'<path class="c-envelope" d="{_path(outline)}Z"/>')
    drawn = _stairs(line, end) if trace.shape == "stairs" else [*line, (end, line[-1][1])]
    parts.append(f'<path class="c-line" d="{_path(drawn)}"/>')
    parts += [_threshold(one, y, right, n) for n, one in enumerate(trace.thresholds)]
    return "".join(parts)


def _threshold(threshold: Threshold, y: Callable[[float], float], right: float, place: int) -> str:
    """The line, what lies between it and where the value counts as gone, and its label; a second label stands to the right."""
    level, kind = y(threshold.value), "" if threshold.kind == "alarm" else " c-proposed"
    at = f'x="{LEFT + 4}"' if place == 0 else f'x="{right - 4}" text-anchor="end"'
    band = ""
    if threshold.back_at is not None:
        top, bottom = sorted((level, y(threshold.back_at)))
        band = f'<path class="c-deadband{kind}" d="M{LEFT} {top:.1f}H{right}V{bottom:.1f}H{LEFT}Z"/>'
    return (
        f'{band}<path class="c-threshold{kind}" d="M{LEFT} {level:.1f}H{right}"/>'
        f'<text class="c-label c-halo" {at} y="{level - 5:.1f}">{escape(threshold.label)}</text>'
    )


def _span_lane(frame: _Frame, trace: Trace, top: float) -> str:
    """While a condition waits for its delay a thin bar, while the alarm stands a thick one; a short one is still seen."""
    base = top + LANE
    parts = [f'<path class="c-grid" d="M{LEFT} {base}H{frame.width - RIGHT}"/>']
    for span in trace.spans:
        pending, start, end = (frame.x(time) for time in (span.pending, span.start, span.end))
        if start > pending:
            parts.append(f'<path class="c-pending" d="M{pending:.1f} {base - 4}H{start:.1f}V{base}H{pending:.1f}Z"/>')
        end = max(end, start + SHORTEST)
        parts.append(f'<path class="c-span" d="M{start:.1f} {top + 2}H{end:.1f}V{base}H{start:.1f}Z"/>')
    return "".join(parts)


def _truth_lane(frame: _Frame, trace: Trace, top: float) -> str:
    base, high = top + LANE, top + 2
    line = [(frame.x(dot.time), high if dot.value else base) for dot in trace.dots]
    walked = _stairs(line, frame.x(frame.chart.end))
    closed = [(walked[0][0], base), *walked, (walked[-1][0], base)]
    return f'<path class="c-fill" d="{_path(closed)}Z"/><path class="c-line" d="{_path(walked)}"/>'


def _text_lane(frame: _Frame, trace: Trace, top: float) -> str:
    parts: list[str] = []
    runs = [dot for n, dot in enumerate(trace.dots) if n == 0 or dot.value != trace.dots[n - 1].value]
    for n, dot in enumerate(runs):
        x, end = frame.x(dot.time), frame.x(runs[n + 1].time if n + 1 < len(runs) else frame.chart.end)
        word = str(dot.value)
        parts.append(f'<path class="c-line" d="M{x:.1f} {top + 2}V{top + LANE}H{end:.1f}"/>')
        if end - x > text_width(word) + 4:
            parts.append(f'<text class="c-tick" x="{x + 4:.1f}" y="{top + LANE - 4}">{escape(word)}</text>')
    return "".join(parts)


def text_width(text: str) -> float:
    """About how wide a label is drawn; wide characters count double."""
    return sum(GLYPH * (1.9 if ord(letter) > 0x2E7F else 1.0) for letter in text)  # noqa: PLR2004 - CJK starts there


def _height_of(trace: Trace) -> float:
    return PANEL if trace.shape in {"line", "stairs"} and trace.dots else LANE


def _trace(frame: _Frame, trace: Trace, top: float) -> str:
    head = f'<text class="c-label" x="{LEFT}" y="{top + 12:.1f}">{escape(trace.label)}</text>'
    top += TITLE
    if trace.shape == "spans" and trace.spans:
        return head + _span_lane(frame, trace, top)
    if not trace.dots:
        return f'{head}<text class="c-tick c-halo" x="{LEFT}" y="{top + 11}">{escape(trace.empty)}</text>'
    draw = {"line": _number_panel, "stairs": _number_panel, "truth": _truth_lane, "text": _text_lane}[trace.shape]
    return head + draw(frame, trace, top)


def _marks(frame: _Frame, height: float) -> tuple[str, float]:
    """The marks, labels in as many rows as keep them apart, and how high those rows are."""
    placed: list[tuple[Mark, float, int, bool]] = []
    free_from: list[float] = []
    for mark in sorted(frame.chart.marks, key=lambda mark: mark.time):
        if not frame.chart.start <= mark.time <= frame.chart.end:
            continue
        x = frame.x(mark.time)
        wide = text_width(mark.label) + 14
        flip = x + wide > frame.width
        begin = x - wide if flip else x
        row = next((n for n, free in enumerate(free_from) if begin >= free), len(free_from))
        free_from[row : row + 1] = [begin + wide + 4]
        placed.append((mark, x, row, flip))
    head = MARK_ROW * len(free_from)
    shapes = {"onset": "l5 8h-10z", "acknowledged": "l5 4l-5 4l-5 -4z", "resolved": "h4v8h-8v-8z"}
    drawn = [
        f'<g class="c-mark c-{mark.kind}"><path d="M{x:.1f} {row * MARK_ROW + 10}V{height + head - AXIS:.1f}"/>'
        f'<path class="c-shape" d="M{x:.1f} {row * MARK_ROW + 2}{shapes[mark.kind]}"/>'
        f'<text class="c-label c-halo" x="{x - 8 if flip else x + 8:.1f}" y="{row * MARK_ROW + 11}"'
        f"{' text-anchor=' + chr(34) + 'end' + chr(34) if flip else ''}>{escape(mark.label)}</text></g>"
        for mark, x, row, flip in placed
    ]
    return "".join(drawn), head


def axis_step(span: int, count: int) -> int:
    """The round step, in microseconds, that cuts a span into at most about `count` parts."""
    return next((step for step in AXIS_STEPS if span / step <= count), AXIS_STEPS[-1])


def _axis(frame: _Frame, y: float) -> str:
    chart = frame.chart
    step = axis_step(chart.end - chart.start, max(2, int((frame.width - LEFT - RIGHT) // 70)))
    parts = [f'<path class="c-grid" d="M{LEFT} {y:.1f}H{frame.width - RIGHT}"/>']
    for time in range(chart.start + (chart.zero - chart.start) % step, chart.end + 1, step):
        x = frame.x(time)
        anchor = "start" if x < LEFT + AXIS else "end" if x > frame.width - RIGHT - AXIS else "middle"
        parts.append(f'<path class="c-grid" d="M{x:.1f} {y:.1f}v4"/>')
        parts.append(
            f'<text class="c-tick" x="{x:.1f}" y="{y + 16:.1f}" text-anchor="{anchor}">{escape(chart.clock(time))}</text>'
        )
    return "".join(parts)


def draw(chart: Chart, width: float = 720.0) -> str:
    """The chart as an SVG of that many units across; every text in it is escaped."""
    frame = _Frame(chart, width)
    body = sum(TITLE + _height_of(trace) + GAP for trace in chart.traces) + AXIS
    marks, head = _marks(frame, body)
    parts: list[str] = []
    top = head
    for trace in chart.traces:
        parts.append(_trace(frame, trace, top))
        top += TITLE + _height_of(trace) + GAP
    return (
        f'<svg class="chart" viewBox="0 0 {width:.0f} {body + head:.0f}" role="img" aria-label="{escape(chart.title)}">'
        f"<desc>{escape(chart.description)}</desc>{''.join(parts)}{_axis(frame, top)}{marks}</svg>"
    )
