"""A reading as a line: a field per kind, escaped as the protocol says."""

from __future__ import annotations

import pytest

from cloud.adapters.timeseries.influxdb.line_protocol import lines
from cloud.errors import ReadingsRefused


@pytest.mark.parametrize(
    ("point", "value", "quality", "line"),
    [
        ("b3/lift-7/speed", 1.52, 0, "reading,estate=e,point=b3/lift-7/speed v=1.52 17"),
        ("p", -3e-7, 0, "reading,estate=e,point=p v=-3e-07 17"),
        ("p", True, 0, "reading,estate=e,point=p vb=true 17"),
        ("p", False, 1, "reading,estate=e,point=p vb=false,q=1i 17"),
        ("p", 'say "up", \\ = 上', 0, 'reading,estate=e,point=p vs="say \\"up\\", \\\\ = 上" 17'),
        ("p", "", 0, 'reading,estate=e,point=p vs="" 17'),
        ("a, b=c", 1.0, 0, r"reading,estate=e,point=a\,\ b\=c v=1.0 17"),
        ("urn:dev:ow:10e2073a01080063", 1.0, 0, "reading,estate=e,point=urn:dev:ow:10e2073a01080063 v=1.0 17"),
    ],
)
def test_a_line(point, value, quality, line):
    assert lines([("e", (point, 17, value, quality))]).decode() == line


def test_lines_are_in_order():
    body = lines([("e", ("p", 1, 1.0, 0)), ("f", ("q", 2, 2.0, 0)), ("e", ("p", 3, 3.0, 0))])
    assert [line.split()[-1] for line in body.decode().split("\n")] == ["1", "2", "3"]


@pytest.mark.parametrize("name", ["", "ends\\", "two\nlines", "tab\t"])
def test_a_name_the_protocol_cannot_carry_is_refused(name):
    with pytest.raises(ReadingsRefused, match="cannot carry the name"):
        lines([("e", (name, 1, 1.0, 0))])
