"""The duty room's wall: the loudest incident with its call sheet, who is coming, two buttons; calm otherwise."""

from __future__ import annotations

import re
from datetime import time

import pytest

from cloud.application.estates.sign_in import Identity
from cloud.domain.community.access import Purpose
from cloud.domain.community.contacts import Contact
from cloud.domain.community.names import Names
from cloud.domain.community.roster import Roster, Shift
from cloud.domain.tasks.task import ResolutionReason
from tests.integration.cloud_web.test_pages import Page

ROOM = "/duty-room?lang=en"


@pytest.fixture
def room(house, visitor):
    """The fire control room's wall screen."""
    visitor.cookies.set("tocsin_session", house.session_of("controller"))
    return visitor


def wall(client, address=ROOM):
    return re.search(r'<section class="wall.*?</section>', client.get(address).text, re.DOTALL)[0]


def test_the_loudest_incident_fills_the_wall_with_its_call_sheet(house, room):
    house.goes_wrong("access.forced-open", "b5/north-gate")
    fire = house.goes_wrong("fire.smoke", "b1/detector-7a")
    shown = wall(room)
    page = Page(shown)
    assert page.says("Smoke")
    assert page.says("Corridor detector, floor 7, Building 1")
    assert page.says("floor 7")
    assert "tel:119" in page.links
    assert page.says("Say: Smoke at Corridor detector, floor 7, Building 1, Example estate, Binhai Street.")
    assert page.says("Nobody yet")
    assert page.form(f"{fire}/acknowledge")
    assert ">Accept<" in shown
    assert "Door forced open" not in shown
    assert "Door forced open" in room.get(ROOM).text.split("</section>", 1)[1]


def test_after_the_numbers_stand_the_officers_and_who_of_them_is_on_duty_for_the_room_alone(house, manager):
    shift = Shift(("technician",), time(0), time(0))
    with house.units.writing() as uow:
        uow.rosters.save(Roster("on-call", "example", "lifts", Names("值班", "On call"), (), (shift,)))
        uow.contacts.replace(
            "technician", [Contact("technician", "voice", "13800138000", verified_at=house.clock.now())]
        )
        uow.commit()
    task = house.goes_wrong("lift.entrapment", "b3/lift-2")
    links = Page(wall(manager)).links
    assert [one for one in links if one.startswith("tel:")] == [
        "tel:96333",
        "tel:119",
        "tel:022-0000-0002",
        "tel:13800138000",
    ]
    assert Page(wall(manager)).says("Technician on duty")
    incident = house.services.queries.task(task, None).incident_id
    page = manager.get(f"/incidents/{incident}", params={"lang": "en"}).text
    assert "Officers to phone next" in page
    assert "tel:022-0000-0002" in page
    assert "13800138000" not in page
    assert "13800138000" not in manager.get(f"/api/v1/incidents/{incident}").text


@pytest.mark.parametrize(("lang", "words"), [("zh", "接警"), ("en", "Accept")])
def test_from_first_sight_to_mute_with_plain_forms(house, room, lang, words):
    fire = house.goes_wrong("fire.smoke", "b1/detector-7a")
    where = f"/duty-room?lang={lang}"
    assert words in wall(room, where)
    for ending in ("acknowledge", "start", "mute"):
        action, fields = Page(wall(room, where)).form(f"{fire}/{ending}")
        answer = room.post(action, data=fields)
        assert (answer.status_code, answer.headers["location"]) == (303, where)
    task = house.services.queries.task(fire, None)
    assert task.muted_until is not None
    muted = wall(room, where)
    assert "/mute" not in muted
    assert {"zh": "消音至", "en": "Muted until"}[lang] in muted
    assert {"zh": "消防控制室", "en": "Fire control room"}[lang] in muted


def test_muting_is_offered_only_to_who_is_on_site(house, room):
    house.services.act.acknowledge(house.goes_wrong("fire.smoke", "b1/detector-7a"), "controller")
    assert "/mute" not in wall(room)


