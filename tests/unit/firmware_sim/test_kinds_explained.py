"""`kinds` teaches every fault a scenario may name."""

from typer.testing import CliRunner

from firmware_sim.__main__ import app
from firmware_sim.faults import KINDS


def test_every_kind_is_listed_with_what_it_raises_and_when_it_begins():
    result = CliRunner().invoke(app, ["kinds"])
    assert result.exit_code == 0
    words = " ".join(result.output.split())
    for name, kind in KINDS.items():
        assert f"{name} on a " in words
        assert (kind.hazard or "nothing: a nuisance") in words
        explained = " ".join(kind.script.__doc__.split())
        assert explained in words
        assert explained.startswith("Onset: ") is (kind.hazard is not None)
