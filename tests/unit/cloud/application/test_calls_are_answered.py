"""A key pressed in a call accepts the task for the member who was called, once."""

from dataclasses import replace

import pytest

from cloud.application.notices.prepare import Calls
from cloud.application.once_more import MOST_TRIES
from cloud.application.tasks.answer_call import AnswerCall, Keypad, Pressed
from cloud.domain.community.party import Membership, Role
from cloud.domain.incidents.report import Concern
from cloud.domain.records.delivery import CALL_LASTS
from cloud.domain.tasks.task import ResolutionReason
from cloud.errors import NotAllowed, NotFound, Stale, Unavailable
from tests.fakes.channels import FakeChannel, reach, read_key, sender, sends_all
from tests.fakes.estate import description
from tests.fakes.rivals import OvertakenUnits
from tests.fakes.scene import Scene


@pytest.fixture
def answer(scene):
    return AnswerCall(scene.units, scene.clock, scene.act, scene.verify, lambda: Keypad("1", read_key))


@pytest.fixture
def rung(scene):
    return technician_rung(scene)


def technician_rung(scene):
    """The token of the call in which the technician is asked to lead."""
    voice = FakeChannel(rings=True)
    reach(scene.units, "technician", "voice:1")
    scene.rings("lift.entrapment", "b1/lift-1")
    sends_all(sender(scene, {"voice": voice}, calls=Calls("https://tocsin.example")))
    (message,) = voice.delivered
    address, _, token = message.callback.rpartition("/")
    assert address == "https://tocsin.example/callbacks/voice"
    return token


def answers(scene):
    return [
        line.data["reason"]
        for line in scene.incident(scene.only_task()).timeline
        if line.kind == "notification.call-answered"
    ]


def test_the_key_that_accepts_makes_the_members_party_lead(scene, answer, rung):
    assert answer(rung, b"key=1", {}) is Pressed.ACCEPTED
    assert scene.only_task().state == "acknowledged"
    entry = next(entry for entry in scene.ledger() if entry.kind == "task.acknowledged")
    assert entry.actor == "member:technician"
    assert entry.causation_id.startswith("call:")
    assert answers(scene) == ["accepted"]


def test_it_answers_for_the_party_that_was_called_and_not_for_another_of_theirs(answer):
    """A technician who also helps at the property: the lift firm is called, though the property leads that one."""
    plain = description()
    members = tuple(
        replace(one, also=(Membership("property", Role.RESPONDER),)) if one.id == "technician" else one
        for one in plain.members
    )
    scene = Scene(estate=replace(plain, members=members))
    voice = FakeChannel(rings=True)
    reach(scene.units, "technician", "voice:1")
    scene.rings("access.forced-open", "b1/door")
    task = scene.only_task().id
    scene.act.acknowledge(task, "manager")
    scene.joint.ask_for_help(task, "manager", ["lift-firm"])
    sends_all(sender(scene, {"voice": voice}, calls=Calls("https://tocsin.example")))
    rung = next(one for one in voice.delivered if one.about.party_id == "lift-firm")
    token = rung.callback.rpartition("/")[2]
    answering = AnswerCall(scene.units, scene.clock, scene.act, scene.verify, lambda: Keypad("1", read_key))
    assert answering(token, b"key=1", {}) is Pressed.ACCEPTED
    assert {part.party.id: part.state.value for part in scene.only_task().assignments}["lift-firm"] == "accepted"


def test_it_answers_once_however_often_the_gateway_says_so(scene, answer, rung):
    answer(rung, b"key=1", {})
    revision = scene.only_task().revision
    assert answer(rung, b"key=1", {}) is Pressed.ANSWERED_ALREADY
    assert scene.only_task().revision == revision
    assert answers(scene) == ["accepted"]


def test_another_key_accepts_nothing_and_may_be_corrected(scene, answer, rung):
    assert answer(rung, b"key=7", {}) is Pressed.KEY_REFUSED
    assert scene.only_task().state == "new"
    assert answer(rung, b"key=1", {}) is Pressed.ACCEPTED
    assert answers(scene) == ["key_refused", "accepted"]


def test_who_presses_after_a_colleague_has_accepted_is_told_so(scene, answer, rung):
    scene.acknowledge("foreman")
    assert answer(rung, b"key=1", {}) is Pressed.ANSWERED_ALREADY
    assert answers(scene) == ["answered_already"]


def test_a_forged_callback_accepts_nothing(scene, answer, rung):
    with pytest.raises(NotAllowed):
        answer(rung, b"key=1", {"x-forged": "yes"})
    assert scene.only_task().state == "new"


def test_a_call_that_nobody_made_is_not_known(scene, answer, rung):
    with pytest.raises(NotFound):
        answer(rung + "x", b"key=1", {})


def test_a_key_pressed_when_its_time_is_up_accepts_nothing(scene, answer, rung):
    scene.clock.advance(seconds=CALL_LASTS.total_seconds())
    with pytest.raises(NotFound):
        answer(rung, b"key=1", {})
    assert scene.only_task().state == "new"


def test_a_crash_between_accepting_and_marking_the_key_as_used_loses_no_answer(scene, answer, rung, monkeypatch):
    def die(*_, **__):
        raise SystemExit

    monkeypatch.setattr(answer, "_note", die)
    with pytest.raises(SystemExit):
        answer(rung, b"key=1", {})
    monkeypatch.undo()
    assert scene.only_task().state == "acknowledged"
    assert answer(rung, b"key=1", {}) is Pressed.ACCEPTED


def overtaken(by):
    """A technician is rung, and others change the task so many times just when the key is pressed."""
    scene = Scene(OvertakenUnits())
    token = technician_rung(scene)
    scene.units.rivals = by
    return scene, AnswerCall(scene.units, scene.clock, scene.act, scene.verify, lambda: Keypad("1", read_key)), token


