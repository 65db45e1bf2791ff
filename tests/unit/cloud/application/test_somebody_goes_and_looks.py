"""Who says that they go and look after a claim keeps the others from being asked, for a bounded time (governance.md, Verification)."""

from __future__ import annotations

import pytest

from cloud.domain.records.ledger import Kind
from cloud.domain.tasks.actions import Action
from cloud.domain.tasks.task import ResolutionReason as Why
from cloud.errors import Conflict, NotAllowed
from tests.fakes.channels import FakeChannel, reach, sender, sends_all

LIFT = ("lift.entrapment", "b1/lift-1")


@pytest.fixture
def claimed(scene):
    """Somebody was in the lift and is said to be out; the alarm is quiet. The task's id."""
    number = scene.rings(*LIFT)
    task = scene.only_task().id
    scene.act.acknowledge(task, "technician")
    scene.act.start(task, "technician")
    scene.act.resolve(task, "technician", Why.MITIGATED)
    scene.falls_quiet(*LIFT, number)
    return task


def asked(scene):
    return scene.kinds(scene.only_task()).count(Kind.LOOK_ASKED)


def passes(scene, minutes):
    """The clock's minutes, each with its timers."""
    for _ in range(minutes):
        scene.passes(minutes=1)


def test_nobody_else_is_asked_until_the_limit_to_be_on_site_is_over(scene, claimed):
    passes(scene, 7)
    before = asked(scene)
    scene.verify.look(claimed, "guard")
    passes(scene, 29)
    assert asked(scene) == before
    assert scene.only_task().look.party.id == "property"
    passes(scene, 1)
    assert asked(scene) == before + 1
    line = next(one for one in reversed(scene.ledger()) if one.kind == Kind.LOOK_ASKED)
    assert line.data["unkept"] == ["property"]
    assert scene.only_task().look is None


def test_who_comes_and_verifies_ends_the_asking(scene, claimed):
    scene.verify.look(claimed, "guard")
    scene.verify.check(claimed, "guard")
    before = asked(scene)
    passes(scene, 120)
    assert asked(scene) == before


def test_who_cannot_go_after_all_has_the_others_asked_at_once(scene, claimed):
    scene.verify.look(claimed, "guard")
    before, told = asked(scene), len(scene.told())
    scene.verify.cannot_look(claimed, "guard")
    assert asked(scene) == before + 1
    assert ("lift-firm", "verify") in scene.told()[told:] or ("property", "verify") in scene.told()[told:]
    passes(scene, 5)
    assert asked(scene) == before + 2, "and they go on being asked"


def test_who_cannot_go_is_left_in_peace_while_colleagues_are_asked(scene, claimed):
    voice = FakeChannel(rings=True)
    for member in ("guard", "manager"):
        reach(scene.units, member, f"voice:{member}")
    sends_all(sender(scene, {"voice": voice}))
    scene.verify.look(claimed, "guard")
    scene.verify.cannot_look(claimed, "guard")
    del voice.delivered[:]
    sends_all(sender(scene, {"voice": voice}))
    rung = [one.address for one in voice.delivered if one.about.reason == "verify"]
    assert rung == ["manager"]


def test_no_chain_of_promises_silences_what_life_depends_on(scene, claimed):
    """However many of them say that they go, an hour after the first the asking goes on."""
    scene.verify.look(claimed, "guard")
    for minute in range(1, 200):
        scene.passes(minutes=1)
        allowed = scene.queries.task(claimed, scene.identity("guard")).allowed
        if Action.LOOK in allowed:
            scene.verify.look(claimed, "guard")
        if minute == 60:
            an_hour_on = asked(scene)
    assert asked(scene) - an_hour_on >= 139 // 5


def test_who_did_the_work_does_not_go_and_look(scene, claimed):
    with pytest.raises(NotAllowed, match="never verifies it alone"):
        scene.verify.look(claimed, "technician")


def test_one_goes_at_a_time_and_only_who_goes_can_take_it_back(scene, claimed):
    scene.verify.look(claimed, "guard")
    with pytest.raises(Conflict, match="already"):
        scene.verify.look(claimed, "manager")
    with pytest.raises(Conflict, match="not said"):
        scene.verify.cannot_look(claimed, "manager")


def test_a_promise_holds_for_the_claim_it_was_made_of(scene, claimed):
    scene.verify.look(claimed, "guard")
    scene.act.reopen(claimed, "guard")
    scene.passes(minutes=1)
    scene.act.acknowledge(claimed, "technician")
    scene.act.resolve(claimed, "technician", Why.MITIGATED)
    before = asked(scene)
    assert scene.only_task().look is None
    passes(scene, 5)
    assert asked(scene) == before + 1


def test_a_sensor_that_goes_on_firing_is_heard_all_the_same(scene):
    scene.rings(*LIFT)
    task = scene.only_task().id
    scene.act.acknowledge(task, "technician")
    scene.act.start(task, "technician")
    scene.act.resolve(task, "technician", Why.FIXED)
    scene.verify.look(task, "guard")
    passes(scene, 2)
    assert scene.only_task().reopened_count == 1


def test_whoever_was_asked_is_told_that_somebody_goes(scene, claimed):
    voice = FakeChannel(rings=True)
    quiet = FakeChannel()
    for member in ("guard", "manager"):
        reach(scene.units, member, f"voice:{member}", f"app:{member}")
    sends_all(sender(scene, {"voice": voice, "app": quiet}))
    scene.verify.look(claimed, "guard")
    sends_all(sender(scene, {"voice": voice, "app": quiet}))
    told = {(one.address, one.about.reason.value) for one in quiet.delivered}
    assert ("manager", "handled") in told
    assert ("guard", "handled") not in told
