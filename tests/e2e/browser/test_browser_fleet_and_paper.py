"""The fleet with what is amiss first, and what of the pages is hung on walls as paper."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from cloud.domain.fleet.losses import Losses
from cloud.domain.fleet.node import Node
from cloud.domain.fleet.progress import Progress, Ranges

pytestmark = pytest.mark.browser

NODES = {
    "a-well": {"online": True},
    "b-offline": {},
    "c-losing": {"online": True},
    "d-silent": {"silent_occurrence": "one"},
    "e-ailing": {"online": True, "health": {"under_voltage": True}},
    "f-well": {"online": True},
}


@pytest.fixture
def fleet(house):
    """Six nodes of an estate, of which some are not well, beside the one that has never spoken."""
    now = house.clock.now()
    with house.units.writing() as uow:
        for name, said in NODES.items():
            uow.nodes.save(Node("example", name, heard_at=now - timedelta(minutes=5), **said))
        uow.batches.save(Progress("example", "c-losing", "box", "events", Ranges([(1, 3), (6, 6)])))
        uow.losses.save(Losses("example", "c-losing", "box", "events", lost=Ranges([(4, 5)])))
        uow.commit()


def lists(page, *nodes: str) -> None:
    """These in this order, and no others."""
    rows = page.locator(".fleet tbody tr")
    expect(rows).to_have_count(len(nodes))
    for place, node in enumerate(nodes):
        expect(rows.nth(place)).to_have_attribute("data-key", node)


def test_what_is_silent_or_loses_stands_first_and_counts_lead_to_it(fleet, live):
    page = live("engineer", "/fleet")
    everything = ("d-silent", "c-losing", "b-offline", "b3-gateway", "e-ailing", "a-well", "f-well")
    lists(page, *everything)
    head = page.locator(".shares")
    for share in ("silent 1", "losing data 1", "offline 2", "power or card failing 1", "all well 2"):
        expect(head.get_by_role("link", name=share)).to_be_visible()
    head.get_by_role("link", name="silent 1").click()
    lists(page, "d-silent")
    expect(head.get_by_role("link", name="silent 1")).to_have_attribute("aria-current", "true")
    head.get_by_role("link", name="silent 1").click()
    lists(page, *everything)
    page.get_by_label("Name or place").fill("WELL")
    page.get_by_role("button", name="Find").click()
    lists(page, "a-well", "f-well")
    head.get_by_role("link", name="losing data 1").click()
    expect(page.get_by_text("No node is like that now.")).to_be_visible()


def test_counts_and_order_follow_what_happens(house, fleet, live):
    page = live("administrator", "/fleet")
    page.evaluate("window.neverReloaded = true")
    with house.units.writing() as uow:
        uow.nodes.save(Node("example", "f-well", heard_at=house.clock.now(), silent_occurrence="two"))
        uow.commit()
    house.goes_wrong("access.forced-open", "b5/north-gate")
    expect(page.locator(".shares").get_by_role("link", name="silent 2")).to_be_visible()
    assert page.evaluate("window.neverReloaded") is True


def test_a_printed_report_names_the_incidents_address(house, opens):
    task = house.goes_wrong("lift.entrapment", "b3/lift-2")
    incident = house.services.queries.task(task, None).incident_id
    for lang, address in (("en", "Lift 2, Building 3, "), ("zh", "3号楼2号梯")):
        page = opens("manager", f"/incidents/{incident}", lang=lang)
        page.emulate_media(media="print")
        told = page.locator(".report-head dl div").nth(1).locator("dd")
        expect(told).to_be_visible()
        expect(told).to_contain_text(address)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_roster_and_who_is_reached_are_paper_without_what_one_presses(house, opens, lang):
    house.keeps_a_roster()
    page = opens("manager", "/rosters", lang=lang)
    page.emulate_media(media="print")
    expect(page.locator(".paper")).to_be_visible()
    expect(page.locator(".roster-week")).to_be_visible()
    expect(page.locator(".roster-week tbody tr").first).to_be_visible()
    for pressed in (".rooms", ".weeks .button", ".foot", ".top nav", "#alarm-area"):
        expect(page.locator(pressed).first).to_be_hidden()
    assert page.locator(".roster-week").evaluate("(one) => getComputedStyle(one.closest('main')).page") == "across"

    page.goto("/duties?hazard=fire.smoke&place=binhai/example/b1")
    expect(page.locator(".paper")).to_be_visible()
    for pressed in ("form.ask", ".rooms"):
        expect(page.locator(pressed)).to_be_hidden()
    expect(page.locator("#reached .calls > li").first).to_be_visible()
    for folded in page.locator("#reached .calls details ul").all():
        assert folded.evaluate("(one) => one.checkVisibility({ contentVisibilityAuto: true })"), "folded away on paper"
    sheets = page.locator("#coverage, #matrix").evaluate_all(
        "(all) => all.map((one) => getComputedStyle(one).breakBefore)"
    )
    assert sheets == ["page", "page"]
