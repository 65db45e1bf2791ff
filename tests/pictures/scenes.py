"""What has happened in the house of the tests before it is photographed, scene after scene in one evening."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from math import sin

from cloud.application.intake.report_hazard import Given
from cloud.domain.community.names import Names
from cloud.domain.community.quick_building import read_buildings
from cloud.domain.duties.register import EquipmentKind, NodeEntry, Register
from cloud.domain.fleet.losses import Losses
from cloud.domain.fleet.node import Node
from cloud.domain.fleet.progress import Progress, Ranges
from cloud.domain.incidents.report import Concern
from cloud.domain.tasks.task import ResolutionReason
from tests.integration.cloud_web.house import House
from tests.integration.cloud_web.house_register import ESTATE, HOME

SECOND = timedelta(seconds=1)
FLOORS = 31
TOWER = f"building 9, floors {FLOORS}, lifts 4, doors 2, detectors 4 per floor"
NODES = {
    "b1-gateway": {"online": True, "health": {"under_voltage": True}},
    "b1-roof": {"silent_occurrence": "one"},
    "b5-gateway": {"online": True},
    "b5-garage": {"online": True},
}


@dataclass
class Evening:
    """The house, and what of it pictures have to find again."""

    house: House
    trapped: str = ""
    label: str = ""
    followed: str = ""

    def incident(self, task: str) -> str:
        return f"/incidents/{self.house.services.queries.task(task, None).incident_id}"

    def stands(self) -> None:
        """The lift that is stuck says so every few seconds: whoever draws it draws what was said last."""
        self.house.node_connects()
        self.house.lift_stands("b3/lift-2", 5.4, level=False)

    def doors(self) -> None:
        """Two doors, eight minutes ago: one forced, of which nobody has answered; one held open again and again."""
        house = self.house
        house.node_connects()
        house.goes_wrong("access.forced-open", "b5/north-gate")
        held = house.goes_wrong("access.held-open", "b1/garage-door")
        house.goes_right("access.held-open", "b1/garage-door")
        house.goes_wrong("access.held-open", "b1/garage-door")
        house.services.act.acknowledge(held, "manager")
        house.clock.pass_by(timedelta(minutes=8))

    def somebody_is_trapped(self) -> None:
        self.stands()
        self.trapped = self.house.goes_wrong("lift.entrapment", "b3/lift-2", ago=timedelta(seconds=25))

    def smoke(self) -> str:
        """The lift maintainer is on its way, and it burns elsewhere; gives the incident's address."""
        house = self.house
        house.services.act.acknowledge(self.trapped, "technician")
        house.smoke_grows("b1/detector-7a", minutes_ago=2)
        point = {"point": "obscuration-per-metre", "value": 0.052, "threshold": 0.05}
        return self.incident(house.goes_wrong("fire.smoke", "b1/detector-7a", **point))

    def labels(self) -> None:
        self.house.services.labels.make(ESTATE, self.house.identity("manager"))
        with self.house.units.reading() as uow:
            self.label = next(one.code for one in uow.labels.of(ESTATE) if one.equipment_id == "b1/lift-1")

    def somebody_reports(self) -> None:
        """Without an account; it was dealt with, and theirs to judge."""
        house = self.house
        told = house.services.report(Given(ESTATE, "b1/lift-1", Concern.LIFT_FAULT, device="a telephone"))
        house.services.assurance.say_more(told.token, "关门后又打开")
        task = house.services.queries.incident(told.incident_id, None).task.id
        house.services.act.acknowledge(task, "technician")
        house.clock.pass_by(timedelta(minutes=21))
        house.services.act.resolve(task, "technician", ResolutionReason.FIXED)
        self.followed = f"/follow/{told.token}"

    def a_weeks_readings(self) -> None:
        """What a detector saw for a week: toast on most evenings, and the fire of today."""
        course = []
        for minute in range(7 * 24 * 60, 20, -5):
            hour = (19 - minute / 60) % 24
            toast = 0.045 * max(0.0, 1 - abs(hour - 18.5) * 2) * (1 + sin(minute // 1440))
            course.append((timedelta(minutes=minute), 0.004 + 0.001 * sin(minute) + toast))
        self.house.node_is_configured()
        self.house.sensor_reports("b1/detector-7a/obscuration-per-metre", course)

    def a_fleet(self) -> None:
        """Of five nodes one is silent, one loses, one's power fails."""
        now = self.house.clock.now()
        with self.house.units.writing() as uow:
            register = uow.registers.find(ESTATE)
            entries = {
                name: NodeEntry(
                    name, f"{HOME}/b{name[1]}", Names(f"{name[1]}号楼网关", f"Gateway of building {name[1]}")
                )
                for name in NODES
            }
            uow.registers.store(anew(register, nodes={**register.nodes, **entries}), "more nodes")
            for name, said in NODES.items():
                uow.nodes.save(Node(ESTATE, name, heard_at=now - timedelta(seconds=40), **said))
            uow.batches.save(Progress(ESTATE, "b5-gateway", "box", "events", Ranges([(1, 3), (6, 6)])))
            uow.losses.save(Losses(ESTATE, "b5-gateway", "box", "events", lost=Ranges([(4, 5)])))
            uow.commit()
        self.house.node_connects()

    def a_tower(self) -> None:
        """A building of 31 floors that is heard altogether, and in which one lift stands still."""
        house = self.house
        chief = house.identity("administrator")
        house.services.setting_up.amend.buildings(ESTATE, read_buildings(TOWER), chief)
        with house.units.writing() as uow:
            register = uow.registers.find(ESTATE)
            wired = {name: replace(one, node_id="b3-gateway") for name, one in register.equipment.items()}
            uow.registers.store(anew(register, equipment=wired), "wired")
            uow.commit()
        house.goes_wrong("lift.entrapment", "b9/lift-4", ago=10 * SECOND)
        house.goes_wrong("fire.detector-fault", self._tower(EquipmentKind.SMOKE_DETECTOR)[45], ago=20 * SECOND)

    def the_tower_is_heard(self) -> None:
        house = self.house
        house.node_connects()
        house.lift_stands("b9/lift-1", 7.4, direction="up", level=False)
        house.lift_stands("b9/lift-2", 1, door_open=True)
        house.lift_stands("b9/lift-3", 22.3, direction="down", level=False)
        house.lift_stands("b9/lift-4", 12.4, level=False)
        for name in self._tower(EquipmentKind.SMOKE_DETECTOR):
            house.sensor_reports(f"{name}/obscuration-per-metre", [(SECOND, 0.004)])
        for name in self._tower(EquipmentKind.ACCESS_GATE):
            house.sensor_reports(f"{name}/open", [(SECOND, name.endswith("1"))])

    def _tower(self, kind: EquipmentKind) -> list[str]:
        equipment = self.house.services.queries.register(ESTATE, None).equipment.values()
        return [one.id for one in equipment if one.kind is kind and one.id.startswith("b9/")]


def anew(register: Register, **changed: object) -> Register:
    return replace(register, version=register.version + 1, _by_closeness={}, **changed)
