"""A crash between any two statements of any use case neither loses nor doubles anything.

Each step of every story is begun anew from the state before it as often as it has moments: it dies there, is begun again
by whoever began it (a node sends again, a person tries again, a timer comes round), and what is stored then is, row by
row, what is stored when nothing dies. Ids are compared by their order, for whoever died has used some up.
"""

from __future__ import annotations

import os
from contextlib import closing

import pytest

from tests.faults.governance.stories import STORIES
from tests.faults.governance.walking import dies_everywhere, everywhere, here_and_there, tells
from tests.faults.governance.world import Files, Stage
from tests.faults.governance.written import opened_outside, writers

LONG = int(os.environ.get("TOCSIN_EXAMPLES", "0")) >= 100
EVERY = {"sqlite": 3, "postgresql": 16}
"""In the short form one step in so many is died in: TOCSIN_SEED says which. In the long form every moment of every one."""

SEED = int(os.environ.get("TOCSIN_SEED", "0"))


def test_every_use_case_that_writes_comes_up_in_a_story(tmp_path):
    """A rule, not a list: whoever adds a use case tells how it dies, or this fails."""
    seen = set()
    for name, story in STORIES.items():
        with closing(Stage(Files(tmp_path), name.replace(" ", "-"))) as stage:
            tells(story, stage)
            seen |= stage.units.writers
    missing = sorted(writers() - seen)
    assert not missing, f"{len(missing)} use cases die in no story: tell each in tests/faults/governance/stories"
    assert not opened_outside(), "what writes outside of a class would be missed"


@pytest.mark.timeout(3600 if LONG else 300)
@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("where", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def test_wherever_the_cloud_dies_it_ends_up_where_it_would_have_been(request, tmp_path, where, story):
    shelf = Files(tmp_path) if where == "sqlite" else request.getfixturevalue("postgresql_server")
    chosen, every = (everywhere, 1) if LONG else (here_and_there(SEED), EVERY[where])
    with closing(Stage(shelf)) as stage:
        steps, died = dies_everywhere(STORIES[story], stage, chosen, every=every, first=SEED)
    print(f"died {died} times in {steps} steps of {story} on {where}: 0 lost 0 doubled")
    assert died >= steps > 0
