"""A person's report is taken although others write at that very moment: it is taken down on what they left."""

from __future__ import annotations

import pytest

from cloud.application.once_more import MOST_TRIES
from cloud.domain.incidents.report import Concern
from cloud.errors import Stale
from tests.fakes.rivals import OvertakenUnits
from tests.fakes.scene import Scene


@pytest.fixture
def trapped():
    """Somebody is trapped, and a node says so. Its task is changed by others when the next words come."""
    scene = Scene(OvertakenUnits())
    scene.rings("lift.entrapment", "b1/lift-1")
    return scene


def test_a_report_that_is_overtaken_is_taken_on_what_is_there(trapped):
    trapped.units.rivals = MOST_TRIES - 1
    made = trapped.is_reported(Concern.TRAPPED, "b1/lift-1", device="a neighbour")
    assert trapped.units.rivals == 0
    task = trapped.only_task()
    assert made.incident_id == task.incident_id
    assert [line.kind for line in trapped.incident(task).timeline].count("report.received") == 1


def test_a_report_that_is_overtaken_again_and_again_says_so_and_leaves_nothing(trapped):
    before = len(trapped.ledger())
    trapped.units.rivals = MOST_TRIES
    with pytest.raises(Stale):
        trapped.is_reported(Concern.TRAPPED, "b1/lift-1", device="a neighbour")
    assert len(trapped.ledger()) == before
