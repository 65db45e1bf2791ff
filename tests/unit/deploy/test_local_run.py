from __future__ import annotations

import pytest

from deploy.errors import DataInUse, PortInUse
from deploy.local import WHAT_TO_LOOK_FOR, held


def test_a_second_run_on_the_same_data_is_refused_before_it_touches_anything(tmp_path):
    with (
        held(tmp_path),
        pytest.raises(DataInUse, match="give this one a folder of its own with --data"),
        held(tmp_path),
    ):
        pytest.fail("two runs hold one folder")
    with held(tmp_path):
        pass


@pytest.mark.parametrize(("port", "other"), [(8480, 9480), (65_000, 64_000)])
def test_a_port_that_is_taken_names_one_to_try_as_it_is_typed(port, other):
    said = str(PortInUse("The board", port, "--port"))
    assert f"make run ARGS='--port {other}'" in said


def test_what_is_printed_fits_a_narrow_terminal():
    wide = [line for line in WHAT_TO_LOOK_FOR.splitlines() if sum(2 if ord(c) > 0x2E7F else 1 for c in line) > 80]
    assert not wide
