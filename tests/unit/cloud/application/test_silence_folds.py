"""Many nodes fall silent together: one incident at the place that explains it, naming what nobody watches."""

import pytest

from cloud.application.estates.load_estate import LoadEstate
from cloud.domain.community.names import Names
from cloud.domain.community.place import Place, PlaceKind
from cloud.domain.duties.description import EstateDescription
from cloud.domain.duties.register import NodeEntry
from schemas.topics import NodeAddress
from tests.fakes.estate import BOOT, ESTATE, HOME, description

BUILDINGS, NODES_EACH = 5, 4


def _wide() -> EstateDescription:
    """Five more buildings of four nodes each beside the two of the small estate."""
    small = description()
    places = tuple(
        Place(f"{HOME}/t{n}", PlaceKind.BUILDING, Names(f"塔{n}", f"Tower {n}")) for n in range(1, BUILDINGS + 1)
    )
    nodes = tuple(
        NodeEntry(f"t{b}-n{n}", f"{HOME}/t{b}", Names(f"{b}塔节点{n}", f"Node {n} of tower {b}"))
        for b in range(1, BUILDINGS + 1)
        for n in range(1, NODES_EACH + 1)
    )
    return EstateDescription(
        estate=small.estate,
        places=small.places + places,
        parties=small.parties,
        members=small.members,
        nodes=nodes,
        equipment=(),
        duties=small.duties,
    )


def names(*, buildings=range(1, BUILDINGS + 1)):
    return [f"t{b}-n{n}" for b in buildings for n in range(1, NODES_EACH + 1)]


class Fleet:
    """Nodes that are well, or not heard any more."""

    def __init__(self, scene) -> None:
        self._scene = scene

    def _as(self, node: str) -> None:
        self._scene.node.address = NodeAddress(ESTATE, node)

    def are_born(self, nodes) -> None:
        for node in nodes:
            self._as(node)
            self._scene.is_born(1)

    def are_well(self, nodes) -> None:
        for node in nodes:
            self._as(node)
            self._scene.is_well()

    def die(self, nodes) -> None:
        for node in nodes:
            self._as(node)
            self._scene.dies(1)


@pytest.fixture
def fleet(scene):
    LoadEstate(scene.units, scene.clock)(_wide())
    fleet = Fleet(scene)
    fleet.are_born(names())
    return fleet


def minutes_pass(scene, fleet, minutes, well):
    """Those who are well say so every half minute; the timers look every second half."""
    for _ in range(2 * minutes):
        scene.clock.advance(seconds=30)
        fleet.are_well(well)
        scene.timers()


def test_a_building_without_power_is_one_incident_naming_all_its_nodes(scene, fleet):
    dark, well = names(buildings=[2]), names(buildings=[1, 3, 4, 5])
    minutes_pass(scene, fleet, 4, well)
    task = scene.only_task()
    assert (task.hazard, task.place.id, task.alerts, task.firing) == ("node.silent", f"{HOME}/t2", 4, 4)
    assert task.address.en == "4 nodes, Tower 2"
    assert task.address.zh == "塔2 4个节点"
    assert {alert.equipment.id for alert in scene.incident(task).alerts} == {f"node/{node}" for node in dark}
    assert scene.told().count(("operator", "asked_to_lead")) == 1, "called once, not four times"


def test_a_whole_estate_without_its_uplink_is_one_incident_from_the_first_node_on(scene, fleet):
    minutes_pass(scene, fleet, 4, [])
    task = scene.only_task()
    assert (task.place.id, task.firing) == (HOME, BUILDINGS * NODES_EACH)
    assert "incident.widened" not in scene.kinds(task), "the first of them already stood for all"


def test_wills_that_come_together_fold_like_missing_health(scene, fleet):
    dark, well = names(buildings=[3]), names(buildings=[1, 2, 4, 5])
    fleet.are_well(well)
    fleet.die(dark)
    minutes_pass(scene, fleet, 1, well)
    assert (scene.only_task().place.id, scene.only_task().firing) == (f"{HOME}/t3", 4)


def test_one_silent_node_among_many_stands_alone_where_it_hangs(scene, fleet):
    minutes_pass(scene, fleet, 4, [node for node in names() if node != "t4-n1"])
    task = scene.only_task()
    assert (task.equipment.id, task.place.id) == ("node/t4-n1", f"{HOME}/t4")
    assert task.address.en == "Node 1 of tower 4, Tower 4"


def test_two_single_nodes_of_different_buildings_are_two_matters(scene, fleet):
    minutes_pass(scene, fleet, 4, [node for node in names() if node not in ("t1-n1", "t5-n1")])
    assert sorted(task.place.id for task in scene.board()) == [f"{HOME}/t1", f"{HOME}/t5"]


def test_what_spreads_from_one_building_to_the_estate_widens_and_calls_again(scene, fleet):
    minutes_pass(scene, fleet, 4, names(buildings=[2, 3, 4, 5]))
    scene.acknowledge("engineer")
    minutes_pass(scene, fleet, 4, names(buildings=[5]))
    task = scene.only_task()
    assert (task.place.id, task.firing, task.state) == (HOME, 16, "new")
    assert scene.kinds(task).count("incident.widened") == 1
    line = next(line for line in scene.incident(task).timeline if line.kind == "incident.widened")
    assert line.text == Names("扩大到示例小区", "now concerns Example estate")


def test_a_node_that_falls_silent_much_later_is_heard_of_anew(scene, fleet):
    others = [node for node in names() if node not in ("t1-n1", "t1-n2")]
    minutes_pass(scene, fleet, 4, [*others, "t1-n2"])
    minutes_pass(scene, fleet, 12, [*others, "t1-n2"])
    minutes_pass(scene, fleet, 4, others)
    assert len(scene.board()) == 2
    assert scene.told().count(("operator", "asked_to_lead")) == 2


def test_it_is_over_when_the_last_of_them_speaks_again(scene, fleet):
    dark, well = names(buildings=[2]), names(buildings=[1, 3, 4, 5])
    minutes_pass(scene, fleet, 4, well)
    minutes_pass(scene, fleet, 1, [*well, *dark[1:]])
    assert (scene.only_task().firing, scene.only_task().quiet_since) == (1, None)
    fleet.are_well(dark)
    assert scene.only_task().quiet_since is not None


def test_boards_that_never_spoke_are_not_missed(scene):
    LoadEstate(scene.units, scene.clock)(_wide())
    fleet = Fleet(scene)
    fleet.are_born(["t1-n1"])
    scene.passes(minutes=4)
    assert scene.only_task().equipment.id == "node/t1-n1"


def test_a_silent_node_names_the_equipment_nobody_watches(scene):
    scene.is_born(1, boot=BOOT)
    scene.passes(minutes=3)
    (alert,) = scene.incident(scene.only_task()).alerts
    assert [name.en for name in alert.behind] == ["Lift 1", "Lift 2", "Detector 1", "Detector 2", "North door"]


def test_after_the_brokers_return_nobody_is_accused_until_they_had_time_to_come_back(scene, fleet):
    scene.watch.deafen()
    scene.passes(minutes=10)
    scene.watch.reconnect(scene.clock.now())
    scene.passes(minutes=1)
    fleet.are_well(names())
    minutes_pass(scene, fleet, 3, names())
    assert scene.board() == []
