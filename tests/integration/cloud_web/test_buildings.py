"""The building's page: where lifts stand, the state of each piece, what a resident sees of it, and its live parts."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Party, PartyKind, Role
from cloud.domain.community.place import Place, PlaceKind, PlaceTree
from cloud.domain.duties.register import Equipment, EquipmentKind
from cloud.errors import ReadingsUnavailable
from tests.integration.cloud_web.house_register import ESTATE, HOME
from tests.integration.cloud_web.test_pages import Page

SECOND = timedelta(seconds=1)
B1, B3, B5 = (f"/buildings/{HOME}/b{number}" for number in (1, 3, 5))


@pytest.fixture
def heard(house):
    """The node lives, and everything it speaks for has said something within the minute."""
    house.node_connects()
    house.lift_stands("b3/lift-2", 7, ago=4)
    house.lift_stands("b1/lift-1", 1, ago=4, door_open=True)
    house.sensor_reports("b1/detector-7a/obscuration-per-metre", [(20 * SECOND, 0.0042)])
    house.sensor_reports("b1/garage-door/open", [(30 * SECOND, False)])
    house.sensor_reports("b5/north-gate/open", [(30 * SECOND, True)])
    return house


def row(client, address: str, piece: str) -> str:
    html = client.get(address, params={"lang": "en"}).text
    found = re.search(rf'<tr id="at-{piece}".*?</tr>', html, re.DOTALL)
    assert found, f"{piece} is not listed"
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def drawn(client, address: str, kind: str) -> list[str]:
    html = client.get(address, params={"lang": "en"}).text
    return re.findall(rf'<g class="{kind} [^>]*>', html)


def test_each_piece_says_its_state_its_readings_and_how_old_they_are(heard, manager):
    assert "Normal" in row(manager, B1, "b1/detector-7a")
    assert "Obscuration per metre 0.42%/m 20 s ago" in row(manager, B1, "b1/detector-7a")
    assert "Door open no 30 s ago" in row(manager, B1, "b1/garage-door")
    assert "floor 7 · stands · door closed 4 s ago" in row(manager, B3, "b3/lift-2")
    page = Page(manager.get(B1, params={"lang": "zh"}).text)
    assert page.says("减光率 0.42%/m 20秒前")
    assert page.says("1层 · 停止 · 门开 4秒前")


def test_a_lift_is_drawn_at_its_floor_with_its_doors_and_where_it_goes(heard, manager):
    def car() -> str:
        html = manager.get(B3).text
        return re.search(r'<g class="e-car.*?</g>', html, re.DOTALL)[0]

    standing = car()
    assert "e-seam" in standing
    assert "e-arrow" not in standing
    heard.lift_stands("b3/lift-2", 4, direction="up", level=False)
    moving = car()
    assert "e-arrow" in moving
    assert "near Floor 4 · going up" in row(manager, B3, "b3/lift-2")
    height = [float(re.search(r"translate\([\d.]+ ([\d.]+)\)", one)[1]) for one in (standing, moving)]
    assert height[0] < height[1], "the seventh floor is above the fourth"


def test_a_floor_that_no_building_has_is_not_believed(heard, manager):
    heard.lift_stands("b3/lift-2", 1e9)
    assert "floor not known" in row(manager, B3, "b3/lift-2")
    assert manager.get(B3).text.count("e-name") < 40


def test_a_lift_whose_box_knows_no_floor_is_drawn_with_a_question_mark(house, manager):
    house.node_connects()
    house.sensor_reports("b3/lift-2/at-level", [(SECOND, True)])
    house.sensor_reports("b3/lift-2/door-open", [(SECOND, False)])
    assert "floor not known · door closed" in row(manager, B3, "b3/lift-2")
    assert "e-unknown" in manager.get(B3).text


@pytest.mark.parametrize(
    ("hazard", "piece", "state", "word"),
    [
        ("fire.smoke", "b1/detector-7a", "life", "Life safety"),
        ("fire.detector-fault", "b1/detector-7a", "fault", "Fault"),
        ("lift.entrapment", "b1/lift-1", "life", "Life safety"),
        ("lift.door-fault", "b1/lift-1", "fault", "Fault"),
        ("access.forced-open", "b1/garage-door", "alarm", "Alarm"),
    ],
)
class TestWhatFires:
    def test_is_a_word_in_the_list_and_a_shape_in_the_drawing(self, heard, manager, hazard, piece, state, word):  # noqa: PLR0917 - a row of the table
        heard.goes_wrong(hazard, piece)
        assert row(manager, B1, piece).startswith(word)
        html = manager.get(B1).text
        assert re.search(rf'class="e-(car|spot) {state}" data-key="{piece}"', html)
        assert f'class="badge {state}"' in html
        incident = heard.services.queries.board(ESTATE, None).tasks[0].incident_id
        assert f"/incidents/{incident}" in Page(html).links


def test_who_is_silent_is_not_called_normal(heard, manager):
    heard.clock.pass_by(timedelta(minutes=4))
    assert row(manager, B1, "b1/detector-7a").startswith("Not heard")
    assert "its node was heard last 4 min ago" in row(manager, B1, "b1/detector-7a")


def test_what_never_said_anything_is_not_called_normal(house, manager):
    house.node_connects()
    assert row(manager, B1, "b1/detector-7a").startswith("Not heard")
    assert "No reading yet." in row(manager, B1, "b1/detector-7a")


def test_a_point_that_may_be_silent_for_longer_is_waited_for(heard, manager, house):
    document = {
        "version": 4,
        "equipment": [
            {
                "kind": "smoke_detector",
                "id": "b1/detector-7a",
                "alarm_relay": {"pin": 17},
                "sampling": {"max_silence_s": 3600},
            }
        ],
    }
    house.services.configure.put(ESTATE, "b3-gateway", document, None)
    heard.clock.pass_by(timedelta(minutes=30))
    heard.node_connects()
    assert row(manager, B1, "b1/detector-7a").startswith("Normal")
    assert row(manager, B1, "b1/garage-door").startswith("Not heard")


def test_maintenance_and_exercise_are_said(heard, manager):
    manager.post(
        f"/planned/windows?estate={ESTATE}", data={"equipment": "b3/lift-2", "reason": "repair", "minutes": "60"}
    )
    manager.post(f"/planned/exercises?estate={ESTATE}", data={"equipment": "b1/detector-7a", "minutes": "60"})
    assert row(manager, B3, "b3/lift-2").startswith("Maintenance")
    assert row(manager, B1, "b1/detector-7a").startswith("Exercise")
    heard.sensor_reports("b1/lift-1/in-maintenance", [(SECOND, True)])
    assert row(manager, B1, "b1/lift-1").startswith("Maintenance")


def test_without_the_store_of_readings_alarms_are_shown_all_the_same(heard, manager, monkeypatch):
    def broken(*_):
        raise ReadingsUnavailable("the disk is gone")

    heard.goes_wrong("fire.smoke", "b1/detector-7a")
    monkeypatch.setattr(heard.readings, "latest", broken)
    answer = manager.get(B1, params={"lang": "en"})
    assert answer.status_code == 200
    assert Page(answer.text).says("The store of readings does not answer.")
    assert row(manager, B1, "b1/detector-7a").startswith("Life safety")
    assert manager.get("/buildings").status_code == 200


def test_the_list_of_buildings_says_what_is_amiss_in_each(heard, manager):
    heard.goes_wrong("fire.smoke", "b1/detector-7a")
    page = Page(manager.get("/buildings", params={"lang": "en"}).text)
    assert {B1, B3, B5} <= set(page.links)
    assert page.says("Lift 2: floor 7 · stands · door closed")
    assert page.says("Life safety 1 Normal 2")


def test_only_what_is_not_normal_is_listed_when_asked_for(heard, manager):
    heard.goes_wrong("fire.detector-fault", "b1/detector-7a")
    html = manager.get(B1, params={"show": "amiss", "lang": "en"}).text
    assert re.findall(r'<tr id="at-([^"]+)"', html) == ["b1/detector-7a"]
    assert len(set(re.findall(r'class="e-(?:car|spot)[^>]*data-key="([^"]+)"', html))) == 3, "the drawing shows all"


def test_the_live_parts_come_only_when_something_is_new(heard, manager):
    first = manager.get(f"{B3}/now")
    assert first.headers["content-type"].startswith("text/html")
    assert "<html" not in first.text
    again = manager.get(f"{B3}/now", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    heard.lift_stands("b3/lift-2", 6)
    moved = manager.get(f"{B3}/now", headers={"if-none-match": first.headers["etag"]})
    assert moved.status_code == 200
    assert moved.headers["etag"] != first.headers["etag"]
    heard.goes_wrong("lift.entrapment", "b3/lift-2")
    trapped = manager.get(f"{B3}/now", headers={"if-none-match": moved.headers["etag"]})
    assert "life" in trapped.text
    other = manager.get(f"{B3}/now", params={"lang": "en"}, headers={"if-none-match": trapped.headers["etag"]})
    assert other.status_code == 200, "who reads another language is not told that they know it"


def test_the_live_parts_are_those_of_the_page(heard, manager):
    whole, part = manager.get(B1).text, manager.get(f"{B1}/now").text
    regions = re.findall(r'data-live="([^"]+)"', part)
    assert len(regions) > 8
    assert set(regions) <= set(re.findall(r'data-live="([^"]+)"', whole))


@pytest.fixture
def neighbours(heard):
    """A household on the seventh floor of building 1, and a welfare matter of its own door."""
    with heard.units.writing() as uow:
        register = uow.registers.find(ESTATE)
        home = Party("home-7", PartyKind.HOUSEHOLD, Names("7层一户", "A home on floor 7"), (f"{HOME}/b1/f7",))
        member = Member("resident-7", home.id, Names("7层住户", "Resident of floor 7"), Role.RESIDENT)
        changed = replace(
            register,
            parties={**register.parties, home.id: home},
            members={**register.members, member.id: member},
            version=5,
            _by_closeness={},
        )
        uow.registers.store(changed, "with a household")
        uow.commit()
    return heard


def test_a_resident_sees_lifts_and_public_matters_of_their_own_building_only(neighbours, visitor):
    neighbours.goes_wrong("lift.door-fault", "b1/lift-1")
    neighbours.goes_wrong("access.forced-open", "b1/garage-door")
    visitor.cookies.set("tocsin_session", neighbours.session_of("resident-7"))
    listed = Page(visitor.get("/buildings", params={"lang": "en"}).text)
    assert B1 in listed.links
    assert not {B3, B5} & set(listed.links)
    assert visitor.get(B3).status_code == 404
    assert visitor.get(f"{B3}/now").status_code == 404
    html = visitor.get(B1, params={"lang": "en"}).text
    page = Page(html)
    assert page.says("Lift door fault")
    assert page.says("floor 1 · stands · door open")
    for secret in ("Garage door", "forced open", "Corridor detector", "e-spot", "Obscuration", "Load", "/equipment/"):
        assert secret not in html, f"a resident is told of {secret}"
    assert not [link for link in page.links if link.startswith(("/incidents", "/equipment"))]
    assert "data-live-from" not in html, "the estate's stream is not theirs to hear"


def test_nothing_of_a_home_is_shown_to_who_has_no_part_in_it(neighbours, visitor):
    neighbours.goes_wrong("welfare.no-activity", "b1/garage-door")
    for member in ("resident-7", "technician"):
        visitor.cookies.set("tocsin_session", neighbours.session_of(member))
        html = visitor.get(B1, params={"lang": "en"}).text
        assert "No activity" not in html
        assert 'class="e-spot alarm"' not in html
    assert "No activity" not in visitor.get("/buildings", params={"lang": "en"}).text


def test_of_another_estate_there_is_no_building(heard, visitor):
    visitor.cookies.set("tocsin_session", heard.session_of("stranger"))
    for address in (B1, f"{B1}/now"):
        answer = visitor.get(address)
        assert answer.status_code == 404
        assert "走廊烟感" not in answer.text


@pytest.mark.parametrize("where", [f"/buildings/{HOME}/b1/f7", f"/buildings/{HOME}/b9", "/buildings/binhai"])
def test_what_is_no_building_has_no_page(heard, manager, where):
    assert manager.get(where).status_code == 404


def test_a_building_of_units_is_drawn_unit_by_unit(heard, manager):
    with heard.units.writing() as uow:
        register = uow.registers.find(ESTATE)
        units = [Place(f"{HOME}/b5/u{n}", PlaceKind.UNIT, Names(f"{n}单元", f"Unit {n}")) for n in (1, 2)]
        floors = [
            Place(f"{unit.id}/f{n}", PlaceKind.FLOOR, Names(f"{n}层", f"Floor {n}"))
            for unit in units
            for n in (1, 2, 3)
        ]
        lifts = {
            f"b5/lift-{n}": Equipment(
                f"b5/lift-{n}", EquipmentKind.LIFT, unit.id, Names(f"{n}号梯", f"Lift {n}"), "b3-gateway"
            )
            for n, unit in enumerate(units, 1)
        }
        changed = replace(
            register,
            places=PlaceTree([*register.places, *units, *floors]),
            equipment={**register.equipment, **lifts},
            version=5,
            _by_closeness={},
        )
        uow.registers.store(changed, "with units")
        uow.commit()
    page = Page(manager.get(B5, params={"lang": "en"}).text)
    assert [one for one in page.texts if one.startswith("Unit") or one == "Building 5"][1:] == [
        "Unit 1",
        "Unit 2",
        "Building 5",
    ]
    assert len(drawn(manager, B5, "e-car")) == 4, "each lift once in the narrow and once in the wide drawing"


TOWER, FLOORS, DETECTORS, LIFTS = f"{HOME}/b9", 33, 5, 4


@pytest.fixture
def tower(house):
    """33 floors with 202 pieces of equipment, each of which has just said something."""
    house.node_connects()
    equipment = {}

    def add(name: str, kind: EquipmentKind, place: str) -> None:
        equipment[name] = Equipment(name, kind, place, Names("设备" + name, "piece " + name), "b3-gateway")

    with house.units.writing() as uow:
        register = uow.registers.find(ESTATE)
        places = [Place(TOWER, PlaceKind.BUILDING, Names("9号楼", "Building 9"))]
        for n in range(1, LIFTS + 1):
            add(f"b9/lift-{n}", EquipmentKind.LIFT, TOWER)
        for floor in range(1, FLOORS + 1):
            places.append(Place(f"{TOWER}/f{floor}", PlaceKind.FLOOR, Names(f"{floor}层", f"Floor {floor}")))
            for n in range(DETECTORS):
                add(f"b9/smoke-{floor}-{n}", EquipmentKind.SMOKE_DETECTOR, places[-1].id)
            add(f"b9/door-{floor}", EquipmentKind.ACCESS_GATE, places[-1].id)
        changed = replace(
            register,
            places=PlaceTree([*register.places, *places]),
            equipment=equipment,
            version=5,
            _by_closeness={},
        )
        uow.registers.store(changed, "with a tower")
        uow.commit()
    for name, item in equipment.items():
        if item.kind is EquipmentKind.LIFT:
            house.lift_stands(name, 20)
        elif item.kind is EquipmentKind.SMOKE_DETECTOR:
            house.sensor_reports(f"{name}/obscuration-per-metre", [(SECOND, 0.004)])
        else:
            house.sensor_reports(f"{name}/open", [(SECOND, False)])
    return house


def test_a_tower_of_two_hundred_pieces_costs_less_than_a_tenth_of_a_second(tower):
    """Asked for and rendered, of the processor; the best of several, since the machine does other things as well."""
    from cloud.entrypoints.web.buildings import building_of
    from cloud.entrypoints.web.page import Page as PageView
    from cloud.entrypoints.web.rendering import Pages

    identity, pages = tower.identity("manager"), Pages()
    estate = tower.services.queries.estates(identity)[0]

    def once() -> float:
        began = time.thread_time()
        view = tower.services.buildings(TOWER, identity)
        page = PageView("/", "zh", tower.clock.now(), estate=estate)
        html = pages.html("building_now.html", page, building=building_of(view, page, None))
        assert html.count("e-spot") == 2 * FLOORS * (DETECTORS + 1)
        return time.thread_time() - began

    assert min(once() for _ in range(4)) < 0.1
