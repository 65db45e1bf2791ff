"""A program sends requests under keys, hears no answer, and sends them again."""

from __future__ import annotations

from datetime import timedelta

from cloud.application.answer_once import KEPT, AnswerOnce
from cloud.application.once_ports import CARRIED
from tests.faults.governance.stories.deeds import rings
from tests.faults.governance.walking import Story, step
from tests.faults.governance.world import World

KEY = "0f0e0d0c-0b0a-4908-8706-050403020100"


class PlainSeal:
    """Closes nothing, so that what is stored can be compared."""

    def close(self, key: str, text: bytes) -> str:  # noqa: ARG002 - the port has it
        return text.decode()

    def open(self, key: str, sealed: str) -> bytes:  # noqa: ARG002 - as above
        return sealed.encode()


def _once(w: World) -> AnswerOnce:
    return AnswerOnce(w.units, w.clock, PlainSeal())


def _begins(name: str):
    return lambda w: _once(w).begin(name, KEY, "digest")


def _ends(name: str):
    return lambda w: _once(w).end(name, KEY, b"answer")


def _notes(w: World) -> None:
    """What the request asks for, committed with the mark that it was done."""
    carried = CARRIED.set("done")
    try:
        w.act.note(w.task("access.forced-open").id, "guard", "the lock is broken")
    finally:
        CARRIED.reset(carried)


REQUESTS: Story = [
    rings("a door is forced", "access.forced-open", "b1/door", 1),
    step("a request begins", _begins("done")),
    step("it is done", _notes),
    step("its answer is kept", _ends("done")),
    step("it is sent again", _begins("done")),
    step("another begins", _begins("undone")),
    step("it was refused", _ends("undone")),
    KEPT + timedelta(seconds=1),
    step("what was kept for a day is forgotten", lambda w: _once(w).tidy()),
]
