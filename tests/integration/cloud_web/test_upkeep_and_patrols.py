"""Lifts' dates, confirmed visits and patrols, as programs and pages meet them."""

from __future__ import annotations

from datetime import timedelta

from cloud.application.estates.sign_in import Identity
from cloud.application.tasks.keep_windows import Asked
from cloud.domain.community.access import Purpose

AT = "/api/v1/estates/example"


def a_visit(house):
    register, now = house.services.queries.register("example", None), house.clock.now()
    technician = Identity(register.members["technician"], Purpose.SESSION, frozenset(), ("example",))
    windows = house.services.assurance.windows
    asked = Asked(now - timedelta(hours=1), now + timedelta(hours=1), "routine", ("b3/lift-2",))
    return windows.end("example", windows.open("example", asked, technician).id, technician)


def test_a_program_notes_dates_and_confirms_a_visit(house, program):
    said = program.post(f"{AT}/upkeep", json={"equipment": "b3/lift-2", "inspected_until": "2027-03-01"})
    assert (said.status_code, said.json()["inspection_from"]) == (200, "2026-12-31")
    made = program.post(f"{AT}/maintenance-windows/{a_visit(house).id}/accept")
    assert (made.status_code, made.json()["accepted_by"]) == (200, "manager")
    (lift,) = [one for one in program.get(f"{AT}/upkeep").json() if one["equipment"] == "b3/lift-2"]
    assert lift["maintained_on"] is not None
    assert program.post(f"{AT}/upkeep", json={"equipment": "b3/lift-2"}).status_code == 422


def test_a_manager_confirms_a_visit_on_the_page_that_shows_the_dates(house, manager):
    window = a_visit(house)
    page = manager.get("/planned?estate=example", params={"lang": "en"}).text
    assert f"/planned/windows/{window.id}/accept" in page
    assert "not known" in page
    assert manager.post(f"/planned/windows/{window.id}/accept?estate=example").status_code == 303
    assert "维保到访已确认" in manager.get("/planned?estate=example", params={"lang": "zh"}).text


def test_a_patrol_is_recorded_by_a_program_and_on_a_page_and_is_printed(house, program, manager):
    body = {"round": "night", "points": ["b5/north-gate"], "findings": "a lamp is out"}
    assert program.post(f"{AT}/patrols", json=body).status_code == 201
    assert program.post(f"{AT}/patrols", json=body | {"points": ["nowhere"]}).status_code == 422
    form = {"round": "daily", "points": ["b3/lift-2"], "codes": "b5/north-gate\n"}
    assert manager.post("/patrols?estate=example", data=form).status_code == 303
    last, first = program.get(f"{AT}/patrols").json()
    assert (last["round"], len(last["points"]), first["findings"]) == ("daily", 2, "a lamp is out")
    assert "夜间巡查" in manager.get("/patrols?estate=example", params={"lang": "zh"}).text
    printed = manager.get("/registers/patrol?estate=example", params={"lang": "zh"}).text
    assert "完成巡查（每日防火巡查）：查看 2 处" in printed
