"""A year on a leaping clock, here a fortnight of it: deterministic, plausible, and nothing that must never happen."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from cloud.domain.tasks.task import ResolutionReason, TaskState
from deploy.commandline.root import app
from deploy.year.estate import description
from deploy.year.nature import KINDS, Mishap
from deploy.year.play import START, Year
from deploy.year.report import EXPLAINED


def played(folder, seed=3, days=14, count=150):
    folder.mkdir()
    year = Year(folder, seed=seed, days=days, count=count)
    try:
        return year.play(lambda _done, _of: None)
    finally:
        year.close()


@pytest.fixture(scope="module")
def fortnight(tmp_path_factory):
    return played(tmp_path_factory.mktemp("year") / "one")


def test_the_same_seed_gives_the_same_year_to_the_last_entry_of_its_ledger(tmp_path):
    once, again = (played(tmp_path / name, days=4, count=40) for name in ("one", "two"))
    assert again == once
    assert played(tmp_path / "three", seed=4, days=4, count=40).fingerprint != once.fingerprint


def test_there_are_as_many_incidents_as_were_asked_for(fortnight):
    assert fortnight.rows[-1].incidents == 150


def test_nothing_happens_that_must_never_happen(fortnight):
    assert len(fortnight.never) >= 7
    assert set(fortnight.never.values()) == {0}
    assert fortnight.good


def test_every_mishap_is_a_matter_or_part_of_one_and_every_matter_ends(fortnight):
    everything = fortnight.rows[-1]
    assert everything.hazard == "all"
    assert everything.incidents == sum(row.incidents for row in fortnight.rows[:-1])
    assert 0.8 * fortnight.onsets <= everything.incidents <= fortnight.onsets
    assert fortnight.still_open <= 0.05 * everything.incidents


def test_the_figures_are_plausible(fortnight):
    """What nobody answers climbs; what clears by itself is never life safety; who is fast by habit answers fast."""
    rows = {row.hazard: row for row in fortnight.rows}
    assert rows["fire.smoke-prealarm"].answered_median_min < 1 < rows["access.held-open"].answered_median_min
    assert 0 < rows["all"].escalated < 0.5
    assert rows["all"].self_cleared > 0
    assert all(row.self_cleared == 0 for name, row in rows.items() if name in ("fire.smoke", "lift.entrapment"))
    assert all(row.answered_median_min <= row.answered_p90_min for row in rows.values() if row.answered_p90_min)
    assert fortnight.notifications["asked_to_lead"] >= rows["all"].incidents
    # Whoever mends detectors answers in time half of the time, and hardly ever has one mended within its hour.
    assert 0 < rows["fire.detector-fault"].breached < rows["fire.detector-fault"].overran <= 1


def test_every_figure_is_explained(fortnight):
    shown = set(vars(fortnight.rows[0]) if hasattr(fortnight.rows[0], "__dict__") else fortnight.rows[0].__slots__)
    assert set(EXPLAINED) == shown - {"hazard"}


def test_who_was_asked_anew_says_that_they_are_on_site_before_they_call_a_fire_false(tmp_path):
    """A year once broke off in April: the lead's word had lapsed while they worked, and only their acceptance was new."""
    year = Year(tmp_path, seed=1, days=1, count=1)
    try:
        fire = next(kind for kind in KINDS if kind.hazard == "fire.smoke")
        year._begin(Mishap(START, fire, "b1/smoke-1", passes_after=None, false=True))
        with year.units.reading() as uow:
            (task,) = uow.tasks.open(year.register.estate.id)
        lead = task.lead.party_id
        year.town.act.acknowledge(task.id, f"{lead}-first")
        year.town._mend(task.id, lead)
        with year.units.reading() as uow:
            ended = uow.tasks.get(task.id)
        assert ended.state is TaskState.RESOLVED
        assert ended.resolution.reason is ResolutionReason.FALSE_ALARM
        assert ended.lead.arrived_at is not None
        assert len(ended.photos) == 1
    finally:
        year.close()


def test_twenty_parties_or_more_live_there():
    assert len(description().parties) >= 20


def test_the_command_prints_what_it_found_and_refuses_to_write_over_a_year(tmp_path):
    arguments = ["year", "--days", "2", "--incidents", "10", "--data", str(tmp_path / "kept")]
    run = CliRunner().invoke(app, [*arguments, "--json"])
    assert run.exit_code == 0, run.output
    found = json.loads(run.stdout)
    assert found["days"] == 2
    assert found["good"]
    again = CliRunner().invoke(app, arguments)
    assert again.exit_code == 2
    assert "holds a year already" in again.output
