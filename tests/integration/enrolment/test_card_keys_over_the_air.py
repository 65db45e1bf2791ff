"""A real cloud, a real broker with certificates and a real agent: the estate's card key arrives by itself."""

from __future__ import annotations

import pytest

from edge.adapters.card_key import card_keys
from tests.fakes.estate import ESTATE
from tests.integration.enrolment.site import until
from tests.integration.enrolment.test_enrol_run_ring import boards  # noqa: F401 - a fixture

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow]

CARDS = """
[privacy]
card_key_file = "card.key"
"""
READER = """
[[config.equipment]]
kind = "access_gate"
id = "b1/door"
contact = { pin = 4 }
reader = { d0 = 20, d1 = 21 }
"""


def test_the_estates_key_comes_to_the_agent_by_itself(site, boards):  # noqa: F811 - as above
    node, _ = boards(0)
    text = node.config.read_text()
    node.config.write_text(text.replace("[config]", f"{CARDS}\n[config]") + READER)
    node.enrols(site.code())
    path = node.folder / "card.key"
    node.runs()
    own = until(lambda: path.exists() and card_keys(path), "its own key", 20.0)
    first = until(lambda: card_keys(path).previous == own.current and card_keys(path), "the estate's key", 90.0)
    assert site.cloud.services.card_keys.ask(ESTATE, None).current.key == first.name
    until(lambda: node.logged("a new card key is in use"), "the agent says so")
    said = "".join(str(line) for line in node.log)
    assert first.name in said
    assert first.current.decode() not in said
