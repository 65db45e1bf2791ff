"""A resident's own consent on their page and over the interface: theirs alone, changed and taken back by themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cloud.application.identifiers import RandomIds
from cloud.application.incidents.watch_welfare import WatchWelfare
from tests.integration.cloud_web.house_home import MEMBER, POINT, moves_in
from tests.integration.cloud_web.test_interface import API

MINE = f"{API}/me/welfare/example"
GIVEN = {"points": [POINT], "hours": 12, "contacts": [{"name": "Daughter", "phone": "13800000001"}]}


@pytest.fixture
def lived_in(house):
    moves_in(house)
    return house


def acts(house, visitor, member):
    visitor.headers["authorization"] = f"Bearer {house.api_token_of(member)}"
    return visitor


def test_over_the_interface_it_is_given_read_and_taken_back(lived_in, visitor):
    me = acts(lived_in, visitor, MEMBER)
    assert me.get(MINE).json()["consent"] is None
    assert [one["point"] for one in me.get(MINE).json()["choices"]] == [POINT]
    assert me.put(MINE, json=GIVEN).json()["hours"] == 12
    assert me.post(f"{MINE}/well").status_code == 200
    shown = me.get(MINE).json()
    assert (shown["holds"], shown["heard"], shown["consent"]["contacts"]) == (True, True, GIVEN["contacts"])
    assert me.put(MINE, json={**GIVEN, "points": ["b5/north-gate/contact"]}).status_code == 422
    assert me.put(MINE, json={**GIVEN, "member": "tenant"}).status_code == 422
    assert me.delete(MINE).status_code == 204
    assert me.delete(MINE).status_code == 404
    assert me.get(f"{API}/me/welfare/elsewhere").status_code == 404


def test_nobody_else_reads_or_touches_it(lived_in, visitor):
    acts(lived_in, visitor, MEMBER).put(MINE, json=GIVEN)
    for member in ("tenant", "manager", "administrator", "street-officer"):
        other = acts(lived_in, visitor, member)
        assert other.get(MINE).json()["consent"] is None
        assert other.delete(MINE).status_code == 404
        assert other.post(f"{MINE}/well").status_code == 404
        assert other.put(MINE, json=GIVEN).status_code == 422
    assert acts(lived_in, visitor, MEMBER).get(MINE).json()["consent"]["points"] == [POINT]


def test_whom_to_phone_is_told_to_who_answers_and_nothing_of_it_is_public(lived_in, visitor):
    acts(lived_in, visitor, MEMBER).put(MINE, json={**GIVEN, "hours": 4})
    for _ in range(4):
        lived_in.clock.pass_by(timedelta(hours=1))
        lived_in.sensor_reports(POINT, [(timedelta(), True)])
        lived_in.node_connects()
    with lived_in.units.writing() as uow:
        node = uow.nodes.get("example", "b3-gateway")
        node.hear(lived_in.clock.now())
        uow.nodes.save(node)
        uow.commit()
    assert WatchWelfare(lived_in.units, lived_in.clock, RandomIds(), lived_in.readings)() == 1
    answers = acts(lived_in, visitor, "manager")
    (task,) = [one for one in answers.get(f"{API}/incidents").json()["items"] if one["hazard"].startswith("welfare.")]
    where = f"{API}/tasks/{task['id']}/to-phone"
    assert answers.get(where).json() == GIVEN["contacts"]
    assert acts(lived_in, visitor, "technician").get(where).status_code == 404
    answers = acts(lived_in, visitor, "manager")
    assert "13800000001" in answers.get(f"/incidents/{task['incident_id']}").text
    del visitor.headers["authorization"]
    for path in (
        "/public/example",
        "/feeds/example/matters.atom",
        "/feeds/example/cap.atom",
        f"{API}/public/example/rates",
    ):
        text = visitor.get(path).text
        assert not [word for word in ("welfare", "No activity", "久无活动", "13800000001") if word in text], path


def test_on_the_page_it_is_given_changed_and_taken_back_without_a_script(lived_in, visitor):
    visitor.cookies.set("tocsin_session", lived_in.session_of(MEMBER))
    assert "/account/welfare" in visitor.get("/account?lang=en").text
    page = "/account/welfare?lang=en"
    assert "Give your consent" in visitor.get(page).text
    form = {"points": POINT, "hours": "12", "day_from": "07:00", "day_until": "21:00", "away_until": ""}
    form |= {"names": ["Daughter", ""], "phones": ["13800000001", ""]}
    assert visitor.post("/account/welfare", data=form).status_code == 303
    shown = visitor.get(page).text
    assert "Watched." in shown
    assert 'value="13800000001"' in shown
    assert visitor.post("/account/welfare", data={**form, "hours": "1"}).status_code == 422
    assert visitor.post("/account/welfare", data={**form, "day_from": "noon"}).status_code == 422
    assert visitor.post("/account/welfare/well").status_code == 303
    assert visitor.post("/account/welfare/withdraw").status_code == 303
    assert "Give your consent" in visitor.get(page).text


def test_who_has_no_home_here_is_told_so(house, visitor):
    visitor.cookies.set("tocsin_session", house.session_of("tenant"))
    assert "/account/welfare" not in visitor.get("/account").text
    assert "No door or sensor of your own home" in visitor.get("/account/welfare?lang=en").text
