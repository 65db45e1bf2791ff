from __future__ import annotations

from importlib.resources import files
from typing import get_args

import pytest
from babel.messages.pofile import read_po

from cloud.application.fleet.configure_nodes import Progress as RolloutProgress
from cloud.domain.accounts.screen import ScreenState
from cloud.domain.community.party import PartyKind
from cloud.domain.duties.channels import Answering
from cloud.domain.duties.coverage import Gap
from cloud.domain.duties.duty import Need
from cloud.domain.duties.escalation import Condition
from cloud.domain.duties.reach import Ground
from cloud.domain.duties.reached import CallRole
from cloud.domain.duties.register import EquipmentKind
from cloud.domain.fleet.card_key import Step
from cloud.domain.fleet.configuration import Outcome, Standing
from cloud.domain.fleet.credential import RevocationReason
from cloud.domain.fleet.order import OrderState
from cloud.domain.tasks.actions import Action
from cloud.domain.tasks.assignment import AssignmentRole, AssignmentState
from cloud.domain.tasks.clock import ClockKind
from cloud.domain.tasks.task import ResolutionReason, TaskState
from cloud.entrypoints.web import account_words, duty_words, fleet_words, words
from cloud.entrypoints.web.fleet import Condition as NodeCondition
from cloud.entrypoints.web.language import catalogue_path, load_catalogues
from schemas.batch import ClockState
from schemas.commands import Action as Command
from schemas.hazards import Family, Severity
from tests.unit.cloud.web.extraction import messages


@pytest.fixture(scope="module")
def catalogue():
    with (files("cloud.entrypoints.web") / catalogue_path("zh")).open("rb") as po:
        return read_po(po, locale="zh_CN")


def test_every_message_on_screen_has_its_chinese(catalogue):
    missing = [f"{where}: {message}" for message, where in messages().items() if not catalogue.get(message)]
    assert not missing, "add these to the catalogue:\n" + "\n".join(missing)
    empty = [str(entry.id) for entry in catalogue if entry.id and not entry.string]
    assert not empty


def test_nothing_is_fuzzy_or_left_over(catalogue):
    assert not [entry.id for entry in catalogue if entry.fuzzy and entry.id]
    left_over = {entry.id for entry in catalogue if entry.id} - messages().keys()
    assert not left_over, "no page says these any more"


def test_placeholders_are_the_same_in_both_languages(catalogue):
    faults = [(entry.id, list(entry.check())) for entry in catalogue if entry.id and list(entry.check())]
    assert not faults


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (words.TASK_STATES, TaskState),
        (words.SAID, Action),
        (fleet_words.CONDITIONS, NodeCondition),
        (account_words.SCREENS, ScreenState),
        (words.REASONS, ResolutionReason),
        (fleet_words.REVOCATIONS, RevocationReason),
        (words.ROLES, AssignmentRole),
        (words.ASSIGNMENTS, AssignmentState),
        (words.SEVERITIES, Severity),
        (words.FAMILIES, get_args(Family)),
        (words.CLOCKS, ClockKind),
        (words.ACTIONS, Action),
        (words.NEEDS, Need),
        (words.EQUIPMENT, EquipmentKind),
        (fleet_words.NODE_CLOCKS, ClockState),
        (fleet_words.CONFIGURATIONS, Standing),
        (fleet_words.OUTCOMES, Outcome),
        (fleet_words.CARD_KEYS, Step),
        (fleet_words.ROLLOUT_PROGRESS, RolloutProgress),
        (fleet_words.COMMANDS, get_args(Command)),
        (fleet_words.ORDERS, OrderState),
        (duty_words.PARTY_KINDS, PartyKind),
        (duty_words.CALL_ROLES, CallRole),
        (duty_words.CONDITIONS, Condition),
        (duty_words.GROUNDS, Ground),
        (duty_words.ANSWERING, Answering),
        (duty_words.GAPS, Gap),
    ],
)
def test_every_value_of_the_domain_has_a_word(table, values):
    assert {str(value) for value in values} <= table.keys()


def test_the_catalogue_speaks_when_the_program_starts():
    catalogues = load_catalogues()
    assert catalogues["zh"].gettext("Board") == "看板"
    assert catalogues["en"].gettext("Board") == "Board"
