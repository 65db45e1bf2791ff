"""A life-safety ladder ends in the call sheet, sounding in the duty room; a person calls and records it (governance.md)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.adapters.estate_file import default_duties
from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.estates.load_estate import LoadEstate
from cloud.application.fleet.command_node import CommandNode
from cloud.application.fleet.configure_node import ConfigureNode
from cloud.application.fleet.follow_node import FollowNode
from cloud.application.fleet.note_unanswered import NoteUnanswered
from cloud.application.fleet.tell_nodes import TellNodes
from cloud.application.incidents.duty_room import SOUNDS_FOR
from cloud.application.tasks.record_call import RecordCall
from cloud.domain.community.party import PartyRef
from cloud.domain.duties.duty import DutyMatrix, ends_in_call_sheet, with_safety_floor
from cloud.domain.duties.escalation import Condition, EscalationPolicy, Repeat, Step
from cloud.domain.duties.matrix_warnings import matrix_warnings
from cloud.domain.records.inspection import Book, belongs
from cloud.domain.records.ledger import Kind
from cloud.domain.records.notification import Reason
from cloud.domain.tasks.dialling import Outcome
from cloud.domain.tasks.task import ResolutionReason
from cloud.errors import Invalid, NotAllowed
from schemas.commands import Command, Receipt
from schemas.hazards import HAZARDS
from schemas.topics import NodeAddress
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, HOME, description
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state

LIFT = {"id": "b1/lift-1", "kind": "lift", "controller": {"host": "192.0.2.7"}}
BEACON = {"id": "duty", "purpose": "duty_beacon", "pin": 25, "fail_safe": "off"}


class Site(Scene):
    """A lift, a node with a beacon in the duty room, and people who may phone."""

    def __init__(self, units):
        super().__init__(units)
        self.heard = []
        self.tell = TellNodes(self.units, self.clock, self._published)
        self.calls = RecordCall(self.units, self.clock, self.ids)
        self.is_born()
        self.configure(BEACON)

    def configure(self, *outputs):
        document = {"equipment": [LIFT], "outputs": list(outputs)}
        ConfigureNode(self.units, self.clock).put(ESTATE, "b1-node", document, None, reason="test", seen=0)

    def _published(self, topic, payload, retained):
        if topic.endswith("/command") and not retained:
            self.heard.append(Command.model_validate_json(payload))
        return True

    def asked(self):
        self.tell()
        return [(command.action, command.arguments.get("seconds")) for command in self.heard]

    def goes_by(self, minutes):
        """Minute by minute, as the timers run, with a node that is heard."""
        for _ in range(minutes):
            self.is_well()
            self.passes(minutes=1)
            self.tell()

    def lines(self, *kinds):
        return [line.text.en for line in self.incident(self.only_task()).timeline if line.kind in kinds]


@pytest.fixture
def site(tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    yield Site(SqlUnitsOfWork(engine))
    engine.dispose()


def test_a_call_sheet_that_is_due_sounds_in_the_duty_room_until_a_named_person_has_accepted(site):
    site.rings("lift.entrapment", "b1/lift-1")
    site.goes_by(2)
    assert site.asked() == []
    site.goes_by(1)
    assert site.asked() == [("sound", SOUNDS_FOR.total_seconds())]
    site.acknowledge("technician")
    assert [action for action, _ in site.asked()] == ["sound", "hush"]
    assert {command.arguments["incident"] for command in site.heard} == {site.only_task().incident_id}
    assert site.lines(Kind.COMMAND_ASKED) == [
        "node b1-node was asked: sound the duty room: a call sheet is due",
        "node b1-node was asked: stop sounding the duty room",
    ]


def test_it_never_falls_silent_while_nobody_has_accepted(site):
    site.rings("lift.entrapment", "b1/lift-1")
    until = None
    for minute in range(60):
        before = len(site.heard)
        site.goes_by(1)
        if until is not None:
            assert site.clock.now() < until, f"silent after {minute} minutes"
        for command in site.heard[before:]:
            address = NodeAddress(ESTATE, "b1-node")
            FollowNode(site.units, site.clock).receipt(address, Receipt(command=command.id, outcome="done"))
            until = site.clock.now() + timedelta(seconds=command.arguments["seconds"])
    assert len(site.heard) < 12, "a node is not asked every two minutes"


def test_a_node_that_did_not_confirm_is_asked_again_and_that_is_said(site):
    site.rings("lift.entrapment", "b1/lift-1")
    site.goes_by(3)
    site.tell()
    site.clock.advance(seconds=61)
    site.is_well()
    assert NoteUnanswered(site.units, site.clock)() == 1
    site.goes_by(2)
    assert [action for action, _ in site.asked()] == ["sound", "sound"]
    assert "b1-node" in site.lines(Kind.COMMAND_UNANSWERED)[0]


def test_what_threatens_no_life_and_what_is_an_exercise_sounds_nowhere(site):
    site.rings("lift.overspeed", "b1/lift-1")
    site.rings("lift.entrapment", "b1/lift-2", mode="exercise")
    site.goes_by(40)
    assert ("property", "call_sheet") in site.told(), "its row names a number to phone, and that is said"
    assert site.asked() == []


def test_a_node_without_a_beacon_in_a_duty_room_is_not_asked(site):
    document = {"equipment": [LIFT], "outputs": [BEACON | {"purpose": "beacon"}]}
    ConfigureNode(site.units, site.clock).put(ESTATE, "b1-node", document, None, reason="moved", seen=None)
    site.rings("lift.entrapment", "b1/lift-1")
    site.goes_by(5)
    assert site.asked() == []


@pytest.mark.parametrize("action", ["sound", "hush"])
def test_nobody_sounds_or_silences_a_duty_room_from_afar(site, action):
    with pytest.raises(Invalid, match="not asked"):
        CommandNode(site.units, site.clock)(ESTATE, "b1-node", action, {"incident": "i1"}, None)


def test_a_person_calls_and_records_it_and_it_stands_on_the_timeline_and_the_sheet(site):
    site.rings("lift.entrapment", "b1/lift-1")
    task = site.only_task()
    site.calls(task.id, "guard", Outcome.NOBODY, number="96333")
    site.clock.advance(minutes=1)
    site.calls(task.id, "guard", Outcome.REACHED, number="96333", note="they send somebody")
    first, second = site.lines(Kind.CALL_MADE)
    assert (first.startswith("Property phoned "), first.endswith(": nobody answered")) == (True, True)
    assert second.endswith(": reached")
    sheet = {call.phone: call.last for call in site.incident(task).call_sheet}
    assert (sheet["96333"].outcome, sheet["96333"].by.id, sheet["119"]) == (Outcome.REACHED, "property", None)
    assert [note.text for note in site.incident(task).notes] == ["they send somebody"]


def test_recording_a_call_does_not_silence_the_call_sheet(site):
    site.rings("lift.entrapment", "b1/lift-1")
    site.goes_by(3)
    site.asked()
    told = len([one for one in site.told() if one[1] == "call_sheet"])
    site.calls(site.only_task().id, "guard", Outcome.REACHED, number="96333")
    assert site.only_task().state.value == "new"
    site.goes_by(4)
    assert [action for action, _ in site.asked()] == ["sound"]
    assert len([one for one in site.told() if one[1] == "call_sheet"]) > told


def test_whoever_hears_no_answer_and_says_it_again_has_said_it_once(site):
    site.rings("lift.entrapment", "b1/lift-1")
    task = site.only_task()
    one, other = (site.calls(task.id, "guard", Outcome.REACHED, number="96333") for _ in range(2))
    assert one.seq == other.seq
    site.clock.advance(minutes=1)
    assert site.calls(task.id, "guard", Outcome.REACHED, number="96333").seq > one.seq


def test_who_has_no_part_and_who_is_on_no_sheet(site):
    site.rings("lift.entrapment", "b1/lift-1")
    task = site.only_task()
    with pytest.raises(NotAllowed):
        site.calls(task.id, "watch", Outcome.REACHED, number="96333")
    with pytest.raises(Invalid, match="call sheet has 96333"):
        site.calls(task.id, "guard", Outcome.REACHED, number="555-0100")
    site.calls(task.id, "guard", Outcome.REACHED, party="street")


def test_calls_are_printed_in_the_registers(site):
    site.rings("fire.smoke", "b1/smoke-1")
    site.calls(site.only_task().id, "watch", Outcome.REACHED, number="119")
    (made,) = [entry for entry in site.ledger() if entry.kind == Kind.CALL_MADE]
    assert belongs(Book.CONTROL_ROOM, made, "fire.smoke")
    assert belongs(Book.MAINTENANCE, made, "lift.entrapment")
    assert made.data["to"] == ["fire-119"], "whom, not the number: a named officer's would be personal"


def test_a_lead_that_accepted_and_did_not_come_sounds_again_whoever_else_is_at_work(site):
    site.rings("lift.entrapment", "b1/lift-1")
    task = site.only_task()
    site.acknowledge("technician")
    site.act.acknowledge(task.id, "guard")
    site.act.start(task.id, "guard")
    site.goes_by(30)
    assert site.asked()[-1][0] == "sound", "the lead is not there at 30 minutes"
    site.acknowledge("technician")
    assert site.asked()[-1][0] == "hush"


def calls_the_property_for_ever(**changes):
    """A row as somebody may edit it: who is trapped has the property called every two minutes, and nobody phoned."""
    again = Repeat(timedelta(minutes=2))
    step = Step(
        timedelta(minutes=3), Condition.IF_NOT_ACKNOWLEDGED, (PartyRef("kind", "property_manager"),), repeat=again
    )
    plain = next(row for row in default_duties() if row.id == "lift-entrapment")
    row = replace(plain, ladder=EscalationPolicy((step,)), **changes)
    return replace(description(), duties=(row, *(other for other in default_duties() if other.id != row.id)))


def test_a_ladder_that_calls_for_ever_and_names_nobody_to_phone_ends_in_the_call_sheet_all_the_same(site):
    told = LoadEstate(site.units, site.clock)(calls_the_property_for_ever())
    assert sum("lift.entrapment a call sheet is added: 96333, 119 after 0:03:00" in one for one in told.warnings) == 1
    site.rings("lift.entrapment", "b1/lift-1")
    site.goes_by(3)
    with site.units.reading() as uow:
        sheet = {n.phone for n in uow.outbox.unsent(site.clock.now(), 1000) if n.reason is Reason.CALL_SHEET}
    assert sheet == {"96333", "119"}
    assert site.asked() == [("sound", SOUNDS_FOR.total_seconds())]
    assert site.told().count(("property", "escalated")) == 1, "whom the row calls for ever is not called twice"
    site.acknowledge("technician")
    before = len(site.told())
    site.goes_by(4)
    assert "call_sheet" not in {why for _, why in site.told()[before:]}


def test_where_the_duty_knows_no_number_whom_it_calls_is_phoned(site):
    LoadEstate(site.units, site.clock)(calls_the_property_for_ever(call_sheet=()))
    site.rings("lift.entrapment", "b1/lift-1")
    site.goes_by(3)
    assert ("lift-firm", "call_sheet") in site.told()
    assert ("property", "call_sheet") not in site.told(), "nobody is told to phone themselves"


def test_an_event_that_nobody_can_read_sounds_in_the_duty_room(site):
    site.rings("node.event-unreadable", "node/b1-node")
    site.goes_by(3)
    assert site.asked() == [("sound", SOUNDS_FOR.total_seconds())]
    assert ("operator", "call_sheet") in site.told(), "it is told to phone the property"


@pytest.mark.parametrize("rows", [default_duties(), default_duties("GB")])
def test_every_row_for_life_safety_that_is_delivered_names_whom_to_phone_for_ever(rows):
    fallback = PartyRef("id", "property")
    for known in HAZARDS.values():
        if known.life_safety:
            duty = with_safety_floor(DutyMatrix(1, rows).ranked(known.id, HOME, START)[0], fallback)
            assert any(ends_in_call_sheet(duty, step) for step in duty.ladder.steps), known.id
    assert list(matrix_warnings(rows)) == []


def test_a_beacon_that_never_confirms_is_asked_again_and_again_and_that_is_said_ever_more_rarely(site):
    site.rings("lift.entrapment", "b1/lift-1")
    for _ in range(60):
        site.goes_by(1)
        NoteUnanswered(site.units, site.clock)()
    asked = len(site.asked())
    assert asked > 25, "every sheet that is due asks for it"
    said = [len(site.lines(kind)) for kind in (Kind.COMMAND_ASKED, Kind.COMMAND_UNANSWERED)]
    assert said == [5, 5], f"of {asked}: 1, 2, 4, 8, 16"


def test_a_beacon_that_has_confirmed_in_between_is_news_again(site):
    site.rings("lift.entrapment", "b1/lift-1")
    for minute in range(12):
        site.goes_by(1)
        NoteUnanswered(site.units, site.clock)()
        if minute == 8:
            address = NodeAddress(ESTATE, "b1-node")
            FollowNode(site.units, site.clock).receipt(address, Receipt(command=site.heard[-1].id, outcome="done"))
    before = len(site.lines(Kind.COMMAND_ASKED))
    site.goes_by(8)
    assert len(site.lines(Kind.COMMAND_ASKED)) == before + 1


def test_what_is_said_to_be_nothing_sounds_on_and_what_is_closed_no_longer(site):
    """The technician says that he is on his way and is not there after half an hour: the call sheet sounds again."""
    number = site.rings("lift.entrapment", "b1/lift-1")
    task = site.only_task().id
    site.act.acknowledge(task, "technician")
    site.act.acknowledge(task, "guard")
    site.act.start(task, "guard")
    site.falls_quiet("lift.entrapment", "b1/lift-1", number)
    site.goes_by(20)
    site.act.note(task, "technician", "on my way")
    site.goes_by(10)
    assert [action for action, _ in site.asked()] == ["sound"]
    site.photographs(task, "guard")
    site.act.resolve(task, "guard", ResolutionReason.FALSE_ALARM)
    assert [action for action, _ in site.asked()] == ["sound"]
    site.act.close(task, "foreman")
    assert [action for action, _ in site.asked()] == ["sound", "hush"]


@pytest.mark.parametrize(("accepted", "then"), [(True, 1), (False, 0)])
def test_what_is_merged_sounds_no_longer_unless_nobody_has_accepted_what_it_went_into(site, accepted, then):
    site.rings("fire.smoke", "b1/smoke-1")
    site.rings("fire.co", "b1/smoke-2")
    site.goes_by(1)
    gas, smoke = (next(one for one in site.board() if one.hazard == known) for known in ("fire.co", "fire.smoke"))
    assert [action for action, _ in site.asked()] == ["sound", "sound"]
    if accepted:
        site.act.acknowledge(smoke.id, "guard")
    site.merge(gas.id, "street-officer", smoke.id)
    site.asked()
    hushed = [one.arguments["incident"] for one in site.heard if one.action == "hush"]
    assert hushed.count(gas.incident_id) == then
