"""A year of ten thousand incidents, whole: a fortnight (tests/integration/deploy/test_a_year.py) misses what is rare."""

from __future__ import annotations

import os
from contextlib import closing

import pytest

from deploy.year.play import Year

SEED = int(os.environ.get("TOCSIN_SEED", "1"))


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_in_ten_thousand_incidents_nothing_happens_that_must_never_happen(tmp_path):
    with closing(Year(tmp_path, seed=SEED, days=365, count=10_000)) as year:
        report = year.play(lambda _done, _of: None)
    print(
        f"{report.onsets} onsets, {report.rows[-1].incidents} incidents, {report.ledger_entries} entries: {report.never}"
    )
    assert report.rows[-1].incidents == 10_000
    assert set(report.never.values()) == {0}
    assert report.good
