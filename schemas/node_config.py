"""What a node is told: its equipment, the alarm rules on it, its outputs and reflexes. One versioned document per node."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from schemas.alarm_rules import AlarmRule
from schemas.base import DocumentModel, EquipmentId, Name, PointName, misfit
from schemas.default_rules import default_rules
from schemas.equipment import DigitalOutput, Equipment, channels_of, lines_of
from schemas.points import POINTS

SPI_LINES = frozenset({7, 8, 9, 10, 11})
"""BCM lines of SPI0 (CE1, CE0, MISO, MOSI, SCLK): taken where an analog input is read."""


CLOUD_SILENT: Final = "cloud-silent"
"""The reflex that every duty beacon has, unless a reflex of its own says otherwise."""


class Output(DigitalOutput):
    """A siren, beacon or gate release that reflexes drive. A `duty_beacon` stands where somebody is on duty: it also lights
    while the cloud has not been heard for two minutes, since alarms then reach nobody (wire.md, Watching the watcher).
    """

    id: Name
    purpose: Literal["siren", "beacon", "gate_release", "duty_beacon"]

    @model_validator(mode="after")
    def _frees_people_without_us(self) -> Self:
        if self.purpose == "gate_release" and self.fail_safe != "on":
            raise misfit(
                "gate-must-be-free",
                'output {output} releases a gate, so it must be free without the agent: wire it so, and say fail_safe = "on"',
                output=self.id,
            )
        return self


class Trigger(DocumentModel):
    """What sets a reflex off: a point in a state, an alarm of a hazard raised at this node, or that the cloud is not heard.
    Nothing that the network would have to bring.
    """

    equipment: EquipmentId | None = None
    point: PointName | None = None
    equals: bool | float | str = True
    hazard: str | None = None
    cloud: Literal["silent"] | None = None

    @model_validator(mode="after")
    def _one_cause(self) -> Self:
        if [self.point, self.hazard, self.cloud].count(None) != 2:  # noqa: PLR2004 - all but one
            raise misfit(
                "trigger-of-one-cause",
                'a trigger names either a point or a hazard, for example point = "fire-input"',
            )
        if (self.cloud is None) == (self.equipment is None):
            raise misfit(
                "trigger-of-equipment",
                'a point or hazard is of a piece of equipment, for example equipment = "b1/gate-1"',
            )
        return self


class Reflex(DocumentModel):
    """While any trigger holds, the outputs are on; they go off `hold_s` seconds after the last one ended."""

    id: Name
    when: Annotated[list[Trigger], Field(min_length=1)]
    outputs: Annotated[list[Name], Field(min_length=1)]
    hold_s: Annotated[float, Field(ge=0, le=86400)] = 0.0


class NodeConfig(DocumentModel):
    """The whole document. `version` only ever grows; going back means issuing the old content under a higher one.

    `rules`: where an item of equipment is named in `default_rules_for` (all of them unless said otherwise), the
    defaults of equipment.md are added to what stands here; a rule here with the same id replaces the default.
    """

    version: Annotated[int, Field(ge=1)] = 1
    equipment: Annotated[list[Equipment], Field(min_length=1)]
    rules: list[AlarmRule] = []
    default_rules_for: list[EquipmentId] | None = None
    outputs: list[Output] = []
    reflexes: list[Reflex] = []

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        ids = _unique((item.id for item in self.equipment), "equipment")
        outputs = _unique((output.id for output in self.outputs), "outputs")
        _unique((rule.id for rule in self.rules), "rules")
        _unique((reflex.id for reflex in self.reflexes), "reflexes")
        self._names_equipment(ids)
        for reflex in self.reflexes:
            for output in reflex.outputs:
                if output not in outputs:
                    raise misfit(
                        "output-not-here",
                        "reflex {reflex} drives output '{output}'; this node has {there}",
                        reflex=reflex.id,
                        output=output,
                        there=_listed(outputs),
                    )
        self._asks_of_points_that_exist()
        self._claims_each_line_once()
        self._claims_each_channel_once()
        return self

    def _names_equipment(self, ids: set[str]) -> None:
        named = [(f"rule {rule.id}", rule.equipment) for rule in self.rules]
        named += [
            (f"reflex {reflex.id}", trigger.equipment)
            for reflex in self.reflexes
            for trigger in reflex.when
            if trigger.equipment is not None
        ]
        named += [("default_rules_for", item) for item in self.default_rules_for or ()]
        for where, equipment in named:
            if equipment not in ids:
                raise misfit(
                    "equipment-not-here",
                    "{where} names equipment '{equipment}'; this node has {there}",
                    where=where,
                    equipment=equipment,
                    there=_listed(ids),
                )

    def _asks_of_points_that_exist(self) -> None:
        """A misspelt point or hazard would be an alarm or a reflex that never comes."""
        kinds = {item.id: item.kind for item in self.equipment}
        asked = [(f"rule {rule.id}", rule.equipment, point) for rule in self.rules for point in sorted(rule.points)]
        triggers = [(f"reflex {reflex.id}", trigger) for reflex in self.reflexes for trigger in reflex.when]
        asked += [(where, t.equipment, t.point) for where, t in triggers if t.point and t.equipment]
        for where, equipment, point in asked:
            if point not in (known := POINTS[kinds[equipment]]):
                raise misfit(
                    "point-unknown",
                    "{where} asks of point '{point}'; the points of {kind} are {known}",
                    where=where,
                    point=point,
                    kind=kinds[equipment],
                    known=_listed(known),
                )
        raised = {(rule.equipment, rule.hazard) for rule in self.all_rules()}
        for where, trigger in triggers:
            if trigger.hazard and (trigger.equipment, trigger.hazard) not in raised:
                theirs = _listed(hazard for equipment, hazard in raised if equipment == trigger.equipment)
                raise misfit(
                    "hazard-never-raised",
                    "{where} waits for hazard '{hazard}' of {equipment}; its rules raise {theirs}",
                    where=where,
                    hazard=trigger.hazard,
                    equipment=trigger.equipment or "",
                    theirs=theirs,
                )

    def _claims_each_channel_once(self) -> None:
        claimed: dict[tuple[int, int], str] = {}
        for item in self.equipment:
            for where, (device, channel) in channels_of(item):
                here = f"{item.id}.{where}"
                if (device, channel) in claimed:
                    first = claimed[device, channel]
                    raise misfit(
                        "channel-twice",
                        "channel {channel} of ADC {device} is claimed twice: by {first} and by {here}",
                        channel=channel,
                        device=device,
                        first=first,
                        here=here,
                    )
                claimed[device, channel] = here

    def _claims_each_line_once(self) -> None:
        claimed: dict[int, str] = {}
        for item in (*self.equipment, *self.outputs):
            for where, pin in lines_of(item):
                here = f"{item.id}.{where}"
                if pin in claimed:
                    raise misfit(
                        "line-twice",
                        "GPIO {pin} is claimed twice: by {first} and by {here}",
                        pin=pin,
                        first=claimed[pin],
                        here=here,
                    )
                claimed[pin] = here
        if self.reads_analog and (taken := SPI_LINES & claimed.keys()):
            pin = min(taken)
            raise misfit(
                "line-of-spi",
                "GPIO {pin} ({here}) belongs to SPI0, which the analog inputs need; choose another",
                pin=pin,
                here=claimed[pin],
            )

    @property
    def reads_analog(self) -> bool:
        return any(
            getattr(item, name) is not None
            for item in self.equipment
            if item.kind == "smoke_detector"
            for name in ("obscuration", "temperature", "co")
        )

    def effective_rules(self) -> list[AlarmRule]:
        """The rules in force, enabled ones only: defaults of equipment.md, replaced and completed by `rules`."""
        return [rule for rule in self.all_rules() if rule.enabled]

    def all_rules(self) -> Iterable[AlarmRule]:
        """Those in force and those that are switched off."""
        wanted = self.default_rules_for
        rules = {
            rule.id: rule
            for item in self.equipment
            if wanted is None or item.id in wanted
            for rule in default_rules(item)
        }
        rules |= {rule.id: rule for rule in self.rules}
        return rules.values()

    def effective_reflexes(self) -> list[Reflex]:
        """Those that stand here, and `cloud-silent` for the duty beacons that none of them lights when the cloud is silent."""
        lit = {
            output
            for reflex in self.reflexes
            if reflex.id == CLOUD_SILENT or any(trigger.cloud for trigger in reflex.when)
            for output in reflex.outputs
        }
        beacons = [output.id for output in self.outputs if output.purpose == "duty_beacon" and output.id not in lit]
        if not beacons:
            return self.reflexes
        return [*self.reflexes, Reflex(id=CLOUD_SILENT, when=[Trigger(cloud="silent")], outputs=beacons)]

    def digest(self) -> str:
        """SHA-256 (hex) of the canonical document, which birth reports and the cloud compares."""
        return hashlib.sha256(self.model_dump_json(exclude_none=True).encode()).hexdigest()


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _unique(ids: Iterable[str], what: str) -> set[str]:
    seen: set[str] = set()
    for item in ids:
        if item in seen:
            raise misfit("id-twice", "{what}: the id '{id}' stands twice; every id is given once", what=what, id=item)
        seen.add(item)
    return seen
