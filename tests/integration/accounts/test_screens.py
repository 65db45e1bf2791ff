"""A screen on a wall: who hangs it, what it sees, how long it lasts, and that it is told when it is heard no more."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from cloud.application.accounts.keep_screens import KeepScreens
from cloud.domain.accounts.screen import GONE_AFTER, OPENED_WITHIN, ScreenState
from cloud.domain.community.access import Origin, Purpose
from cloud.errors import Invalid, NotAllowed, NotFound, Unauthenticated
from tests.integration.accounts.at_the_door import COOKIE
from tests.integration.cloud_web.house import ESTATE
from tests.integration.cloud_web.house_home import moves_in

WALL = Origin("192.0.2.9", "wall browser")


@pytest.fixture
def screens(house) -> KeepScreens:
    return house.services.accounts.screens


def at(browser: httpx.Client, cookie: str) -> httpx.Client:
    browser.cookies.set(COOKIE, cookie)
    browser.cookies.set("tocsin_lang", "en")
    return browser


def test_a_program_hangs_it_up_lists_it_and_takes_it_back(house, browsers):
    program, path = browsers(), f"/api/v1/estates/{ESTATE}/screens"
    bearer = {"authorization": f"Bearer {house.api_token_of('manager', 'accounts')}"}
    made = program.post(path, json={"party": "property", "label": "Gate house"}, headers=bearer)
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    link, id_ = made.json()["link"], made.json()["screen"]["id"]
    wall = browsers("192.0.2.9")
    assert wall.post(f"/screen/{link.rpartition('/')[2]}").status_code == 303
    (listed,) = program.get(path, headers=bearer).json()
    assert (listed["id"], listed["label"], listed["state"]) == (id_, "Gate house", "live")
    assert link.rpartition("/")[2] not in program.get(path, headers=bearer).text
    assert program.post(f"{path}/nothing/end", headers=bearer).status_code == 404
    stranger = {"authorization": f"Bearer {house.api_token_of('stranger')}"}
    assert program.post(f"/api/v1/estates/other/screens/{id_}/end", headers=stranger).status_code in {403, 404}
    assert program.post(f"{path}/{id_}/end", headers=bearer).status_code == 204
    assert program.get(path, headers=bearer).json() == []
    assert wall.get("/duty-room").status_code == 401
    refused = program.post(path, json={"party": "lifts", "label": "Shaft"}, headers=bearer)
    assert refused.status_code == 403, "a party's screens are its own managers'"


def test_a_manager_makes_it_on_the_account_page_and_the_wall_opens_it_once(house, browsers):
    manager = at(browsers(), house.session_of("manager"))
    assert "Wall screens" in manager.get("/account").text
    made = manager.post("/account/screens", data={"wall": f"{ESTATE}|property", "label": "Gate house"}).text
    link = re.search(r"https?://[^/]+(/screen/[\w-]+)<", made)[1]
    assert "waits to be opened" in manager.get("/account").text
    wall = browsers("192.0.2.9")
    assert "Gate house" in wall.get(link).text
    assert wall.get(link).status_code == 200, "to look at it uses nothing up"
    answer = wall.post(link)
    assert (answer.status_code, answer.headers["location"]) == (303, "/duty-room")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert link.rpartition("/")[2] not in cookie, "the link's token is worth nothing on the wall either"
    shown = wall.get("/duty-room")
    assert shown.status_code == 200
    assert "Gate house" in shown.text
    assert "max-age=34560000" in shown.headers["set-cookie"].lower(), "kept as long as browsers keep anything"
    for other in (wall, browsers()):
        again = other.post(link)
        assert again.status_code == 401
        assert "unknown, used or older than a day" in again.text
    listed = manager.get("/account").text
    assert "192.0.2.9" in listed
    assert "heard" in listed


def test_it_lasts_when_its_maker_and_every_session_are_gone(house, screens, browsers):
    wall = at(browsers(), house.screen_of("administrator", "property"))
    house.clock.pass_by(timedelta(days=40))
    assert wall.get("/duty-room").status_code == 200
    with house.units.reading() as uow:
        (screen,) = uow.screens.of([ESTATE])
    assert screen.seen_at == house.clock.now()
    screens.end(house.identity("manager"), screen.id)
    assert wall.get("/duty-room").status_code == 401
    assert "Signed out: nothing rings here" in wall.get("/duty-room?lang=en").text
    told = [entry for entry in house.ledger() if entry.data.get("purpose") == "screen"]
    assert [entry.kind for entry in told] == ["member.access-granted", "member.access-revoked"]


def test_it_shows_what_rings_and_has_nothing_to_press_nor_to_lead_on(house, browsers):
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    house.goes_wrong("access.forced-open", "b5/north-gate")
    page = at(browsers(), house.screen_of("manager", "property")).get("/duty-room?lang=en").text
    assert "Smoke" in page
    assert "data-alarm=" in page
    assert "data-live-from=" in page, "it is live: whatever rings next is heard there"
    assert "Opened from a message" not in page
    assert "Door forced open" in page
    assert "<form" not in page
    main = page.partition("<main")[2].partition("</main>")[0]
    assert {link for link in re.findall(r'href="([^"]+)"', main) if not link.startswith("tel:")} == set()
    own = at(browsers(), house.session_of("guard")).get("/duty-room?lang=en").text
    assert "/acknowledge" in own, "whoever is signed in presses there as before"


def test_nothing_of_a_home_hangs_on_a_wall(house, screens, browsers):
    moves_in(house)
    house.goes_wrong("welfare.inactivity", "b3/flat-door")
    wall = at(browsers(), house.screen_of("manager", "property"))
    page = wall.get("/duty-room?lang=en").text
    assert "Flat door" not in page
    assert "Flat door" in at(browsers(), house.session_of("manager")).get("/duty-room?lang=en").text


def test_who_hangs_one_for_whom(house, screens):
    manager, administrator = house.identity("manager"), house.identity("administrator")
    assert {one.party_id for one in screens.walls(manager)} == {"property"}
    assert {one.party_id for one in screens.walls(administrator)} > {"property", "lifts"}
    for who in ("guard", "technician", "officer", "engineer", "tenant"):
        assert screens.walls(house.identity(who)) == []
        with pytest.raises(NotAllowed):
            screens.make(house.identity(who), ESTATE, "property", "mine")
    with pytest.raises(NotAllowed):
        screens.make(manager, ESTATE, "lifts", "theirs")
    with pytest.raises(NotAllowed):
        screens.make(house.identity("stranger"), ESTATE, "property", "from elsewhere")
    for label in ("", " ", "x" * 65, "two\nlines"):
        with pytest.raises(Invalid):
            screens.make(manager, ESTATE, "property", label)
    hung = screens.make(administrator, ESTATE, "lifts", "workshop")
    with pytest.raises(NotFound):
        screens.end(manager, hung.screen.id)
    assert screens.of(manager) == []


def test_a_link_nobody_opened_within_a_day_opens_nothing(house, screens):
    hung = screens.make(house.identity("manager"), ESTATE, "property", "Gate house")
    house.clock.pass_by(OPENED_WITHIN)
    with pytest.raises(Unauthenticated):
        screens.meant(hung.token)
    with pytest.raises(Unauthenticated):
        screens.open(hung.token, WALL)
    (view,) = screens.of(house.identity("manager"))
    assert view.state is ScreenState.EXPIRED


def test_its_key_opens_no_other_door_and_no_other_key_opens_its(house, screens, browsers):
    hung = screens.make(house.identity("manager"), ESTATE, "property", "Gate house")
    assert at(browsers(), hung.token).get("/duty-room").status_code == 401, "a link is no session"
    held = screens.open(hung.token, WALL)
    for purposes in ((Purpose.SESSION,), (Purpose.API,), (Purpose.LINK,), (Purpose.CALENDAR,), ()):
        with pytest.raises(Unauthenticated):
            house.services.sign_in.identify(held, *purposes)
    assert browsers(authorization=f"Bearer {held}").get("/api/v1/me").status_code == 401
    with pytest.raises(Unauthenticated):
        screens.open(house.link_for("manager"), WALL)


def test_whoever_was_signed_in_at_the_wall_is_so_no_more(house, screens, browsers):
    wall = at(browsers(), house.session_of("manager"))
    (mine,) = house.sessions("manager")
    hung = screens.make(house.identity("administrator"), ESTATE, "property", "Gate house")
    assert wall.post(f"/screen/{hung.token}").status_code == 303
    ended = next(key for key in house.sessions("manager") if key.id == mine.id)
    assert ended.revoked_at is not None


def test_the_board_says_of_a_wall_that_is_heard_no_more(house, browsers):
    wall = at(browsers(), house.screen_of("manager", "property"))
    guard = at(browsers(), house.session_of("guard"))
    said = "The wall screen Gate house is not heard: nothing sounds there."
    assert said not in guard.get("/").text
    house.clock.pass_by(GONE_AFTER + timedelta(seconds=1))
    assert said in guard.get("/").text
    for member, told in (("engineer", True), ("technician", False)):
        assert (said in at(browsers(), house.session_of(member)).get("/").text) is told
    assert "not heard: nothing sounds there" in at(browsers(), house.session_of("manager")).get("/account").text
    wall.get("/duty-room")
    assert said not in guard.get("/").text


def test_when_its_party_is_no_more_it_looks_at_nothing(house, browsers):
    wall = at(browsers(), house.screen_of("administrator", "lifts"))
    assert wall.get("/duty-room").status_code == 200
    with house.units.writing() as uow:
        register = uow.registers.find(ESTATE)
        rest = {name: party for name, party in register.parties.items() if name != "lifts"}
        uow.registers.store(replace(register, version=register.version + 1, parties=rest, _by_closeness={}), "less")
        uow.commit()
    assert wall.get("/duty-room").status_code == 401


def test_what_a_label_says_runs_in_no_browser(house, screens, browsers):
    harm = "<script>alert(1)</script>"
    hung = screens.make(house.identity("manager"), ESTATE, "property", harm)
    manager = at(browsers(), house.session_of("manager"))
    pages = [browsers().get(f"/screen/{hung.token}"), manager.get("/account")]
    wall = at(browsers(), screens.open(hung.token, Origin("192.0.2.9", harm)))
    pages += [wall.get("/duty-room"), manager.get("/account")]
    house.clock.pass_by(GONE_AFTER * 2)
    for page in (*pages, manager.get("/")):
        assert harm not in page.text
        assert "&lt;script&gt;" in page.text
