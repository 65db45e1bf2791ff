"""Parties work together: they wait, whistle, object, have a dispute decided; a door that is mended and is not."""

from __future__ import annotations

from datetime import timedelta

from cloud.application.asking.personal_looks import PersonalLooks
from cloud.domain.records.personal import PersonalClass
from cloud.domain.tasks.calls import Ground
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, cleared
from tests.faults.governance.stories.deeds import deed, fixed, rings
from tests.faults.governance.walking import Story, step
from tests.faults.governance.world import World

DOOR, LIFT = "access.forced-open", "lift.door-fault"


def _note(w: World) -> None:
    w.act.note(w.task(DOOR).id, "manager", "the bolt is bent")


def _looks(w: World) -> None:
    PersonalLooks(w.units, w.clock).note(w.identity("manager"), ESTATE, "reporter:1", PersonalClass.REPORTER)


JOINT_WORK: Story = [
    rings("a door is forced", DOOR, "b1/door", 1),
    deed("acknowledge", DOOR, "guard"),
    step("somebody notes what they saw", _note),
    step("somebody looks at what is personal", _looks),
    deed("ask_for_whistle", DOOR, "guard", Ground.NOT_SOLVABLE_ALONE, ["police"], title="a whistle is wished for"),
    deed("refuse_whistle", DOOR, "street-officer", "try the locksmith first"),
    deed("ask_for_whistle", DOOR, "guard", Ground.NOT_SOLVABLE_ALONE, ["police"], title="it is wished for again"),
    deed("whistle", DOOR, "street-officer", Ground.NOT_SOLVABLE_ALONE, []),
    deed("decline", DOOR, "constable", "a lock is no offence"),
    deed(
        "judge",
        DOOR,
        "street-officer",
        "police",
        "there may be a burglar",
        title="an objection is rejected",
        consents=False,
    ),
    deed("decline", DOOR, "constable", "all cars are out", title="it is objected again"),
    deed("judge", DOOR, "street-officer", "police", "granted", title="an objection is upheld", consents=True),
    deed("ask_for_help", DOOR, "guard", ["operator"]),
    deed("release", DOOR, "guard", "operator", "the door has opened"),
    deed("start", DOOR, "guard"),
    fixed(DOOR, "guard"),
    deed("reopen", DOOR, "manager"),
    rings("a lift's door does not close", LIFT, "b1/lift-1", 2),
    deed("acknowledge", LIFT, "technician"),
    deed("hold", LIFT, "technician", "waiting-for-parts", START + timedelta(days=2)),
    deed("decline", LIFT, "technician", "the contract ended"),
    deed("decline", LIFT, "guard", "lifts are the maintainer's"),
    deed("arbitrate", LIFT, "street-officer", "property", "the contract is theirs"),
    deed("cancel", LIFT, "manager", "the lift was taken out of service yesterday"),
    step("the door is quiet", lambda w: w.send(cleared(DOOR, "b1/door", 1), seq=3)),
]
