"""Exercises and maintenance are planned, ended and turned real on a page, without a script."""

from __future__ import annotations

from datetime import timedelta

from cloud.application.estates.sign_in import Identity
from cloud.domain.community.access import Purpose
from cloud.domain.records.ledger import Kind

PAGE = "/planned?estate=example"


def local(house, **ahead):
    """What a form sends: a moment in the estate's own time."""
    register = house.services.queries.register("example", None)
    return register.estate.local(house.clock.now() + timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M")


def planned(house, member="manager"):
    register = house.services.queries.register("example", None)
    viewer = Identity(register.members[member], Purpose.SESSION, frozenset(), ("example",))
    return house.services.assurance.planned("example", viewer)


def test_a_manager_plans_an_exercise_sees_it_and_calls_it_off(house, manager):
    assert "No exercise is planned" in manager.get(PAGE, params={"lang": "en"}).text
    asked = {"equipment": ["b3/lift-2", "b5/north-gate"], "starts": local(house, hours=1), "minutes": "120"}
    posted = manager.post("/planned/exercises?estate=example", data=asked)
    assert (posted.status_code, posted.headers["location"]) == (303, "/planned")
    (one,) = planned(house).exercises
    assert (one.state, one.ends_at - one.starts_at, len(one.where)) == ("coming", timedelta(hours=2), 2)
    assert abs(one.starts_at - house.clock.now() - timedelta(hours=1)) <= timedelta(minutes=1)
    page = manager.get(PAGE).text
    assert "to come" in page
    assert "Call it off" in page
    manager.post(f"/planned/exercises/{one.id}/end?estate=example")
    assert planned(house).exercises[0].state == "over"
    assert f"/planned/exercises/{one.id}/end" not in manager.get(PAGE).text


def test_an_exercise_stands_on_board_and_duty_room_before_and_while_it_runs(house, manager):
    for page in ("/?lang=en", "/duty-room?lang=en"):
        assert "Any other signal is real." not in manager.get(page).text
    asked = {"equipment": ["b3/lift-2"], "starts": local(house, hours=1), "minutes": "60"}
    manager.post("/planned/exercises?estate=example", data=asked)
    for page in ("/", "/duty-room"):
        text = manager.get(page, params={"lang": "en"}).text
        assert "announced" in text
        assert "Any other signal is real." in text
        assert "其他信号均为真实" in manager.get(page, params={"lang": "zh"}).text
    assert "Announced to" in manager.get(PAGE, params={"lang": "en"}).text
    (one,) = planned(house).exercises
    manager.post(f"/planned/exercises/{one.id}/end?estate=example")
    assert "Any other signal is real." not in manager.get("/", params={"lang": "en"}).text


def test_what_an_exercise_has_raised_is_turned_real_with_one_button(house, manager):
    asked = {"equipment": "b3/lift-2", "hazards": ["usual", "lift.entrapment"], "minutes": "60"}
    manager.post("/planned/exercises?estate=example", data=asked)
    house.goes_wrong("lift.entrapment", "b3/lift-2")
    (one,) = planned(house).exercises
    (task,) = one.tasks
    page = manager.get(PAGE, params={"lang": "zh"}).text
    assert f"/tasks/{task.id}/turn-real" in page
    manager.post(f"/tasks/{task.id}/turn-real", data={"revision": str(task.revision), "back": "/planned"})
    assert [one.mode for one in house.services.queries.board("example", None).tasks] == ["real"]


def test_who_is_trapped_in_a_lift_whose_doors_are_exercised_is_trapped_in_earnest(house, manager):
    form = manager.get(PAGE, params={"lang": "en"}).text
    assert 'name="hazards" value="usual" checked' in form
    assert 'name="hazards" value="lift.entrapment">' in form
    manager.post("/planned/exercises?estate=example", data={"equipment": "b3/lift-2", "minutes": "60"})
    house.goes_wrong("lift.entrapment", "b3/lift-2")
    assert [one.mode for one in house.services.queries.board("example", None).tasks] == ["real"]
    page = manager.get(PAGE, params={"lang": "en"}).text
    assert "Only this belongs to it:" in page
    assert "Lift door fault" in page
    assert "只有以下报警属于演练" in manager.get(PAGE, params={"lang": "zh"}).text


def test_a_family_that_holds_danger_to_life_is_not_taken_along_unnamed(house, manager):
    asked = {"equipment": "b3/lift-2", "hazards": "lift.*", "minutes": "60"}
    assert manager.post("/planned/exercises?estate=example", data=asked).status_code == 422
    assert list(planned(house).exercises) == []


def test_a_maintenance_window_is_opened_and_ended(house, manager):
    asked = {"equipment": "b3/lift-2", "reason": "repair", "hazards": "lift.*", "starts": "", "minutes": "60"}
    assert manager.post("/planned/windows?estate=example", data=asked).status_code == 303
    (one,) = planned(house).windows
    assert (one.state, one.reason, one.hazards) == ("running", "repair", ("lift.*",))
    page = manager.get(PAGE, params={"lang": "zh"}).text
    for word in ("维修", "进行中", "立即结束"):
        assert word in page
    manager.post(f"/planned/windows/{one.id}/end?estate=example")
    assert planned(house).windows[0].state == "over"
    kinds = [entry.kind for entry in house.services.queries.ledger_entries("example", 0, None)]
    assert {Kind.WINDOW_OPENED, Kind.WINDOW_ENDED} <= set(kinds)


REFUSED = [
    ("exercises", {"minutes": "60"}),
    ("exercises", {"equipment": "b9/nothing", "minutes": "60"}),
    ("exercises", {"equipment": "b3/lift-2", "minutes": "60", "starts": "tomorrow"}),
    ("windows", {"minutes": "60", "reason": "repair"}),
    ("windows", {"minutes": "60", "reason": "fun", "equipment": "b3/lift-2"}),
]


def test_what_makes_no_sense_is_refused_and_nothing_is_planned(house, manager):
    for path, asked in REFUSED:
        assert manager.post(f"/planned/{path}?estate=example", data=asked).status_code == 422, asked
    found = planned(house)
    assert (list(found.exercises), list(found.windows)) == ([], [])


def test_who_may_not_plan_sees_what_is_planned_and_no_form(house, visitor):
    visitor.cookies.set("tocsin_session", house.session_of("guard"))
    page = visitor.get(PAGE, params={"lang": "en"}).text
    assert "An exercise is planned by a manager" in page
    assert 'action="/planned/exercises' not in page
    asked = {"equipment": "b3/lift-2", "minutes": "60"}
    assert visitor.post("/planned/exercises?estate=example", data=asked).status_code == 403
