"""Domain objects as read models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cloud.application.asking import call_views, node_views, views
from cloud.application.asking.depict_parts import PartDepiction, party_view
from cloud.application.records import Note
from cloud.domain.community.emergency import rescue_number
from cloud.domain.community.names import Names, from_large_to_small
from cloud.domain.community.party import Member, Party, PartyRef
from cloud.domain.community.place import Place, PlaceKind, ancestry
from cloud.domain.duties.call_sheet import to_dial
from cloud.domain.duties.register import NODE_PREFIX, EquipmentKind
from cloud.domain.fleet.losses import Losses
from cloud.domain.fleet.node import Node
from cloud.domain.fleet.progress import Progress, Ranges
from cloud.domain.incidents.alert import Alert
from cloud.domain.incidents.incident import Incident
from cloud.domain.incidents.inhibition import DEAD_NODE
from cloud.domain.records import narrative
from cloud.domain.records.ledger import Entry
from cloud.domain.tasks.actions import acting, allowed_actions
from cloud.domain.tasks.dialling import Dialled
from cloud.domain.tasks.ending import ending
from cloud.domain.tasks.fire import PRESUMED
from cloud.domain.tasks.joint_refusals import may_whistle
from cloud.domain.tasks.officers import is_to_phone
from cloud.domain.tasks.stand_down_refusals import may_cancel
from cloud.domain.tasks.task import Task
from schemas.hazards import hazard

_FOLDED_FROM = 2
"""Silent nodes from which an incident is called by its place and not by a node."""


@dataclass(frozen=True)
class Depiction(PartDepiction):
    """Everything shown of one estate is made here, so that a thing looks the same wherever it stands."""

    def estate(self) -> views.EstateView:
        estate = self.register.estate
        address = self.register.places.address(estate.place_id, PlaceKind.STREET)
        return views.EstateView(estate.id, estate.names, estate.place_id, estate.time_zone, address, self.rescue_number)

    @property
    def rescue_number(self) -> str:
        return rescue_number(self.register.estate.days.region)

    def place(self, place_id: str) -> views.PlaceView:
        """A place that has gone from the register is shown as the nearest one that is left."""
        places = self.register.places
        known: Place = next((places.get(p) for p in ancestry(place_id) if p in places), next(iter(places)))
        return views.PlaceView(known.id, known.kind, known.names, places.address(known.id), known.parent_id)

    def equipment(self, equipment_id: str, place_id: str, firing: int = 0) -> views.EquipmentView:
        known = self.register.equipment.get(equipment_id)
        names = self.register.names_of(equipment_id)
        is_node = equipment_id.startswith(NODE_PREFIX)
        kind = known.kind if known else EquipmentKind.NODE if is_node else EquipmentKind.OTHER
        place = known.place_id if known else place_id
        return views.EquipmentView(
            id=equipment_id,
            kind=kind,
            names=names,
            place_id=place,
            address=self.address(equipment_id, place),
            node_id=known.node_id if known else None,
            known=self.register.knows(equipment_id),
            firing=firing,
        )

    def address(self, equipment_id: str, place_id: str) -> Names:
        """Place and equipment, in each language's own order; on the board the estate itself goes without saying."""
        place = self.register.places.address(place_id, PlaceKind.BUILDING)
        what = self.register.names_of(equipment_id)
        return from_large_to_small((place, what))

    def incident_address(self, incident: Incident, alerts: Sequence[Alert]) -> Names:
        """Of one node or other equipment its address; of a silence that was folded the place and how many nodes it took."""
        nodes = len({alert.node_id for alert in alerts if alert.fingerprint.hazard == DEAD_NODE})
        if incident.hazard != DEAD_NODE or nodes < _FOLDED_FROM:
            return self.address(incident.equipment_id, incident.place_id)
        places = self.register.places
        place = places.address(incident.place_id, PlaceKind.BUILDING)
        place = place if place.en else places.address(incident.place_id)
        return from_large_to_small((place, Names(f"{nodes}个节点", f"{nodes} nodes")))

    @staticmethod
    def hazard_names(incident: Incident) -> Names:
        known = hazard(incident.hazard)
        return Names(known.zh, known.en)

    def behind(self, alert: Alert) -> list[Names]:
        """What nobody watches while a node is silent."""
        if alert.fingerprint.hazard != DEAD_NODE:
            return []
        return [item.names for item in self.register.equipment.values() if item.node_id == alert.node_id]

    def task(self, task: Task, incident: Incident, alerts: Sequence[Alert], viewer: Member | None) -> views.TaskView:
        firing = sum(alert.firing for alert in alerts)
        viewer = acting(task, viewer) if viewer else None
        return views.TaskView(
            id=task.id,
            incident_id=incident.id,
            estate=incident.estate,
            state=task.state,
            mode=incident.mode,
            hazard=incident.hazard,
            hazard_names=self.hazard_names(incident),
            severity=incident.severity,
            life_safety=task.life_safety,
            late=incident.late,
            place=self.place(incident.place_id),
            equipment=self.equipment(incident.equipment_id, incident.place_id, firing),
            address=self.incident_address(incident, alerts),
            opened_at=incident.opened_at,
            quiet_since=task.quiet_since,
            acknowledged_at=task.acknowledged_at,
            resolved_at=task.resolved_at,
            closed_at=task.closed_at,
            resolution_reason=task.resolution.reason if task.resolution else None,
            pause_reasons=() if task.life_safety else task.duty.pause_reasons,
            pending_reason=task.pending_reason,
            deferred_until=task.deferred_until,
            read_out=self.words_to_say(incident) if task.hazard == PRESUMED and task.undone else None,
            responsible=self.party(task.responsible_id),
            assignments=[self.assignment(part, task) for part in task.assignments],
            clocks=[self.clock(task.tto, task.resolved_at), self.clock(task.ttr, task.resolved_at)],
            custody=self.custody(task),
            bounces=len(task.bounces),
            wish=self.wish(task),
            arbitration=self.arbitration(task),
            merged_into=task.merged_into,
            next_step_at=task.ladder.due_at if task.undone else None,
            muted_until=task.muted.until if task.muted else None,
            look=self.look(task),
            unverified=task.unverified,
            ending=ending(task),
            to_phone=is_to_phone(task),
            reopened_count=task.reopened_count,
            alerts=len(alerts),
            firing=firing,
            raises=sum(alert.raises for alert in alerts),
            hidden_by=incident.hidden_by,
            mine=viewer is not None and task.part_of(viewer.party_id) is not None,
            allowed=allowed_actions(
                task,
                viewer,
                self.now,
                whistles=self.whistles(viewer, incident),
                cancels=viewer is not None and may_cancel(self.register, viewer, incident.place_id),
            ),
            revision=task.revision,
        )

    def whistles(self, viewer: Member | None, incident: Incident) -> bool:
        return viewer is not None and may_whistle(self.register, viewer, incident.place_id)

    def alert(self, alert: Alert) -> views.AlertView:
        known = hazard(alert.fingerprint.hazard)
        return views.AlertView(
            id=alert.id,
            hazard=known.id,
            hazard_names=Names(known.zh, known.en),
            severity=alert.severity,
            life_safety=known.life_safety,
            equipment=self.equipment(alert.fingerprint.equipment, alert.place_id, int(alert.firing)),
            state=alert.state.value,
            started_at=alert.started_at,
            resolved_at=alert.resolved_at,
            raises=alert.raises,
            lost_track=alert.track_lost,
            late=alert.late,
            suppressed_by=alert.suppressed_by,
            point=alert.point,
            value=alert.value,
            threshold=alert.threshold,
            behind=self.behind(alert),
        )

    def line(self, entry: Entry, *, private: bool = False) -> views.LineView:
        return views.LineView(
            seq=entry.seq,
            at=entry.at,
            kind=entry.kind,
            actor=entry.actor,
            actor_names=narrative.actor(entry, self.register),
            text=narrative.sentence(entry, self.register),
            failure=entry.kind in narrative.FAILURES,
            incident_id=entry.incident_id,
            subject=entry.subject,
            data=entry.data,
            private=private,
        )

    def note(self, note: Note) -> views.NoteView | None:
        member = self.member(note.member_id)
        if member is None:
            return None
        return views.NoteView(
            note.id, note.at, member, self.party(note.party_id), note.text, note.public, note.erased_at
        )

    def words_to_say(self, incident: Incident) -> Names:
        """What one reads out on the phone: what it is, and the whole address."""
        known = hazard(incident.hazard)
        full = self.register.places.address(incident.place_id, PlaceKind.STREET)
        where = from_large_to_small((full, self.register.names_of(incident.equipment_id)))
        return Names(f"这里是{where.zh}，发生{known.zh}。", f"{known.en} at {where.en}. People may be in danger.")

    def call_sheet(self, task: Task, incident: Incident) -> list[call_views.CallView]:
        """Whom to phone, and the words to say; a person calls and records it."""
        words = self.words_to_say(incident)
        numbers = task.duty.call_sheet
        if task.hazard == PRESUMED:
            numbers = tuple(dict.fromkeys((PartyRef("phone", self.rescue_number), *numbers)))
        parties = to_dial(self.register, numbers, incident.place_id)
        made = {one.to_id: one for one in task.dialled}
        return [
            call_views.CallView(party_view(party), party.phone, words, self.dialled(made.get(party.id)))
            for party in parties
            if party.phone
        ]

    def dialled(self, made: Dialled | None) -> call_views.DialledView | None:
        if made is None:
            return None
        return call_views.DialledView(party_view(self.register.party(made.party_id)), made.at, made.outcome)

    def node(
        self,
        node_id: str,
        node: Node | None,
        streams: Sequence[Progress],
        refused: int,
        losses: Sequence[Losses] = (),
    ) -> node_views.NodeView:
        entry = self.register.nodes.get(node_id)
        place_id = entry.place_id if entry else None
        heard = node or Node(self.register.estate.id, node_id)
        events = [stream for stream in streams if stream.stream == "events"]
        return node_views.NodeView(
            id=node_id,
            names=entry.names if entry else Names(node_id, node_id),
            place_id=place_id,
            address=self.register.places.address(place_id, PlaceKind.BUILDING) if place_id else Names("", ""),
            registered=entry is not None,
            online=heard.online,
            silent=heard.silent_occurrence is not None,
            heard_at=heard.heard_at,
            boot=heard.boot,
            agent_version=heard.agent_version,
            config_version=heard.config_version,
            config_hash=heard.config_hash,
            clock=heard.clock,
            health=heard.health,
            health_at=heard.health_at,
            born_at=heard.born_at,
            booted_at=heard.booted_at,
            died_at=heard.died_at,
            farewell=heard.farewell,
            # In batches, as everything beside it and as telemetry counts: a sum with records hides as many lost batches.
            stored=sum(len(stream.stored) for stream in events),
            duplicate=sum(stream.duplicates for stream in events),
            late=sum(stream.late for stream in events),
            void=sum(stream.void_records for stream in streams),
            missing=sum(len(stream.missing.minus(_lost(stream, losses))) for stream in events),
            lost=sum(len(_lost(stream, losses)) for stream in events),
            refused=refused,
            conflicts=sum(stream.conflicts for stream in streams),
        )


def _lost(stream: Progress, losses: Sequence[Losses]) -> Ranges:
    """What was declared lost of it and has not come or been explained since."""
    of = (stream.outbox, stream.stream)
    lost = next((one.lost for one in losses if (one.outbox, one.stream) == of), Ranges())
    return lost.minus(stream.stored.union(stream.voided))


def serving_party_view(party: Party) -> views.ServingPartyView:
    return views.ServingPartyView(
        party.id,
        party.kind,
        party.names,
        party.phone,
        serves=party.serves,
        capabilities=sorted(party.capabilities),
        hours=party.hours,
    )
