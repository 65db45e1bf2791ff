"""A whole cloud in memory, with a node to speak to it and people to act in it."""

from __future__ import annotations

from datetime import datetime

from cloud.application.asking.queries import Queries
from cloud.application.asking.views import IncidentView, TaskView
from cloud.application.clock_ports import Doubts, never
from cloud.application.estates.load_estate import LoadEstate
from cloud.application.estates.sign_in import Identity
from cloud.application.intake.record_event import Recorded, RecordEvents
from cloud.application.intake.record_health import RecordHealth
from cloud.application.intake.record_presence import RecordPresence
from cloud.application.intake.report_hazard import Given, Reported, ReportHazard
from cloud.application.ports import UnitsOfWork
from cloud.application.tasks.act_on_task import Acted, ActOnTask
from cloud.application.tasks.attach_photo import AttachPhoto
from cloud.application.tasks.follow_reports import FollowReports
from cloud.application.tasks.join_forces import JoinForces
from cloud.application.tasks.merge_tasks import MergeTasks
from cloud.application.tasks.run_timers import RunTimers
from cloud.application.tasks.stand_down import StandDown
from cloud.application.tasks.step_aside import StepAside
from cloud.application.tasks.verify_task import VerifyTask
from cloud.domain.community.access import Purpose
from cloud.domain.duties.description import EstateDescription
from cloud.domain.incidents.report import Concern
from cloud.domain.records.ledger import Entry
from cloud.domain.tasks.witness import Stage
from schemas.batch import ClockState
from schemas.events import Event
from schemas.presence import ActiveOccurrence, Born, Died, Health, StreamDepth
from tests.fakes.assurance import FakePhotoFiles
from tests.fakes.clocks import AlwaysListening, CountingIds, FakeClock
from tests.fakes.estate import BOOT, ESTATE, OUTBOX, NodeOnPaper, cleared, description, raised
from tests.fakes.units import FakeUnitsOfWork


class Scene:
    """Verbs of a building and its people; what they lead to is read from the board."""

    def __init__(
        self, units: UnitsOfWork | None = None, estate: EstateDescription | None = None, *, load: bool = True,
        clock: FakeClock | None = None, doubted_until: Doubts = never,
    ) -> None:  # fmt: skip
        self.units = units or FakeUnitsOfWork()
        self.clock, self.ids, self.watch = clock or FakeClock(), CountingIds(), AlwaysListening()
        if load:
            LoadEstate(self.units, self.clock)(estate or description())
        self.record = RecordEvents(self.units, self.clock, self.ids)
        self.act = ActOnTask(self.units, self.clock, self.ids)
        self.aside = StepAside(self.units, self.clock, self.ids)
        self.joint = JoinForces(self.units, self.clock, self.ids)
        self.merge = MergeTasks(self.units, self.clock, self.ids)
        self.stand_down = StandDown(self.units, self.clock, self.ids)
        self.timers = RunTimers(self.units, self.clock, self.ids, self.watch, doubted_until)
        self.presence = RecordPresence(self.units, self.clock, self.ids)
        self.health = RecordHealth(self.units, self.clock, self.ids)
        self.queries = Queries(self.units, self.clock)
        self.pictures = FakePhotoFiles()
        self.attach = AttachPhoto(self.units, self.clock, self.ids, self.pictures)
        self.verify = VerifyTask(self.units, self.clock, self.ids)
        self.report = ReportHazard(self.units, self.clock, self.ids)
        self.follow = FollowReports(self.units, self.clock, self.ids, self.pictures)
        self.node = NodeOnPaper(self.clock.now)
        self._number = 0

    def photographs(self, task_id: str, member: str, stage: Stage = Stage.OTHER, raw: bytes = b"what was found") -> str:
        """A member adds a photo; its id."""
        self.attach(task_id, member, raw, stage)
        return str(self.ledger()[-1].data["photo"])

    def is_reported(self, concern: Concern | None, code: str, **extra: str) -> Reported:
        """A resident reports by the code at that place."""
        return self.report(Given(ESTATE, code, concern, **extra))

    def send(self, *events: Event, **extra: object) -> Recorded:
        return self.record(self.node.batch(*events, **extra))

    def rings(self, hazard: str, equipment: str, **extra: object) -> int:
        """An alarm is raised; its number, to clear it by."""
        self._number += 1
        self.send(raised(hazard, equipment, self._number, **extra))
        return self._number

    def falls_quiet(self, hazard: str, equipment: str, number: int) -> None:
        self.send(cleared(hazard, equipment, number))

    def passes(self, **span: float) -> datetime:
        """Time passes, and the timers run."""
        now = self.clock.advance(**span)
        self.timers()
        return now

    def board(self) -> list[TaskView]:
        return list(self.queries.board(ESTATE, None).tasks)

    def only_task(self) -> TaskView:
        (task,) = self.board()
        return task

    def over(self) -> list[TaskView]:
        return self.queries.tasks(ESTATE, None, closed=True)

    def incident(self, task: TaskView) -> IncidentView:
        return self.queries.incident(task.incident_id, None)

    def kinds(self, task: TaskView) -> list[str]:
        return [line.kind for line in self.incident(task).timeline]

    def ledger(self) -> list[Entry]:
        return list(self.queries.ledger_entries(ESTATE, 0, None, limit=10_000))

    def told(self) -> list[tuple[str, str]]:
        """(party, reason) of every notification, in order."""
        with self.units.reading() as uow:
            return [(n.party_id, n.reason.value) for n in uow.outbox.unsent(self.clock.now(), 10_000)]

    def identity(self, member: str) -> Identity:
        """Who asks, as a session of theirs would say."""
        with self.units.reading() as uow:
            known = uow.registers.member(member)
        assert known is not None, member
        return Identity(known, Purpose.SESSION, frozenset(), (ESTATE,))

    def acknowledge(self, member: str) -> Acted:
        return self.act.acknowledge(self.board()[0].id, member)

    def is_born(self, connection: int = 1, *active: tuple[int, str, str], boot: str = BOOT) -> bool:
        from tests.fakes.estate import occurrence

        born = Born(
            outbox=OUTBOX,
            boot=boot,
            connection=connection,
            agent_version="0.1.0",
            config_version=1,
            config_hash="abc",
            clock=ClockState.SYNCHRONISED,
            mono=1.0,
            equipment=[],
            active=[
                ActiveOccurrence(
                    occurrence=occurrence(number), rule="r", hazard=hazard, severity="critical", equipment=equipment
                )
                for number, hazard, equipment in active
            ],
        )
        return self.presence(self.node.address, born, self.clock.now())

    def dies(self, connection: int = 1, reason: str = "lost", boot: str = BOOT) -> bool:
        return self.presence(self.node.address, Died(boot=boot, connection=connection, reason=reason), self.clock.now())

    def is_well(self, **extra: object) -> None:
        facts: dict[str, object] = {
            "boot": BOOT,
            "mono": 5.0,
            "events": StreamDepth(batches=0, records=0),
            "telemetry": StreamDepth(batches=0, records=0),
            "outbox_bytes": 10,
            "outbox_quota_bytes": 1000,
            "disk_free_bytes": 10**9,
            "clock": ClockState.SYNCHRONISED,
        }
        self.health(self.node.address, Health.model_validate({**facts, **extra}), self.clock.now())
