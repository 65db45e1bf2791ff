"""Whoever belongs to several estates is told of life safety in any of them, on every page; nobody is told of more."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import event

from tests.integration.cloud_web.house import ESTATE, House
from tests.integration.cloud_web.sister_estate import DETECTOR, DOOR, LIFT, SISTER, builds_sister
from tests.integration.cloud_web.test_live import events, first_beat, lines
from tests.integration.cloud_web.test_pages import Page

HERE = f"?estate={ESTATE}&lang=en"


@pytest.fixture
def house(house):
    builds_sister(house)
    return house


def banner(client: httpx.Client, path: str) -> str:
    found = re.search(r'<section class="alarm" data-key.*?</section>', client.get(path).text, re.DOTALL)
    return found[0] if found else ""


def menu(client: httpx.Client, path: str = f"/{HERE}") -> dict[str, str]:
    """What the menu of estates says of each."""
    found = re.findall(r'(<li data-key="([^"]*)"><a href="/\?estate=.*?</li>)', client.get(path).text, re.DOTALL)
    return {name: " ".join(Page(text).texts) for text, name in found if name != "all"}


def as_member(house: House, visitor: httpx.Client, member: str) -> httpx.Client:
    visitor.cookies.set("tocsin_session", house.session_of(member))
    return visitor


@pytest.mark.parametrize(
    "path", ["/", "/fleet", "/rosters", "/members", "/planned", "/duty-room", "/alarms", "incident"]
)
def test_an_entrapment_of_another_estate_is_told_on_every_page_with_its_estate_and_the_way_there(house, manager, path):
    if path == "incident":
        door = house.goes_wrong("access.forced-open", "b5/north-gate")
        path = f"/incidents/{house.services.queries.task(door, None).incident_id}"
    assert not banner(manager, f"{path}{HERE}")
    task = house.goes_wrong("lift.entrapment", LIFT, estate=SISTER)
    said, incident = banner(manager, f"{path}{HERE}"), house.services.queries.task(task, None).incident_id
    assert Page(said).says("Lift 1, Building 1, Riverside estate")
    assert Page(said).says("another estate")
    assert f"/incidents/{incident}" in Page(said).links
    assert f'data-alarm="{task}.1 "' in said
    assert "河畔小区1号楼1号梯" in banner(manager, f"{path}?estate={ESTATE}&lang=zh")
    assert Page(manager.get(f"/incidents/{incident}?lang=en").text).says("Riverside estate")
    house.services.act.acknowledge(task, "technician")
    assert not banner(manager, f"{path}{HERE}")


def test_calls_of_several_estates_are_listed_all_the_most_urgent_first(house, manager):
    house.goes_wrong("lift.entrapment", "b3/lift-2")
    house.clock.pass_by(timedelta(seconds=5))
    house.goes_wrong("fire.smoke", DETECTOR, estate=SISTER)
    house.clock.pass_by(timedelta(seconds=5))
    house.goes_wrong("lift.entrapment", LIFT, estate=SISTER)
    listed = re.findall(r'<a href="/incidents/[^"]*">([^<]*)</a>', banner(manager, f"/fleet{HERE}"))
    assert listed == [
        "Lift 2, Building 3, Example estate",
        "Corridor detector, Building 1, Riverside estate",
        "Lift 1, Building 1, Riverside estate",
    ]
    assert "<title>(3) " in manager.get(f"/{HERE}").text


def test_the_menu_says_of_each_estate_what_is_open_of_life_safety_and_of_ones_own(house, manager):
    assert menu(manager) == {ESTATE: "Example estate", SISTER: "Riverside estate"}
    house.goes_wrong("lift.entrapment", LIFT, estate=SISTER)
    house.goes_wrong("access.forced-open", DOOR, estate=SISTER)
    house.goes_wrong("access.forced-open", "b5/north-gate")
    assert menu(manager) == {ESTATE: "Example estate Mine 1", SISTER: "Riverside estate Life safety 1 Mine 2"}
    for task in house.services.queries.board(SISTER, None).tasks:
        house.services.act.acknowledge(task.id, "technician" if task.life_safety else "guard")
    assert menu(manager, f"/alarms{HERE}")[SISTER] == "Riverside estate Life safety 1 Mine 2", "open, not unanswered"


def test_who_does_not_belong_there_or_may_not_see_it_is_told_nothing(house, visitor):
    house.goes_wrong("fire.smoke", DETECTOR, estate=SISTER)
    for member in ("controller", "officer", "technician"):
        client = as_member(house, visitor, member)
        for path in ("/", "/alarms", "/duty-room"):
            page = client.get(f"{path}{HERE}").text
            assert 'class="alarm" data-key' not in page, member
            assert "Smoke" not in page
            assert ("Riverside" in page) is (member == "technician")
            assert 'class="lives"' not in page
    tenant = as_member(house, visitor, "tenant")
    assert "data-alarm" not in tenant.get(f"/{HERE}").text
    screen = house.screen_of("manager", "property")
    visitor.cookies.set("tocsin_session", screen)
    assert "Riverside" not in visitor.get("/duty-room?lang=en").text, "a screen hangs in one estate"


@contextmanager
def following(client: httpx.Client, **query: str) -> Iterator[Iterator[dict[str, str]]]:
    with client.stream("GET", "/api/v1/live", params={"estate": ESTATE, **query}, timeout=15) as answer:
        assert answer.status_code == 200, answer.read()
        yield events(answer)


def marks(found: Iterator[dict[str, str]]) -> Iterator[dict]:
    return (json.loads(one["data"]) for one in found if one.get("event") == "elsewhere")


def test_a_stream_says_that_life_is_at_stake_elsewhere_and_not_what_it_is(house, manager):
    with following(manager, elsewhere="life-safety") as found:
        first_beat(found)
        told = marks(found)
        assert next(told) == {}, "whoever comes looks first"
        house.goes_wrong("access.forced-open", DOOR, estate=SISTER)
        task = house.goes_wrong("lift.entrapment", LIFT, estate=SISTER)
        mark = next(told)
        assert set(mark) == {"estate", "seq"}
        opened = [one for one in house.services.queries.told(SISTER, 0) if one[0].seq <= mark["seq"]]
        assert mark["estate"] == SISTER
        assert opened[-1][1].hazard == "lift.entrapment", "of the door nothing was said"
        accepted = house.services.queries.ledger_head(SISTER, None).seq
        house.services.act.acknowledge(task, "technician")
        while mark["seq"] <= accepted:
            mark = next(told)


def test_a_stream_goes_on_from_its_cursor_with_marks_of_other_estates_between(house, manager):
    house.goes_wrong("access.forced-open", "b5/north-gate")
    with following(manager, since="0", elsewhere="all") as found:
        read = [next(lines(found))["seq"]]
    house.goes_wrong("access.held-open", DOOR, estate=SISTER)
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    head = house.services.queries.ledger_head(ESTATE, None).seq
    with following(manager, since=str(read[-1]), elsewhere="all") as found:
        looked = False
        for one in found:
            looked |= one.get("event") == "elsewhere" and one["data"] == "{}"
            if "id" in one:
                assert json.loads(one["data"])["seq"] == int(one["id"])
                read.append(int(one["id"]))
            if read[-1] == head:
                break
        house.goes_wrong("access.tailgating", DOOR, estate=SISTER)
        assert next(marks(found))["estate"] == SISTER, "of all matters, where that is asked for"
    assert read == list(range(1, head + 1))
    assert looked, "who comes back looks at what may have been missed elsewhere"


@pytest.mark.parametrize(("member", "hazard"), [("controller", "lift.entrapment"), ("technician", "fire.smoke")])
def test_no_mark_of_what_a_reader_may_not_see(house, visitor, member, hazard):
    """Of a foreign estate, or of a matter in one's own that is not one's own."""
    with following(as_member(house, visitor, member), elsewhere="all") as found:
        first_beat(found)
        house.goes_wrong(hazard, LIFT if hazard == "lift.entrapment" else DETECTOR, estate=SISTER)
        head = house.services.queries.ledger_head(ESTATE, None).seq
        house.goes_wrong("lift.entrapment", "b3/lift-2")
        told = []
        for one in found:
            told.append(one)
            if "id" in one and int(one["id"]) > head:
                break
        assert not [one for one in told if one.get("event") == "elsewhere" and one["data"] != "{}"]


@pytest.mark.parametrize("path", [f"/alarms{HERE}", "/?estate=all", "/duty-room?estate=all"])
def test_a_page_asks_no_more_of_the_storage_however_many_estates_there_are(house, manager, path):
    def statements() -> int:
        asked = []
        event.listen(house.engine, "before_cursor_execute", note := lambda *given: asked.append(given[2]))
        manager.get(path)
        event.remove(house.engine, "before_cursor_execute", note)
        return len(asked)

    manager.get(path)
    two = statements()
    with house.units.writing() as uow:
        register = uow.registers.find(SISTER)
        for n in range(6):
            name = f"more-{n}"
            uow.registers.store(replace_estate(register, name), name)
        uow.commit()
    manager.get(path)
    assert len(house.identity("manager").estates) == 8
    assert statements() == two


def replace_estate(register, name):
    return replace(register, estate=replace(register.estate, id=name), equipment={}, nodes={})


def test_all_estates_of_ones_own_are_one_board_the_most_urgent_first(house, manager):
    house.goes_wrong("access.forced-open", "b5/north-gate")
    house.clock.pass_by(timedelta(seconds=1))  # Of two that began in one moment either may be first.
    house.goes_wrong("access.forced-open", DOOR, estate=SISTER)
    house.clock.pass_by(timedelta(seconds=5))
    trapped = house.goes_wrong("lift.entrapment", LIFT, estate=SISTER)
    html = manager.get("/?estate=all&lang=en").text
    page = Page(html)
    assert re.findall(r'<p class="where">([^<]*)</p>', html) == [
        "Lift 1, Building 1, Riverside estate",
        "North gate, floor 1, Building 5, Example estate",
        "Gate, Building 1, Riverside estate",
    ]
    assert page.form(f"{trapped}/acknowledge")[1]["back"] == "/?estate=all&lang=en"
    assert 'data-elsewhere="all"' in html
    assert "another estate" not in html
    narrowed = manager.get("/?estate=all&hazard=lift&lang=en")
    assert "/?estate=riverside&hazard=lift" in Page(narrowed.text).links, "from all of them to one"
    assert "Gate, Building 1" not in narrowed.text
    assert "/?estate=all" in Page(manager.get(f"/fleet{HERE}").text).links


@pytest.mark.parametrize("path", ["/", "/duty-room"])
def test_what_is_exercised_in_any_of_them_is_announced_with_its_estate(house, manager, path):
    now, plan = house.clock.now(), house.services.assurance.exercises.plan
    plan(ESTATE, ["b3/lift-2"], now + timedelta(hours=1), now + timedelta(hours=2), house.identity("manager"))
    with house.units.writing() as uow:
        here = uow.exercises.of(ESTATE)[0]
        uow.exercises.save(replace(here, id="there", estate=SISTER, equipment=(LIFT,)))
        uow.commit()
    for lang, names in (("en", ("Example estate", "Riverside estate")), ("zh", ("示例小区", "河畔小区"))):
        html = manager.get(f"{path}?estate=all&lang={lang}").text
        told = re.findall(r'<p class="hint exercise".*?</p>', html, re.DOTALL)
        assert len(told) == 2
        for estate, name in zip((ESTATE, SISTER), names, strict=True):
            assert any(name in one and f'href="/planned?estate={estate}"' in one for one in told)
    controller = house.identity("controller")
    assert [one.estate for one in house.services.assurance.planned.ahead_over(controller)] == [ESTATE]


def test_all_estates_are_those_of_ones_own(house, visitor):
    house.goes_wrong("lift.entrapment", LIFT, estate=SISTER)
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    controller = as_member(house, visitor, "controller").get("/?estate=all&lang=en").text
    assert Page(controller).says("Smoke")
    assert "Riverside" not in controller
    technician = as_member(house, visitor, "technician").get("/?estate=all&lang=en").text
    assert Page(technician).says("Lift 1, Building 1, Riverside estate")
    assert "Smoke" not in technician
    assert as_member(house, visitor, "tenant").get("/?estate=all&lang=en").status_code == 404


def test_one_duty_room_watches_all_estates_of_its_own_the_loudest_of_any_first(house, visitor):
    manager = as_member(house, visitor, "manager")
    assert Page(manager.get("/duty-room?estate=all&lang=en").text).says("All my estates")
    house.goes_wrong("access.forced-open", "b5/north-gate")
    trapped = house.goes_wrong("lift.entrapment", LIFT, estate=SISTER)
    html = manager.get("/duty-room?estate=all&lang=en").text
    page = Page(html)
    assert '<p class="wall-where">Lift 1, Building 1, Riverside estate</p>' in html
    assert page.says("North gate, floor 1, Building 5, Example estate")
    assert page.says("Riverside estate, Binhai Street")
    assert page.form(f"{trapped}/acknowledge")[1]["back"] == "/duty-room?estate=all&lang=en"
    assert 'data-elsewhere="all"' in html
    assert 'class="alarm" data-key' not in html, "what fills the wall is not said twice"
    other = Page(as_member(house, visitor, "controller").get("/duty-room?estate=all&lang=en").text)
    assert not other.says("Riverside")
    visitor.cookies.set("tocsin_session", house.screen_of("manager", "property"))
    assert visitor.get("/duty-room?estate=all").status_code == 404, "a screen hangs in one estate"