def test_a_key_pressed_while_another_changes_the_task_accepts_it():
    scene, answer, token = overtaken(by=MOST_TRIES - 1)
    assert answer(token, b"key=1", {}) is Pressed.ACCEPTED
    assert scene.only_task().state == "acknowledged"
    assert answers(scene) == ["accepted"]


def test_a_key_that_others_forestall_again_and_again_is_not_used_up():
    scene, answer, token = overtaken(by=MOST_TRIES)
    with pytest.raises(Unavailable, match="again"):
        answer(token, b"key=1", {})
    assert (scene.only_task().state, answers(scene)) == ("new", [])
    assert answer(token, b"key=1", {}) is Pressed.ACCEPTED


def test_who_says_which_state_they_saw_is_told_that_it_is_no_more():
    scene, _, _ = overtaken(by=1)
    task = scene.only_task()
    with pytest.raises(Stale, match="reload"):
        scene.act.acknowledge(task.id, "technician", revision=task.revision)
    assert scene.only_task().state == "new"


def test_a_key_that_changes_nothing_now_is_kept_for_when_it_does(scene, answer, rung):
    """The lift firm has let go, the property says that it is done while a technician of theirs is rung, a neighbour that it is not."""
    task = scene.only_task().id
    scene.act.acknowledge(task, "guard")
    scene.aside.decline(task, "technician", "not ours")
    scene.act.acknowledge(task, "guard")
    scene.act.resolve(task, "guard", ResolutionReason.FIXED)
    assert answer(rung, b"key=1", {}) is Pressed.ANSWERED_ALREADY
    scene.is_reported(Concern.TRAPPED, "b1/lift-1")
    assert answer(rung, b"key=1", {}) is Pressed.ACCEPTED


def keys_offered(scene, members, what):
    """Whether each is offered a key, by why they are told, after that has happened."""
    voice = FakeChannel(rings=True)
    for member in members:
        reach(scene.units, member, f"voice:{member}")
    what(scene)
    sends_all(sender(scene, {"voice": voice}, calls=Calls("https://tocsin.example")))
    return {(one.about.party_id, one.about.reason.value): one.callback is not None for one in voice.delivered}


def claims_alone(scene):
    """Nobody else has any work in it."""
    task = scene.only_task().id
    scene.act.acknowledge(task, "technician")
    scene.act.start(task, "technician")
    scene.act.resolve(task, "technician", ResolutionReason.FIXED)
    scene.clock.advance(minutes=6)
    scene.timers()


def claims(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    task = scene.only_task().id
    scene.act.acknowledge(task, "technician")
    scene.act.acknowledge(task, "guard")
    scene.act.start(task, "technician")
    scene.act.resolve(task, "technician", ResolutionReason.FIXED)


def test_who_is_rung_to_look_after_a_claim_says_with_the_key_that_they_go(scene, answer):
    voice = FakeChannel(rings=True)
    reach(scene.units, "guard", "voice:guard")
    claims(scene)
    sends_all(sender(scene, {"voice": voice}, calls=Calls("https://tocsin.example")))
    rung = next(one for one in voice.delivered if one.about.reason == "verify")
    token = rung.callback.rpartition("/")[2]
    assert answer(token, b"key=1", {}) is Pressed.ACCEPTED
    assert scene.only_task().state == "resolved"
    assert scene.only_task().look.party.id == "property"
    line = next(entry for entry in scene.ledger() if entry.kind == "task.second-look-promised")
    assert (line.actor, line.causation_id.partition(":")[0]) == ("member:guard", "call")
    assert answers(scene) == ["accepted"]


def test_a_key_that_says_one_goes_and_looks_says_nothing_once_a_colleague_does(scene, answer):
    voice = FakeChannel(rings=True)
    reach(scene.units, "guard", "voice:guard")
    claims(scene)
    sends_all(sender(scene, {"voice": voice}, calls=Calls("https://tocsin.example")))
    token = next(one for one in voice.delivered if one.about.reason == "verify").callback.rpartition("/")[2]
    task = scene.only_task().id
    scene.verify.look(task, "manager")
    assert answer(token, b"key=1", {}) is Pressed.ANSWERED_ALREADY
    scene.verify.cannot_look(task, "manager")
    assert answer(token, b"key=1", {}) is Pressed.ACCEPTED, "it was not used up"


def test_who_did_the_work_is_offered_no_key_to_look_after_it(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    offered = keys_offered(scene, ("technician",), lambda _: claims_alone(scene))
    assert offered.get(("lift-firm", "verify")) in (None, False)


def test_who_is_rung_to_decide_who_leads_is_offered_no_key(scene):
    def refused_twice(scene):
        scene.rings("lift.door-fault", "b1/lift-1")
        task = scene.only_task().id
        scene.aside.decline(task, "technician", "not ours")
        scene.aside.decline(task, "manager", "not ours")

    offered = keys_offered(scene, ("street-officer", "technician", "manager"), refused_twice)
    assert offered[("street", "arbiter_asked")] is False


def test_who_has_accepted_is_offered_no_key_and_who_is_asked_is(scene):
    def lost(scene):
        scene.rings("lift.entrapment", "b1/lift-1")
        scene.act.acknowledge(scene.only_task().id, "technician")
        scene.clock.advance(minutes=1)
        scene.is_born(1)
        scene.is_well()
        scene.is_born(2)
        scene.is_well()

    offered = keys_offered(scene, ("technician", "guard"), lost)
    assert offered[("property", "asked_to_support")] is True
    assert offered.get(("lift-firm", "track_lost")) is False
