"""What people and programs may ask: the board, a task, an incident, the register, the fleet, the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cloud.application.asking import node_views, views
from cloud.application.asking.alert_history import AlertHistory
from cloud.application.asking.board_view import board_view, urgency
from cloud.application.asking.closed_matters import ClosedMatters
from cloud.application.asking.depict import Depiction, serving_party_view
from cloud.application.asking.depict_letters import dead_letter_view
from cloud.application.asking.depict_parts import duty_view
from cloud.application.asking.matrix_views import DutyView
from cloud.application.asking.over_estates import OverEstates
from cloud.application.asking.personal_looks import PersonalLooks
from cloud.application.asking.whole_incident import WholeIncident
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.application.sight import Sight, concerns_among
from cloud.application.timeseries import from_micros
from cloud.domain.community.emergency import EmergencyNumbers, numbers_of_all
from cloud.domain.community.public_days import DEFAULT_REGION
from cloud.domain.duties.register import Register
from cloud.domain.records.ledger import Entry, Head
from cloud.domain.records.personal import PersonalClass
from cloud.domain.tasks.sight import Concern, Outlook, outlook, private
from cloud.domain.tasks.task import Task
from cloud.errors import NotFound
from schemas.topics import NodeAddress

Viewer = Identity | None
"""Who asks. None is the program itself (command line, background work) and sees everything; a page never passes it."""


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """A stretch of the ledger, told to people; `seq` is where the next stretch begins."""

    lines: Sequence[views.LineView]
    seq: int


class Queries:
    """Each answer is one consistent view. An estate the viewer has nothing to do with does not exist for them: NotFound."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock
        self._looks = PersonalLooks(units, clock)
        self.over = OverEstates(units, clock)
        self.alert_history, self.closed = AlertHistory(units, clock), ClosedMatters(units, clock)
        self.remembered: tuple[EmergencyNumbers, ...] = ()
        """What `emergency` said last, for when the storage cannot be asked."""

    def estates(self, viewer: Viewer) -> list[views.EstateView]:
        with self._units.reading() as uow:
            known, now = uow.registers.every(), self._clock.now()
            return [Depiction(one, now).estate() for one in known if viewer is None or one.estate.id in viewer.estates]

    def emergency(self) -> tuple[EmergencyNumbers, ...]:
        """The numbers of the countries in which estates of this service lie, for who has not signed in."""
        with self._units.reading() as uow:
            regions = [estate.days.region for estate in uow.registers.estates()]
        self.remembered = numbers_of_all(regions or [DEFAULT_REGION])
        return self.remembered

    def board(self, estate: str, viewer: Viewer) -> views.BoardView:
        """Open tasks, most urgent first: life safety, then what nobody answered, then severity, then the oldest."""
        with self._units.reading() as uow:
            depict = self._depict(uow, estate, viewer)
            sight = Sight(uow, depict.register, viewer)
            tasks = self._task_views(uow, depict, sight.open(), viewer)
            return board_view(uow, [depict], tasks)

    def tasks(
        self,
        estate: str,
        viewer: Viewer,
        *,
        closed: bool = False,
        limit: int = 50,
        before: tuple[datetime, str] | None = None,
    ) -> list[views.TaskView]:
        """Open tasks most urgent first, or (`closed`) those that are over, last closed first, after the one
        that was closed at that moment and has that id (`before`).
        """
        with self._units.reading() as uow:
            depict = self._depict(uow, estate, viewer)
            sight = Sight(uow, depict.register, viewer)
            found = sight.closed(limit, before) if closed else sight.open()
            shown = self._task_views(uow, depict, found, viewer)
            return shown if closed else sorted(shown, key=urgency)[:limit]

    def task(self, task_id: str, viewer: Viewer) -> views.TaskView:
        with self._units.reading() as uow:
            task = uow.tasks.get(task_id)
            depict = self._depict(uow, task.estate, viewer) if task else None
            if task is None or depict is None or not Sight(uow, depict.register, viewer).task(task):
                raise NotFound(f"There is no task {task_id!r}.", "没有这个任务")
            return self._task_views(uow, depict, [task], viewer)[0]

    def incident(self, incident_id: str, viewer: Viewer) -> views.IncidentView:
        """Everything about one incident: task, alerts, timeline, notes, why-me trace, verification ticks, call sheet.
        That a member read what others wrote is an entry of the ledger.
        """
        view = self._incident(incident_id, viewer)
        if viewer is not None and any(
            note.erased_at is None and note.member.id != viewer.member.id for note in view.notes
        ):
            self._looks.note(viewer, view.task.estate, incident_id, PersonalClass.NOTE)
        if viewer is not None and any(one.words or one.contact or one.more for one in view.reports):
            self._looks.note(viewer, view.task.estate, f"{incident_id}:reports", PersonalClass.REPORTER)
        return view

    def _incident(self, incident_id: str, viewer: Viewer) -> views.IncidentView:
        with self._units.reading() as uow:
            incident, task = uow.incidents.get(incident_id), uow.tasks.of_incident(incident_id)
            depict = self._depict(uow, incident.estate, viewer) if incident else None
            sight = Sight(uow, depict.register, viewer) if depict else None
            if incident is None or task is None or depict is None or sight is None or not sight.task(task):
                raise NotFound(f"There is no incident {incident_id!r}.", "没有这个事件")
            shown = self._task_views(uow, depict, [task], viewer)[0]
            return WholeIncident(uow, depict, sight, task, incident).view(shown, viewer.member if viewer else None)

    def alerts(self, estate: str, viewer: Viewer) -> list[views.AlertView]:
        """What fires now, whatever incident it belongs to and whether its cause hides it, oldest first."""
        with self._units.reading() as uow:
            depict = self._depict(uow, estate, viewer)
            sight = Sight(uow, depict.register, viewer)
            firing = sight.alerts(uow.alerts.firing(estate))
            firing.sort(key=lambda alert: (alert.started_at or depict.now, alert.id))
            return [depict.alert(alert) for alert in firing]

    def places(self, estate: str, viewer: Viewer) -> list[views.PlaceView]:
        with self._units.reading() as uow:
            depict = self._depict(uow, estate, viewer)
            return [depict.place(place.id) for place in sorted(depict.register.places, key=lambda place: place.id)]

    def parties(self, estate: str, viewer: Viewer) -> list[views.ServingPartyView]:
        with self._units.reading() as uow:
            register = self._depict(uow, estate, viewer).register
            return [
                serving_party_view(party)
                for party in register.parties.values()
                if party.external or register.seen_by(party)
            ]

    def equipment(self, estate: str, viewer: Viewer) -> list[views.EquipmentView]:
        """The register of equipment with which the viewer has to do, with how many alerts fire at each."""
        with self._units.reading() as uow:
            depict = self._depict(uow, estate, viewer)
            sight = Sight(uow, depict.register, viewer)
            firing: dict[str, int] = {}
            for alert in sight.alerts(uow.alerts.firing(estate)):
                firing[alert.fingerprint.equipment] = firing.get(alert.fingerprint.equipment, 0) + 1
            return [
                depict.equipment(item.id, item.place_id, firing.get(item.id, 0))
                for item in depict.register.equipment.values()
                if sight.equipment(item)
            ]

    def points_seen(self, estate: str, points: Iterable[str], viewer: Viewer) -> list[str]:
        """Which of these points belong to equipment that the viewer's duties have to do with."""
        with self._units.reading() as uow:
            register = self._depict(uow, estate, viewer).register
            return Sight(uow, register, viewer).points(points)

    def duties(self, estate: str, viewer: Viewer) -> list[DutyView]:
        with self._units.reading() as uow:
            matrix = self._depict(uow, estate, viewer).register.matrix
            return [duty_view(duty) for duty in matrix.duties]

    def nodes(self, estate: str, viewer: Viewer) -> list[node_views.NodeView]:
        """The fleet: every node that is registered or has spoken, by name."""
        with self._units.reading() as uow:
            depict = self._depict(uow, estate, viewer)
            heard = {node.id: node for node in uow.nodes.of(estate)}
            streams = uow.batches.progress_of(estate)
            refused = uow.dead_letters.count(estate)
            losses = uow.losses.of(estate)
            names = heard.keys() | depict.register.nodes.keys() | refused.keys()
            return [
                depict.node(
                    name,
                    heard.get(name),
                    [stream for stream in streams if stream.node_id == name],
                    refused.get(name, 0),
                    [one for one in losses if one.node_id == name],
                )
                for name in sorted(names)
            ]

    def boots(
        self, estate: str, node: str, viewer: Viewer, *, limit: int = 100, before: str | None = None
    ) -> list[node_views.BootView]:
        """When the boots of a node began whose records have no other time, the latest first, after the boot `before`."""
        with self._units.reading() as uow:
            self._depict(uow, estate, viewer)
            return [
                node_views.BootView(
                    boot=boot.boot,
                    at=_moment(boot.offset),
                    earliest=None if boot.earliest is None else _moment(boot.earliest),
                    latest=_moment(boot.latest),
                )
                for boot in uow.boots.of(NodeAddress(estate, node), limit, before)
            ]

    def dead_letters(
        self, viewer: Viewer, *, limit: int = 100, before: str | None = None
    ) -> list[node_views.DeadLetterView]:
        """What could never be taken, newest first, after the one with the id `before`; a viewer sees those of their estates."""
        with self._units.reading() as uow:
            estates = None if viewer is None else viewer.estates
            found = uow.dead_letters.latest(estates=estates, limit=limit, before=before)
            return [dead_letter_view(letter) for letter in found]

    def ledger_since(self, estate: str, seq: int, viewer: Viewer, *, limit: int = 500) -> LedgerPage:
        """Entries after `seq`, oldest first, told to people: what a live stream sends. Ids of events are their `seq`."""
        with self._units.reading() as uow:
            depict = self._depict(uow, estate, viewer)
            entries = uow.ledger.since(estate, seq, limit)
            concerns = concerns_among(uow, depict.register, entries)
            sees = Sight(uow, depict.register, viewer).outlook.sees
            shown = [entry for entry in entries if sees(concerns.get(entry.seq))]
            lines = [depict.line(entry, private=_of_a_home(concerns.get(entry.seq))) for entry in shown]
            return LedgerPage(lines, entries[-1].seq if entries else seq)

    def told(self, estate: str, seq: int, *, limit: int = 500) -> list[tuple[views.LineView, Concern | None]]:
        """The same as the program itself sees it, each line with whom it concerns: judged once for all who read it."""
        with self._units.reading() as uow:
            depict = self._depict(uow, estate, None)
            entries = uow.ledger.since(estate, seq, limit)
            concerns = concerns_among(uow, depict.register, entries)
            found = [(entry, concerns.get(entry.seq)) for entry in entries]
            return [(depict.line(entry, private=_of_a_home(concern)), concern) for entry, concern in found]

    def outlook(self, estate: str, viewer: Identity) -> Outlook:
        """What the viewer sees of the estate, to judge what is `told`."""
        with self._units.reading() as uow:
            return outlook(self._depict(uow, estate, viewer).register, viewer.member)

    def outlook_on(self, incident_id: str, viewer: Identity) -> tuple[str, Outlook]:
        """The estate of an incident that the viewer sees, and what they see of it."""
        with self._units.reading() as uow:
            incident = uow.incidents.get(incident_id)
            sight = Sight(uow, self._depict(uow, incident.estate, viewer).register, viewer) if incident else None
            if incident is None or sight is None or not sight.matter(incident_id):
                raise NotFound(f"There is no incident {incident_id!r}.", "没有这个事件")
            return incident.estate, sight.outlook

    def ledger_entries(self, estate: str, seq: int, viewer: Viewer, *, limit: int = 500) -> Sequence[Entry]:
        """Entries after `seq` as they stand in the chain; what is not for the viewer is `withheld`."""
        with self._units.reading() as uow:
            sight = Sight(uow, self._depict(uow, estate, viewer).register, viewer)
            return sight.veiled(uow.ledger.since(estate, seq, limit))

    def ledger_head(self, estate: str, viewer: Viewer) -> Head:
        with self._units.reading() as uow:
            self._depict(uow, estate, viewer)
            return uow.ledger.head(estate)

    def ledgers_reached(self, estates: Collection[str]) -> Mapping[str, int]:
        """The last sequence in each of these estates' ledgers, for the program itself; those without an entry are left out."""
        with self._units.reading() as uow:
            return uow.ledger.reached(estates)

    def register(self, estate: str, viewer: Viewer) -> Register:
        """The whole snapshot, for background work that routes, names and addresses by itself."""
        with self._units.reading() as uow:
            return self._depict(uow, estate, viewer).register

    def _depict(self, uow: UnitOfWork, estate: str, viewer: Viewer) -> Depiction:
        register = uow.registers.find(estate)
        if register is None or (viewer is not None and estate not in viewer.estates):
            raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
        return Depiction(register, self._clock.now())

    @staticmethod
    def _task_views(uow: UnitOfWork, depict: Depiction, tasks: Sequence[Task], viewer: Viewer) -> list[views.TaskView]:
        ids = [task.incident_id for task in tasks]
        incidents, alerts = uow.incidents.among(ids), uow.alerts.of_incidents(ids)
        member = viewer.member if viewer else None
        return [
            depict.task(task, incidents[task.incident_id], alerts.get(task.incident_id, ()), member) for task in tasks
        ]


def _of_a_home(concern: Concern | None) -> bool:
    return concern is not None and private(concern.hazard)


def _moment(micros: int) -> datetime:
    """What a monotonic clock of a thousand years makes of the time is told as 1970."""
    return from_micros(max(micros, 0))
