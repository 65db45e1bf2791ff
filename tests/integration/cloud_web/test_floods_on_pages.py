"""A flood on the board and over the interface: one entry that opens, whose link comes with the summary."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.integration.cloud_web import house as built


@pytest.fixture(autouse=True)
def many_doors(monkeypatch):
    """The estate has a dozen more doors in building 1."""
    plain = built.register_of

    def register(names):
        known = plain(names)
        door = known.equipment["b1/garage-door"]
        doors = {f"b1/door-{n}": replace(door, id=f"b1/door-{n}") for n in range(12)}
        return replace(known, equipment={**known.equipment, **doors})

    monkeypatch.setattr(built, "register_of", register)


def test_one_entry_stands_for_all_of_them_and_its_address_shows_them_one_by_one(house, manager):
    tasks = [house.goes_wrong("access.held-open", f"b1/door-{n}") for n in range(12)]
    house.goes_wrong("lift.entrapment", "b3/lift-2")
    (flood,) = manager.get("/api/v1/floods", params={"estate": "example"}).json()
    assert (len(flood["incidents"]), flood["words"]["en"]) == (
        12, "12 incidents in Building 1, Example estate within a minute: 12 doors",
    )  # fmt: skip
    folded = manager.get("/", params={"lang": "en"}).text
    assert folded.count('<li class="row') == 2
    assert "12 without an answer" in folded
    address = f"/?flood={flood['id']}"
    assert f'href="{address}"' in folded
    opened = manager.get(address).text
    assert opened.count('<li class="row') == 12
    assert all(task in opened for task in tasks)
    assert "Fold them again" in opened


def test_a_summarys_link_leads_to_what_is_within(house, visitor):
    link = "/enter/some-token?estate=example&flood=0197a600-1"
    assert "estate=example&amp;flood=0197a600-1" in visitor.get(link).text
    assert visitor.get("/enter/some-token?flood=%22%3E%3Cscript%3E").status_code == 422
