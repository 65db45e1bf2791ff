"""An estate that names no duties answers by the matrix of its country, and dials that country's numbers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cloud.adapters.estate_file import read_estate, regulated_work
from cloud.application.estates.load_estate import LoadEstate
from cloud.application.estates.sign_in import Identity
from cloud.application.exchange.board import Board, Wording
from cloud.application.incidents.watch_coverage import WatchCoverage
from cloud.application.intake.known_here import KnownHere
from cloud.application.intake.report_hazard import Given
from cloud.domain.community.access import Purpose
from cloud.domain.community.hours import ALWAYS
from cloud.domain.community.means import Means
from cloud.domain.duties.channels import Channels
from cloud.domain.duties.coverage import coverage
from cloud.domain.exchange.posting import Good, Side
from cloud.domain.incidents.report import Concern
from cloud.errors import Invalid
from deploy.example import ESTATE_FILE, ESTATE_FILE_GB
from schemas.topics import NodeAddress
from tests.fakes.clocks import START
from tests.fakes.estate import NodeOnPaper, raised

ID = "example-gb"


class Court:
    """The estate in Great Britain, beside the one that every scene has."""

    def __init__(self, scene):
        self.scene = scene
        LoadEstate(scene.units, scene.clock)(read_estate(ESTATE_FILE_GB))
        self.node = NodeOnPaper(scene.clock.now, "a-node", "0197a600-0000-7000-8000-0000000000ab")
        self.node.address = NodeAddress(ID, "a-node")
        self.number = 0

    def rings(self, hazard, equipment):
        self.number += 1
        self.scene.record(self.node.batch(raised(hazard, equipment, self.number)))

    def task(self):
        (task,) = self.scene.queries.board(ID, None).tasks
        return task

    def told(self):
        with self.scene.units.reading() as uow:
            return [n for n in uow.outbox.unsent(self.scene.clock.now(), 1000) if n.estate == ID]


@pytest.fixture
def court(scene):
    return Court(scene)


def test_a_trapped_passenger_climbs_to_999_and_the_limits_are_the_countrys_own(court):
    court.rings("lift.entrapment", "a/lift-1")
    task = court.task()
    assert task.responsible.id == "court-lifts"
    with court.scene.units.reading() as uow:
        assert uow.tasks.get(task.id).tto.due_at == START + timedelta(minutes=5)
    court.scene.passes(minutes=5)
    assert ("managing-agent", "escalated") in {(n.party_id, n.reason.value) for n in court.told()}
    court.scene.passes(minutes=5)
    dialled = {n.phone for n in court.told() if n.reason.value == "call_sheet"}
    assert dialled == {"999"}
    assert [call.phone for call in court.scene.incident(task).call_sheet] == ["999"]


@pytest.mark.parametrize(
    ("severity", "answer", "done"), [("minor", 60, 24 * 60), ("major", 30, 8 * 60), ("critical", 5, 3 * 60)]
)
def test_a_lift_fault_is_answered_by_severity(court, severity, answer, done):
    court.number += 1
    court.scene.record(court.node.batch(raised("lift.run-timeout", "a/lift-1", court.number, severity=severity)))
    with court.scene.units.reading() as uow:
        task = uow.tasks.get(court.task().id)
    assert (task.tto.due_at - START, task.ttr.due_at - START) == (
        timedelta(minutes=answer),
        timedelta(minutes=done),
    )
    regulated = {ref.value for step in task.duty.ladder.steps for ref in step.targets}
    assert "fire_rescue" in regulated, "what is not mended within 24 h is reported"


def test_a_presumed_fire_says_999_and_never_119(court):
    court.rings("fire.smoke", "a/smoke-1")
    court.rings("fire.smoke", "a/smoke-2")
    task = court.task()
    assert task.hazard == "fire.presumed"
    presumed = [n for n in court.told() if n.reason.value == "fire_presumed"]
    assert {n.phone for n in presumed} == {"999"}
    (line,) = [line for line in court.scene.incident(task).timeline if line.kind == "fire.presumed"]
    assert line.text.en.endswith("call 999 now")
    assert not any("119" in n.words.zh + n.words.en for n in court.told())
    (home,) = [one for one in court.scene.queries.estates(None) if one.id == ID]
    assert home.rescue_number == "999"


def test_who_reports_there_is_told_999_first(court):
    scene = court.scene
    spot = KnownHere(scene.units, scene.clock)(ID, "a/lift-1")
    assert spot.call == {"trapped": "999", "smoke": "999"}
    told = scene.report(Given(ID, "a/lift-1", Concern.TRAPPED))
    assert scene.follow.read(told.token).call == "999"
    assert {number for known in scene.queries.emergency() for number in known.by_number()} >= {"999", "119", "96333"}


def test_regulated_work_is_refused_there_by_the_law_of_that_country(court):
    scene = court.scene
    board = Board(scene.units, scene.clock, scene.ids, regulated_work)
    known = read_estate(ESTATE_FILE_GB).register(1)
    caretaker = Identity(known.members["caretaker"], Purpose.SESSION, frozenset(), (ID,))
    wording = Wording("time", "I can repair the lift", known.estate.place_id, ALWAYS)
    with pytest.raises(Invalid) as refused:
        board.post(ID, Side.OFFER, Good.SKILL, wording, caretaker)
    assert "LOLER 1998" in refused.value.problems[0]


def test_gas_has_a_line_of_its_own_there(court):
    court.rings("fire.co", "a/smoke-1")
    court.scene.passes(minutes=1)
    assert {n.phone for n in court.told() if n.reason.value == "call_sheet"} == {"0800111999", "999"}


def test_the_example_has_no_hole_for_trying_out_and_climbs_as_far_as_there_are_levels(court):
    known = read_estate(ESTATE_FILE_GB).register(1)
    assert coverage(known, Channels(console=True), START).holes == []
    watch = WatchCoverage(court.scene.units, court.scene.clock, court.scene.ids, Means(console=True))
    watch()  # The small estate beside it has a hole of its own.
    assert [task.hazard for task in court.scene.queries.board(ID, None).tasks] == []


def test_of_one_country_nothing_reaches_the_other():
    chinese, british = read_estate(ESTATE_FILE), read_estate(ESTATE_FILE_GB)
    assert {party.phone for party in british.parties if party.external} == {"999", "0800111999"}
    assert {party.phone for party in chinese.parties if party.external} == {"119", "96333", "120", "110"}
    assert {ref.value for row in british.duties for ref in row.call_sheet} <= {"999", "0800111999"}


def test_a_country_without_a_default_matrix_is_told_to_write_one(tmp_path):
    file = tmp_path / "estate.yaml"
    file.write_text(ESTATE_FILE_GB.read_text(encoding="utf-8").replace("region: GB,", "region: DE,"), encoding="utf-8")
    with pytest.raises(Invalid, match="no default matrix for 'DE'"):
        read_estate(file)
