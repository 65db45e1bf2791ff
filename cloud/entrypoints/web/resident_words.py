"""Words on the pages of residents for values of the domain; marked here, translated where they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cloud.domain.credit.rates import Measure
from cloud.domain.incidents.report import Concern
from cloud.domain.tasks.witness import Verdict
from cloud.entrypoints.web.language import N_

CONCERNS: Final[Mapping[str, str]] = {
    Concern.TRAPPED: N_("Somebody is trapped"),
    Concern.SMOKE: N_("Smoke or a smell of burning"),
    Concern.LIFT_FAULT: N_("The lift is out of order"),
    Concern.EXIT_OBSTRUCTED: N_("An escape route is blocked"),
    Concern.DOOR_OPEN: N_("The door stands open"),
    Concern.DOOR_FORCED: N_("The door was forced"),
}

VERDICTS: Final[Mapping[str, str]] = {
    Verdict.GOOD: N_("Solved, well done"),
    Verdict.BAD: N_("Solved badly"),
    Verdict.RETURNED: N_("Not solved"),
}

MEASURES: Final[Mapping[str, str]] = {
    Measure.RESPONSE: N_("Response"),
    Measure.SOLUTION: N_("Solution"),
    Measure.UNVERIFIED: N_("Closed unverified"),
    Measure.SATISFACTION: N_("Satisfaction"),
    Measure.JOINT_AS_CALLER: N_("Joint work it called for"),
    Measure.JOINT_AS_CALLED: N_("Joint work it joined"),
    Measure.HELP_CAME: N_("Help came"),
    Measure.WHISTLE_CAME: N_("Whistle was followed"),
    Measure.OBJECTIONS_UPHELD: N_("Objections upheld"),
    Measure.MEDIAN_ANSWER: N_("Median time to answer"),
    Measure.MEDIAN_SOLUTION: N_("Median time to a solution"),
}