def test_it_sounds_while_nobody_has_answered_for_a_life(house, room):
    assert "data-alarm" not in room.get(ROOM).text
    fire = house.goes_wrong("fire.smoke", "b1/detector-7a")
    assert "data-alarm" in room.get(ROOM).text
    house.services.act.acknowledge(fire, "controller")
    assert "data-alarm" not in room.get(ROOM).text


def test_an_exercise_never_stands_before_what_is_real(house, manager):
    asked = {"equipment": "b3/lift-2", "hazards": ["usual", "lift.entrapment"], "minutes": "60"}
    manager.post("/planned/exercises?estate=example", data=asked)
    house.goes_wrong("lift.entrapment", "b3/lift-2")
    drill = wall(manager)
    assert "Exercise" in drill
    assert "life-safety unanswered" not in drill
    assert "data-alarm" not in manager.get(ROOM).text
    house.goes_wrong("access.forced-open", "b5/north-gate")
    assert "Door forced open" in wall(manager)


def test_a_duty_without_call_sheet_says_whom_to_dial_where_a_life_is_at_stake(house, room):
    house.goes_wrong("access.forced-open", "b5/north-gate")
    assert Page(wall(room)).says("Nobody has to be phoned about this.")
    house.goes_wrong("lift.fire-recall", "b1/lift-1")
    assert Page(wall(room)).says("This duty has no call sheet. In an emergency dial 119;")


def test_calm_it_says_what_the_shift_should_know(house, room):
    house.node_connects()
    page = Page(room.get(ROOM).text)
    for words in ("All is quiet", "Your party has drawn up none yet.", "Every sounder sounds.", "No exercise and no"):
        assert page.says(words)
    controller = house.services.queries.register("example", None).members["controller"]
    viewer = Identity(controller, Purpose.SESSION, frozenset(), ("example",))
    house.services.reach.handovers.draw("example", "control-room", "spare key <is> lost", viewer)
    room.post("/planned/windows?estate=example", data={"equipment": "b3/lift-2", "reason": "repair", "minutes": "60"})
    page = Page(room.get(ROOM).text)
    assert page.says("spare key <is> lost")
    assert page.says("not signed yet")


def test_calm_is_not_said_while_something_is_not_heard(house, room):
    page = Page(room.get(ROOM).text)
    assert not page.says("All is quiet")
    assert page.says("No alarm, but not everything is heard")


def test_what_is_in_hand_is_counted_and_does_not_fill_the_wall(house, manager):
    house.node_connects()
    house.services.act.acknowledge(house.goes_wrong("access.forced-open", "b5/north-gate"), "manager")
    page = Page(manager.get(ROOM).text)
    assert page.says("All is quiet")
    assert page.says("1 matters in hand on the board")


def test_what_one_person_claims_of_a_life_at_stake_stays_on_the_wall_until_a_second_one_closed_it(house, room):
    house.node_connects()
    trapped = house.goes_wrong("lift.entrapment", "b3/lift-2")
    house.services.act.acknowledge(trapped, "technician")
    house.services.act.start(trapped, "technician")
    house.services.act.resolve(trapped, "technician", ResolutionReason.FIXED)
    page = Page(wall(room))
    assert page.says("one person's claim; a second person is wanted to look.")
    assert page.says("The alarm goes on.")
    assert "tel:119" in page.links
    assert "unanswered" not in wall(room)
    assert "data-alarm" not in room.get(ROOM).text
    assert not Page(room.get(ROOM).text).says("All is quiet")


def test_without_a_script_it_asks_anew_by_itself_and_says_how_old_it_is(house, room):
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    html = room.get(ROOM).text
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in html.partition("</head>")[0]
    assert "As it was at 03:04:10." in re.search(r"<body.*?<noscript>(.*?)</noscript>", html, re.DOTALL)[1]
    assert "http-equiv" not in room.get("/?lang=en").text, "what is being typed elsewhere is not taken away"
