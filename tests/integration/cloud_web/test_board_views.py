"""The board is narrowed by its facets and remembers views, with links and plain forms."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.integration.cloud_web.test_pages import Page

FACET = re.compile(r'<li><a href="([^"]*)"( aria-current="true")?><span>.*?<span class="count">(\d+)</span>', re.DOTALL)


@pytest.fixture
def lively(house):
    house.node_connects()
    house.goes_wrong("access.forced-open", "b5/north-gate")
    house.goes_wrong("access.held-open", "b1/garage-door")
    house.services.act.acknowledge(house.goes_wrong("lift.entrapment", "b3/lift-2"), "technician")
    house.goes_wrong("lift.door-fault", "b1/lift-1")
    return house


def rows(client, address):
    return client.get(address).text.count('<li class="row')


def test_every_facet_counts_what_it_shows(lively, manager):
    board = manager.get("/?lang=en").text
    facets = [(url.replace("&amp;", "&"), int(count)) for url, _, count in FACET.findall(board)]
    axes = {re.match(r"/\?(\w+)=", url)[1] for url, _ in facets}
    assert axes == {"hazard", "place", "party", "state", "severity"}
    for url, count in facets:
        assert rows(manager, url) == count, url
    for heading in ("Hazard", "Place", "Responsible", "State", "Severity"):
        assert Page(board).says(heading)


def test_filters_add_up_and_are_let_go_of_one_by_one(lively, manager):
    both = "/?hazard=lift&place=binhai%2Fexample%2Fb3"
    text = manager.get(both).text
    assert text.count('<li class="row') == 1
    chosen = [url for url, current, _ in FACET.findall(text) if current]
    assert set(chosen) == {"/?place=binhai%2Fexample%2Fb3", "/?hazard=lift"}


def test_nothing_that_matches_leads_back_to_everything(lively, manager):
    page = Page(manager.get("/?severity=notice&state=pending&lang=en").text)
    assert page.says("Nothing matches these filters")
    assert "/" in page.links


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_view_is_saved_found_again_and_removed(lively, manager, lang):
    narrowed = manager.get(f"/?hazard=lift&mine=1&lang={lang}").text
    form = re.search(r'action="(/views\?[^"]*)"', narrowed)[1].replace("&amp;", "&")
    posted = manager.post(form, data={"name": "夜班 <b>", "back": "/?hazard=lift&mine=1"})
    assert (posted.status_code, posted.headers["location"]) == (303, "/?hazard=lift&mine=1")
    board = manager.get("/").text
    assert '<a href="/?hazard=lift&amp;mine=1">夜班 &lt;b&gt;</a>' in board
    assert '<a href="/?hazard=lift&amp;mine=1" aria-current="true">' in manager.get("/?mine=1&hazard=lift").text
    away = re.search(r'action="(/views/[^"]*/remove)"', board)[1]
    assert manager.post(away, data={"back": "//elsewhere.example"}).headers["location"] == "/"
    assert "夜班" not in manager.get("/").text
    assert manager.post(away).status_code == 404


def test_another_members_views_are_not_shown_nor_removed(lively, manager, house):
    manager.post("/views?hazard=lift", data={"name": "Nights"})
    away = re.search(r'action="(/views/[^"]*/remove)"', manager.get("/").text)[1]
    manager.cookies.set("tocsin_session", house.session_of("guard"))
    assert "Nights" not in manager.get("/").text
    assert manager.post(away).status_code == 404


def test_how_long_is_left_is_said_in_words_and_shapes(lively, manager):
    lively.time_passes(timedelta(minutes=8))
    short = manager.get("/?hazard=access&lang=en").text
    assert 'data-state="at_risk"' in short
    lively.time_passes(timedelta(minutes=3))
    late = manager.get("/?hazard=access&lang=en").text
    assert 'data-state="breached"' in late
    assert Page(late).says("overdue")


def test_a_row_is_small_enough_that_a_thousand_of_them_are_one_page(lively, manager):
    few = manager.get("/")
    taken = len(few.content)
    lively.goes_wrong("fire.detector-fault", "b1/detector-7a")
    more = manager.get("/")
    assert more.text.count('<li class="row') == few.text.count('<li class="row') + 1
    assert len(more.content) - taken < 2800, "a thousand rows are to stay within 3 MB"


def test_mine_comes_first_with_its_count(lively, manager):
    texts = " ".join(Page(manager.get("/?lang=en").text).texts)
    assert re.search(r"Mine \d+ All 4\b", texts)
