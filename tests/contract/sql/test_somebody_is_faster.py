"""Where there are several writers, one that is faster undoes no person's answer."""

from __future__ import annotations

from cloud.application.notices.prepare import Calls
from cloud.application.tasks.answer_call import AnswerCall, Keypad, Pressed
from tests.fakes.channels import FakeChannel, reach, read_key, sender, sends_all
from tests.fakes.rivals import OvertakenSqlUnits
from tests.fakes.scene import Scene


def test_a_key_pressed_while_another_connection_changes_the_task_accepts_it(server):
    scene = Scene(OvertakenSqlUnits(server))
    voice = FakeChannel(rings=True)
    reach(scene.units, "technician", "voice:1")
    scene.rings("lift.entrapment", "b1/lift-1")
    sends_all(sender(scene, {"voice": voice}, calls=Calls("https://tocsin.example")))
    token = voice.delivered[0].callback.rpartition("/")[2]
    scene.units.rivals = 1
    answer = AnswerCall(scene.units, scene.clock, scene.act, scene.verify, lambda: Keypad("1", read_key))
    assert answer(token, b"key=1", {}) is Pressed.ACCEPTED
    assert scene.units.rivals == 0
    assert scene.only_task().state == "acknowledged"
