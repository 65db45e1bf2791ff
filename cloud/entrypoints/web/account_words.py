"""Words on the pages of accounts for values of the domain; marked here, translated where they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cloud.domain.accounts.scopes import Scope
from cloud.domain.community.access import Through
from cloud.domain.community.party import Role
from cloud.domain.records.personal import PersonalClass
from cloud.entrypoints.web.language import N_

ROLES: Final[Mapping[str, str]] = {
    Role.RESIDENT: N_("resident"),
    Role.RESPONDER: N_("responder"),
    Role.MANAGER: N_("manager"),
    Role.OVERSEER: N_("overseer"),
    Role.OPERATOR: N_("operator"),
    Role.ADMINISTRATOR: N_("administrator"),
}

THROUGH: Final[Mapping[str, str]] = {
    Through.LINK: N_("personal link"),
    Through.MESSAGE: N_("link in a message"),
    Through.PASSWORD: N_("password"),
    Through.ORGANISATION: N_("organisation's sign-in"),
    Through.INVITATION: N_("invitation"),
    Through.SETUP: N_("set-up"),
}

SCREENS: Final[Mapping[str, str]] = {
    "waiting": N_("waits to be opened"),
    "expired": N_("its link was not opened in time"),
    "live": N_("heard"),
    "gone": N_("not heard: nothing sounds there"),
}
SCOPES: Final[Mapping[str, str]] = {
    Scope.READ: N_("read: what you may see"),
    Scope.ACT: N_("act: accept tasks, report, change, in your name"),
    Scope.ACCOUNTS: N_("accounts: sessions, tokens and invitations"),
}

PERSONAL: Final[Mapping[str, str]] = {
    PersonalClass.NOTE: N_("a note, or words to others"),
    PersonalClass.CONTACT: N_("a way to reach them"),
    PersonalClass.REPORTER: N_("reports and the reporter's contact"),
    PersonalClass.POSTING: N_("an offer or a need"),
    PersonalClass.VOTE: N_("a vote, with the line on the roll"),
    PersonalClass.SIGNATURE: N_("a signature under a petition"),
    PersonalClass.CONSENT: N_("a consent about their home"),
    PersonalClass.OWNER: N_("which owner on the roll they are"),
}
"""What is kept of people."""
