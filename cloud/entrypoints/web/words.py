"""The words on screen for incidents and their tasks, and for the paper beside them: states, roles, reasons, severities,
clocks, actions, plans, rounds and registers. Duties have theirs in `duty_words`, nodes in `fleet_words`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cloud.entrypoints.web.language import N_

TASK_STATES: Final[Mapping[str, str]] = {
    "new": N_("Not answered yet"),
    "acknowledged": N_("Acknowledged"),
    "in_progress": N_("In progress"),
    "pending": N_("On hold"),
    "resolved": N_("Resolved, to be verified"),
    "closed": N_("Closed"),
    "merged": N_("Merged"),
    "cancelled": N_("Cancelled"),
}
REASONS: Final[Mapping[str, str]] = {
    "fixed": N_("Fixed"),
    "mitigated": N_("Made safe for now"),
    "self_cleared": N_("Cleared by itself"),
    "false_alarm": N_("False alarm"),
    "duplicate": N_("Duplicate"),
    "not_actionable": N_("Nothing to be done"),
    "unable_to_fix": N_("Could not be fixed"),
}
ENDINGS: Final[Mapping[str, str]] = {
    "verified": N_("Verified"),
    "unverified": N_("Closed unverified"),
    "false_alarm": N_("False alarm"),
    "merged": N_("Merged"),
    "cancelled": N_("Cancelled"),
}
ROLES: Final[Mapping[str, str]] = {"lead": N_("leads"), "support": N_("supports"), "observer": N_("is told")}
ASSIGNMENTS: Final[Mapping[str, str]] = {
    "requested": N_("no answer yet"),
    "accepted": N_("accepted"),
    "declined": N_("declined"),
    "expired": N_("did not answer"),
    "arrived": N_("on site"),
    "done": N_("done"),
    "transferred": N_("handed over"),
    "released": N_("released"),
}
SEVERITIES: Final[Mapping[str, str]] = {
    "life-safety": N_("Life safety"),
    "critical": N_("Critical"),
    "major": N_("Major"),
    "minor": N_("Minor"),
    "warning": N_("Warning"),
    "notice": N_("Notice"),
}
FAMILIES: Final[Mapping[str, str]] = {
    "fire": N_("Fire"),
    "lift": N_("Lifts"),
    "access": N_("Doors and gates"),
    "welfare": N_("Welfare"),
    "node": N_("Nodes"),
    "point": N_("Sensors"),
    "civic": N_("Resolutions"),
    "duty": N_("Duties"),
}
CLOCKS: Final[Mapping[str, str]] = {
    "tto": N_("to answer"),
    "ttr": N_("to resolve"),
    "accept": N_("to accept"),
    "arrive": N_("to arrive"),
    "finish": N_("to finish"),
    "arbitrate": N_("to decide"),
}
CLOCKS_MET: Final[Mapping[str, str]] = {
    "tto": N_("answered"),
    "ttr": N_("resolved"),
    "accept": N_("accepted"),
    "arrive": N_("on site"),
    "finish": N_("done"),
    "arbitrate": N_("decided"),
}
ACTIONS: Final[Mapping[str, str]] = {
    "acknowledge": N_("Accept task"),
    "start": N_("Start work"),
    "resolve": N_("Report as resolved"),
    "close": N_("Verify and close"),
    "reopen": N_("Reopen"),
    "note": N_("Add a note"),
    "hold": N_("Put on hold"),
    "decline": N_("Decline"),
    "transfer": N_("Hand over"),
    "arrive": N_("I am on site"),
    "finish": N_("Our part is done"),
    "help": N_("Ask for help"),
    "ask-for-whistle": N_("Ask for a whistle"),
    "whistle": N_("Whistle"),
    "refuse-whistle": N_("Do not whistle"),
    "judge": N_("Judge the objection"),
    "arbitrate": N_("Decide who leads"),
    "merge": N_("Merge into another"),
    "undo-merge": N_("Undo the merge"),
    "check": N_("Checked: it is done"),
    "look": N_("I go and look"),
    "cannot-look": N_("I cannot go and look"),
    "refused": N_("They refuse to clear it"),
    "confirm-report": N_("The report is true: call the others"),
    "mute": N_("Mute the sounder for 15 minutes"),
    "turn-real": N_("This is real, not an exercise"),
    "release": N_("Let a helper go"),
    "cancel": N_("Cancel the task"),
}
DOES: Final[Mapping[str, str]] = {
    "acknowledge": N_("Your party takes it on: the clock to answer stops, and all others see it."),
    "start": N_("The others see that your party is at it or on its way."),
    "arrive": N_("The others see that one of you is there."),
    "resolve": N_("You claim that it is dealt with. It is closed once that is verified."),
    "finish": N_("Your party has done its share; who leads goes on."),
    "close": N_("You confirm that it is over: all clocks stop."),
}
"""What the steps of a task do, said under their buttons."""
SAID: Final[Mapping[str, str]] = {
    "acknowledge": N_("Accepted"),
    "start": N_("Work started"),
    "resolve": N_("Reported as resolved"),
    "close": N_("Verified and closed"),
    "reopen": N_("Reopened"),
    "note": N_("Note added"),
    "hold": N_("Put on hold until then"),
    "decline": N_("Declined"),
    "transfer": N_("Handed over"),
    "arrive": N_("You are on site"),
    "finish": N_("Your part is done"),
    "check": N_("Checked"),
    "confirm-report": N_("Confirmed: the others are called"),
    "mute": N_("Sounder muted for 15 minutes"),
    "turn-real": N_("It is real from now on"),
    "cancel": N_("Task cancelled"),
    "help": N_("Asked for help"),
    "merge": N_("Merged"),
    "undo-merge": N_("Merge undone"),
    "release": N_("Let go"),
    "judge": N_("Judged"),
    "arbitrate": N_("Decided"),
    "ask-for-whistle": N_("Asked for a whistle"),
    "whistle": N_("Whistled"),
    "refuse-whistle": N_("Not whistled"),
    "look": N_("You go and look"),
    "cannot-look": N_("Others are asked to look"),
    "refused": N_("Told: they refuse"),
}
"""What was done, said to who cannot see the page change."""
CALLS: Final[Mapping[str, str]] = {"help": N_("help"), "whistle": N_("whistle")}
GROUNDS: Final[Mapping[str, str]] = {
    "not_solvable_alone": N_("One party cannot solve it alone"),
    "joint_enforcement": N_("It needs joint enforcement"),
    "emergency": N_("It is an emergency"),
}
CONSENTS: Final[Mapping[str, str]] = {
    "true": N_("The party is let off"),
    "false": N_("The party stays bound"),
}
REACHED_BY: Final[Mapping[str, str]] = {
    "fire": N_("the fire service"),
    "ambulance": N_("an ambulance"),
    "police": N_("the police"),
    "lifts": N_("help for who is trapped in a lift"),
}
"""Whom an emergency number reaches."""
PAUSES: Final[Mapping[str, str]] = {
    "waiting-for-parts": N_("waiting for parts"),
    "waiting-for-inspection": N_("waiting for the inspection"),
}
NEEDS: Final[Mapping[str, str]] = {
    "sensor": N_("The alarm has stayed cleared long enough"),
    "independent": N_("A second person has checked"),
    "reporter": N_("The reporter is satisfied"),
    "photos": N_("Photos of before and after"),
}
PLANNED: Final[Mapping[str, str]] = {
    "running": N_("under way"),
    "coming": N_("to come"),
    "over": N_("over"),
}
HANDOVERS: Final[Mapping[str, str]] = {
    "unsigned": N_("not signed yet"),
    "half_signed": N_("signed by one side"),
    "signed": N_("signed by both"),
    "overdue": N_("overdue: a signature is missing"),
}
WORKS: Final[Mapping[str, str]] = {
    "routine": N_("Routine maintenance"),
    "repair": N_("Repair"),
    "inspection": N_("Inspection"),
    "trial": N_("Trial run"),
    "works": N_("Building works"),
}
EXPLAINS: Final[Mapping[str, str]] = {
    "*": N_("Any alarm there"),
    "lift.*": N_("Lifts"),
    "fire.*": N_("Fire"),
    "fire.detector-*": N_("Faults of detectors"),
    "access.*": N_("Doors and gates"),
    "welfare.*": N_("Welfare"),
    "civic.*": N_("Resolutions"),
    "node.*": N_("Nodes"),
    "point.*": N_("Sensors"),
}
STAGES: Final[Mapping[str, str]] = {"before": N_("Before"), "after": N_("After"), "other": N_("Something else")}
EQUIPMENT: Final[Mapping[str, str]] = {
    "access_gate": N_("doors and gates"),
    "smoke_detector": N_("smoke detectors"),
    "lift": N_("lifts"),
    "node": N_("nodes"),
    "other": N_("other equipment"),
}
ROUNDS: Final[Mapping[str, str]] = {
    "daily": N_("Daily fire patrol"),
    "night": N_("Night patrol"),
    "two_hourly": N_("Two-hourly patrol"),
    "monthly_inspection": N_("Monthly fire inspection"),
}
CALLED: Final[Mapping[str, str]] = {
    "reached": N_("Reached"),
    "nobody_answered": N_("Nobody answered"),
}
DETAILS: Final[Mapping[str, str]] = {
    "actor": N_("by"),
    "channel": N_("Channel"),
    "count": N_("in all"),
    "equipment": N_("Equipment"),
    "exercise": N_("exercises"),
    "findings": N_("found"),
    "handover": N_("handover"),
    "hazard": N_("hazard"),
    "hazards": N_("hazards"),
    "kind": N_("Kind"),
    "member": N_("member"),
    "muted": N_("muted"),
    "node": N_("Node"),
    "party": N_("Party"),
    "points": N_("points seen"),
    "reason": N_("reason"),
    "roster": N_("Roster"),
    "round": N_("round"),
    "side": N_("side"),
    "starts at": N_("From"),
    "ends at": N_("Until"),
    "state": N_("State"),
    "task": N_("tasks"),
    "version": N_("Version"),
    "window": N_("maintenance window"),
}
"""What a ledger entry's own keys are called where a register prints them; one that is not here is printed as it is."""
