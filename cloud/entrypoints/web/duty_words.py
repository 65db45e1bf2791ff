"""The words on screen for duties: kinds of parties and channels, why somebody is called, and why nobody is reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cloud.entrypoints.web.language import N_

PARTY_KINDS: Final[Mapping[str, str]] = {
    "property_manager": N_("property manager"),
    "fire_control_room": N_("fire control room"),
    "micro_fire_station": N_("micro fire station"),
    "lift_maintainer": N_("lift maintainer"),
    "fire_maintainer": N_("fire maintainer"),
    "residents_committee": N_("residents' committee"),
    "owners_committee": N_("owners' committee"),
    "party_organisation": N_("Party organisation"),
    "grid_worker": N_("grid worker"),
    "street_office": N_("street office"),
    "township": N_("township"),
    "market_regulator": N_("market regulator"),
    "fire_rescue": N_("fire and rescue"),
    "police": N_("police"),
    "volunteer_team": N_("volunteer team"),
    "household": N_("household"),
    "social_organisation": N_("social organisation"),
    "platform_operator": N_("platform operator"),
    "external": N_("reached by phone only"),
}
CALL_ROLES: Final[Mapping[str, str]] = {
    "lead": N_("leads"),
    "support": N_("supports"),
    "observer": N_("is told"),
    "called": N_("is called"),
    "takes_over": N_("is asked to take over"),
    "arbiter": N_("decides who leads"),
}
CONDITIONS: Final[Mapping[str, str]] = {
    "if_not_acknowledged": N_("if nobody who leads has answered"),
    "if_not_arrived": N_("if nobody is on site"),
    "if_lead_not_arrived": N_("if the lead is not on site"),
    "if_not_closed": N_("if it is not over"),
}
GROUNDS: Final[Mapping[str, str]] = {
    "roster": N_("on the roster"),
    "no_roster": N_("no roster: everybody"),
    "empty_roster": N_("nobody on the roster: everybody"),
    "no_members": N_("it has no people here"),
    "by_role": N_("by their role, those on duty first"),
    "by_roster": N_("on duty by the roster that is named"),
    "by_name": N_("named in person"),
    "by_step": N_("as the step names them, those on duty first"),
}
ANSWERING: Final[Mapping[str, str]] = {
    "sure": N_("contact confirmed"),
    "weak": N_("contact not confirmed"),
    "later": N_("only after quiet hours"),
    "nobody": N_("no channel"),
}
CHANNEL_KINDS: Final[Mapping[str, str]] = {
    "sms": N_("text message"),
    "voice": N_("telephone call"),
    "email": N_("e-mail"),
    "wecom": N_("WeCom"),
    "dingtalk": N_("DingTalk"),
    "feishu": N_("Feishu"),
    "console": N_("this screen (trying out)"),
}
LOSSES: Final[Mapping[str, str]] = {
    "every-way": N_("It is the only way to you. Without it nobody can reach you, whatever happens."),
    "ringing": N_("It is the last one that rings. Without it nothing wakes you when a life is at stake."),
    "proven": N_("It is the last one that is confirmed. Unconfirmed ones are not relied upon when a life is at stake."),
}
GAPS: Final[Mapping[str, str]] = {
    "no_party": N_("no party leads"),
    "outside_hours": N_("outside its service hours"),
    "no_members": N_("it has no people here"),
    "empty_roster": N_("nobody on the roster"),
    "no_channel": N_("no channel to who is on duty"),
    "unproven_channel": N_("contacts not confirmed"),
}
REMEDIES: Final[Mapping[str, str]] = {
    "no_party": N_("Name a party that leads in the matrix, or add one that serves this place."),
    "outside_hours": N_("Lengthen its service hours, or name a party in the matrix that answers then."),
    "no_members": N_("Invite people of this party; until then it is skipped."),
    "empty_roster": N_("Put somebody on its roster for these hours."),
    "no_channel": N_("Whoever is on duty adds a telephone or another channel in their account."),
    "unproven_channel": N_("Whoever is on duty confirms their channel with the code that is sent to it."),
}
"""What fills a hole; where to do it, the page links."""
ANSWER_PARTS: Final[Mapping[str, str]] = {
    "lead_id": N_("Lead"),
    "support_ids": N_("Supports"),
    "observer_ids": N_("Told"),
    "tto": N_("to answer"),
    "ttr": N_("to resolve"),
    "arrive": N_("to be on site"),
    "ladder": N_("The ladder"),
    "numbers": N_("Numbers to dial"),
    "needs": N_("What closing needs"),
    "resolve_delay": N_("Quiet before it is over"),
    "pause_reasons": N_("Reasons to pause"),
    "running": N_("When the clocks run"),
    "limits": N_("Limits of supports"),
}
"""By field of `dry_run.Answer`: what would have been otherwise."""
RUNNING: Final[Mapping[str, str]] = {
    "always": N_("always"),
    "working-days": N_("on working days"),
    "working-hours": N_("in working hours"),
}
WEEKDAYS: Final[Mapping[str, str]] = {
    "1": N_("Mon"),
    "2": N_("Tue"),
    "3": N_("Wed"),
    "4": N_("Thu"),
    "5": N_("Fri"),
    "6": N_("Sat"),
    "7": N_("Sun"),
}
DAY_RULES: Final[Mapping[str, str]] = {
    "every_day": N_("every day"),
    "workdays": N_("on working days only"),
    "holidays": N_("on days off only"),
}
HANDOVER_ITEMS: Final[Mapping[str, str]] = {
    "task": N_("Open tasks"),
    "muted": N_("Muted, hidden or under maintenance"),
    "exercise": N_("Exercises"),
}
SIDES: Final[Mapping[str, str]] = {"leaving": N_("outgoing"), "coming": N_("incoming")}
