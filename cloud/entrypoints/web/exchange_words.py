"""Words on the pages of offers, needs and credit for values of the domain; marked here, translated where they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cloud.domain.credit.account import ReversalReason, Withheld
from cloud.domain.exchange.posting import Good, Side
from cloud.domain.exchange.small_task import Deed, SmallTaskKind, SmallTaskState
from cloud.entrypoints.web.language import N_

SIDES: Final[Mapping[str, str]] = {Side.OFFER: N_("offer"), Side.NEED: N_("need")}

GOODS: Final[Mapping[str, str]] = {Good.SKILL: N_("a skill"), Good.TIME: N_("time"), Good.TOOL: N_("a tool")}

SMALL_STATES: Final[Mapping[str, str]] = {
    SmallTaskState.OPEN: N_("helpers wanted"),
    SmallTaskState.CLAIMED: N_("claimed"),
    SmallTaskState.DONE: N_("done, to be confirmed"),
    SmallTaskState.CONFIRMED: N_("confirmed"),
    SmallTaskState.WITHDRAWN: N_("withdrawn"),
}

SMALL_KINDS: Final[Mapping[str, str]] = {
    SmallTaskKind.SMALL_TASK: N_("small task"),
    SmallTaskKind.PATROL: N_("patrol"),
}

DEEDS: Final[Mapping[str, str]] = {
    Deed.CLAIM: N_("I will do it"),
    Deed.FINISH: N_("It is done"),
    Deed.RELEASE: N_("Give it back"),
    Deed.CONFIRM: N_("Confirm that it was done"),
    Deed.SEND_BACK: N_("It was not done"),
    Deed.WITHDRAW: N_("Withdraw"),
}

CAPABILITIES: Final[Mapping[str, str]] = {
    "accompany": N_("going along (to a doctor, an office)"),
    "bicycle": N_("bicycles"),
    "carrying": N_("carrying"),
    "children": N_("children"),
    "computer": N_("telephones and computers"),
    "cooking": N_("cooking"),
    "first-aid": N_("first aid"),
    "garden": N_("plants and gardens"),
    "hand-tools": N_("hand tools"),
    "ladder": N_("a ladder"),
    "languages": N_("languages and translating"),
    "lessons": N_("lessons"),
    "look-in": N_("looking in on somebody"),
    "paperwork": N_("forms and letters"),
    "patrol": N_("walking the stairs and exits"),
    "pets": N_("pets"),
    "sewing": N_("sewing and mending"),
    "shopping": N_("shopping and fetching"),
    "tidying": N_("tidying common rooms"),
    "wheelchair": N_("a wheelchair"),
    "other": N_("something else"),
}
"""What neighbours most often ask and offer, in one word each, so that an offer and a need find each other in any language."""

OF_PARTIES: Final[Mapping[str, str]] = {
    "enforcement": N_("enforcement"),
    "lift-rescue": N_("releasing people from lifts"),
    "translation": N_("translating"),
}
"""What organisations are called for, as the examples and the default credit table name it."""

WEEKDAYS: Final[Mapping[str, str]] = {
    "1": N_("Mon"),
    "2": N_("Tue"),
    "3": N_("Wed"),
    "4": N_("Thu"),
    "5": N_("Fri"),
    "6": N_("Sat"),
    "7": N_("Sun"),
}

WITHHELD: Final[Mapping[str, str]] = {
    Withheld.CONFIRMED_IT: N_("who confirms an act never earns from it"),
    Withheld.ORGANISATION: N_("an organisation's people earn no points"),
    Withheld.DAILY_CAP: N_("the day's cap was reached"),
}

REVERSALS: Final[Mapping[str, str]] = {
    ReversalReason.REOPENED: N_("the matter was opened again"),
    ReversalReason.NOT_DONE: N_("it had not been done"),
    ReversalReason.MISTAKEN: N_("it was credited by mistake"),
    ReversalReason.MISUSED: N_("the rules were misused"),
}

TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "side": SIDES,
    "good": GOODS,
    "small-state": SMALL_STATES,
    "small-kind": SMALL_KINDS,
    "small-deed": DEEDS,
    "capability": {**CAPABILITIES, **OF_PARTIES},
    "weekday": WEEKDAYS,
    "withheld": WITHHELD,
    "reversal": REVERSALS,
}
