"""A small estate on real storage, built with everything that serves it; what happens in it stands in `house_lived_in`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from sqlalchemy import Engine

from cloud.adapters.accounts.common_passwords import common_passwords
from cloud.adapters.calendars import CalendarFile
from cloud.adapters.estate_file import default_credit_table, regulated_work
from cloud.adapters.estate_file.country import Countries
from cloud.adapters.estate_file.files import Files
from cloud.adapters.estate_file.roll_table import RollTable
from cloud.adapters.estate_file.sheet import YamlSheet
from cloud.adapters.photos import PhotoShelf
from cloud.adapters.sealing import FernetSeal
from cloud.adapters.sql.units import SqlUnitsOfWork
from cloud.application.accounts.guesses import LabelGuesses
from cloud.application.accounts.keeping import Accounts, Organisation
from cloud.application.answer_once import AnswerOnce
from cloud.application.asking.building import AskBuildings
from cloud.application.asking.duty_questions import DutyQuestions
from cloud.application.asking.duty_room import AskDutyRoom
from cloud.application.asking.equipment_course import AskEquipment
from cloud.application.asking.export_tables import ExportTables
from cloud.application.asking.first_hour import AskFirstHour
from cloud.application.asking.public_matters import PublicMatters
from cloud.application.asking.public_requests import PublicRequests
from cloud.application.asking.public_warnings import PublicWarnings
from cloud.application.asking.queries import Queries
from cloud.application.consultation.consulting import Consulting
from cloud.application.consultation.keep_roll import KeepRoll
from cloud.application.consultation.take_roll import TakeRoll
from cloud.application.credit.crediting import Crediting
from cloud.application.credit.following import CreditFollows
from cloud.application.estates.amend_estate import AmendEstate
from cloud.application.estates.change_duties import ChangeDuties
from cloud.application.estates.import_estate import ImportEstate
from cloud.application.estates.keep_labels import KeepLabels
from cloud.application.estates.saved_views import SavedViews
from cloud.application.estates.sign_in import SignIn
from cloud.application.exchange.exchanging import Exchanging
from cloud.application.fleet.card_keying import CardKeying
from cloud.application.fleet.command_node import CommandNode
from cloud.application.fleet.configure_node import ConfigureNode
from cloud.application.fleet.node_questions import NodeQuestions
from cloud.application.identifiers import RandomIds
from cloud.application.intake.at_the_desk import AtTheDesk
from cloud.application.intake.at_the_label import AtTheLabel
from cloud.application.intake.known_here import KnownHere
from cloud.application.intake.report_hazard import ReportHazard
from cloud.application.intake.throttle import Throttle
from cloud.application.ledger.erase_personal import ErasePersonal, ListPersonal
from cloud.application.ledger.export_ledger import ExportLedger
from cloud.application.ledger.inspection import PrintRegister
from cloud.application.ledger.publish_heads import AskHeads
from cloud.application.rosters.at_home import AtHome
from cloud.application.rosters.reaching import Reaching
from cloud.application.rosters.through_channels import ThroughChannels
from cloud.application.tasks.act_on_task import ActOnTask
from cloud.application.tasks.assurance import Assurance
from cloud.application.tasks.join_forces import JoinForces
from cloud.application.tasks.merge_tasks import MergeTasks
from cloud.application.tasks.resident_home import AskResidentHome
from cloud.application.tasks.stand_down import StandDown
from cloud.application.tasks.step_aside import StepAside
from cloud.application.tasks.try_alarm import EndTest, TryAlarm
from cloud.application.timeseries import NodeCounts
from cloud.domain.community.names import Names
from cloud.domain.fleet.card_key import Rotation
from cloud.entrypoints.api.services import Published, Services, SettingUp
from cloud.entrypoints.feeds.tail import Feeds
from tests.fakes.clocks import SetClock
from tests.fakes.state import fresh_state
from tests.integration.cloud_web.house_ground import (
    Ground,
    accounts_on,
    enrolling_on,
    messaging_on,
    tuning_on,
    vault_in,
)
from tests.integration.cloud_web.house_lived_in import House
from tests.integration.cloud_web.house_register import ESTATE, register_of

__all__ = ["ESTATE", "House", "built_in"]


@contextmanager
def built_in(
    folder: Path,
    at: datetime | None = None,
    names: dict[str, Names] | None = None,
    organisation: Callable[[SetClock], Organisation] | None = None,
    *,
    empty: bool = False,
    engine: Engine | None = None,
) -> Iterator[House]:
    """The house on a database in that folder, or on that one; `empty`: a product in which nobody has set anything up."""
    feeds = Feeds()
    engine = engine or fresh_state(folder / "tocsin.db")
    clock = SetClock(at or datetime(2026, 5, 12, 19, 4, 10, tzinfo=UTC))
    ground = Ground(folder, SqlUnitsOfWork(engine, feeds), clock, feeds, empty=empty)
    units, common = ground.units, cache(common_passwords)
    sign_in, through = SignIn(units, clock), organisation(clock) if organisation else None
    services = _services(ground, sign_in, accounts_on(ground, sign_in, common, through))
    if not empty:
        with units.writing() as uow:
            uow.registers.store(register_of(names or {}), "digest")
            uow.commit()
    try:
        yield House(
            units,
            clock,
            feeds,
            ground.readings,
            services,
            ground.letterbox,
            ground.channels,
            ground.poster,
            engine,
            clock.now(),
            common,
            ground,
        )
    finally:
        engine.dispose()


def _services(ground: Ground, sign_in: SignIn, accounts: Accounts) -> Services:
    """Wired as `cloud.bootstrap.services` does it, on what stands in for the world."""
    units, clock, readings, folder, feeds = ground.units, ground.clock, ground.readings, ground.folder, ground.feeds
    credit = Crediting(units, clock, RandomIds(), default_credit_table)
    follows = CreditFollows(credit.granting)
    act = ActOnTask(units, clock, RandomIds(), follows.deed)
    buildings = AskBuildings(units, clock, readings)
    through = ThroughChannels(ground.channels, ground.letterbox, clock, RandomIds())
    return Services(
        queries=Queries(units, clock),
        act=act,
        messaging=messaging_on(ground, act),
        aside=StepAside(units, clock, RandomIds()),
        joint=JoinForces(units, clock, RandomIds()),
        merge=MergeTasks(units, clock, RandomIds()),
        stand_down=StandDown(units, clock, RandomIds()),
        sign_in=sign_in,
        accounts=accounts,
        enrolling=enrolling_on(ground),
        nodes=NodeQuestions(units, clock),
        configure=ConfigureNode(units, clock),
        tuning=tuning_on(ground),
        command=CommandNode(units, clock),
        card_keys=CardKeying(units, clock, RandomIds(), cache(lambda: vault_in(folder / "authority")), Rotation()),
        duties=ChangeDuties(units, clock, YamlSheet()),
        asked_duties=DutyQuestions(units, clock),
        export=ExportLedger(units, clock),
        heads=AskHeads(units),
        erase=ErasePersonal(units, clock),
        personal=ListPersonal(units, clock),
        registers=PrintRegister(units, clock),
        reach=Reaching.on(units, clock, RandomIds(), CalendarFile(), through, sign_in=sign_in),
        credit=credit,
        exchange=Exchanging(units, clock, RandomIds(), regulated_work, follows.small_task),
        consulting=Consulting(units, clock, RandomIds()),
        take_roll=TakeRoll(KeepRoll(units, clock, RandomIds()), RollTable),
        assurance=Assurance.on(units, clock, RandomIds(), PhotoShelf(folder / "photos"), follows.verdicts),
        report=ReportHazard(units, clock, RandomIds()),
        known_here=KnownHere(units, clock),
        at_the_label=AtTheLabel(units, clock, KnownHere(units, clock)),
        at_the_desk=AtTheDesk(units, clock, KnownHere(units, clock)),
        label_guesses=LabelGuesses(units, clock),
        labels=KeepLabels(units, clock),
        throttle=Throttle(units, clock),
        public=Published(PublicWarnings(units, clock), PublicMatters(units, clock), PublicRequests(units, clock)),
        once=AnswerOnce(units, clock, FernetSeal()),
        views=SavedViews(units, clock, RandomIds()),
        welfare=AtHome.on(units, clock, readings),
        duty_room=AskDutyRoom(units, clock),
        buildings=buildings,
        equipment=AskEquipment(units, clock, buildings),
        home=AskResidentHome(units, clock),
        setting_up=SettingUp(
            AskFirstHour(units, clock, ground.means),
            AmendEstate(units, clock, Countries()),
            ImportEstate(units, clock, Files),
            ExportTables(units, clock, Files),
            TryAlarm(units, clock, RandomIds()),
            EndTest(units, clock, RandomIds()),
            ground.keep_channels,
            "/etc/tocsin/cloud.toml",
        ),
        readings=readings,
        clock=clock,
        feeds=feeds,
        reading_counts=lambda _estate, _node: NodeCounts(stored=1842, readings=36840, duplicate=3),
    )
