"""Whoever is taken out leaves nothing that lets anybody in, tells anybody anything or waits for them: every table is asked."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import String, func, select

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.adapters.sql.columns import metadata
from cloud.application.accounts.keep_members import Newcomer
from cloud.application.estates.load_estate import LoadEstate
from cloud.application.estates.sign_in import SignIn
from cloud.application.exchange.board import Wording
from cloud.domain.community.access import Origin, Purpose
from cloud.domain.community.contacts import Contact
from cloud.domain.community.hours import ALWAYS
from cloud.domain.community.names import Names
from cloud.domain.community.party import Role
from cloud.domain.community.saved_view import SavedView
from cloud.domain.consultation.roll import Owner
from cloud.domain.duties.consent import Consent
from cloud.domain.exchange.posting import Good, Side
from cloud.domain.exchange.small_task import SmallTaskKind
from cloud.domain.records.ledger import Kind
from cloud.domain.records.webhook import Webhook
from cloud.errors import Unauthenticated
from tests.fakes.clocks import FakeClock
from tests.fakes.estate import description
from tests.fakes.state import fresh_state
from tests.integration.accounts.at_the_door import PASSWORD
from tests.integration.cloud_web.house import ESTATE

ERASED = {
    "accounts.member_id": "they sign in no more",
    "recovery_codes.member_id": "nor by a code on paper",
    "second_factor_asks.member_id": "nothing is asked of them",
    "contacts.member_id": "their addresses are nobody's business any more",
    "saved_views.member_id": "theirs alone",
    "consents.member_id": "nobody is looked after who is not here",
    "electoral_roll.member_id": "the owner stays on the roll; that it was this member does not",
    "estate_members.member_id": "that they are one of this estate",
}
"""Gone with the member."""

ENDED = {
    "access_keys.member_id": "revoked_at",
    "invitations.by": "revoked_at",
    "webhooks.created_by": "active",
    "postings.member_id": "open",
}
"""Kept as the record of what there was; ended by that column."""

KEPT = {
    "reports.member_id": "who reported stands in the ledger; their words go by reporter_days, or when they are erased on request",
    "ledger.actor": "what they did stands in the chain for ever",
    "personal_looks.member_id": "who looked at personal data is answered for by name",
    "notes.member_id": "the words go by note_days, or when they are erased on request",
    "deliveries.member_id": "that they were told, or not; it has no address",
    "credit_entries.member_id": "what was earned, and given",
    "credit_entries.confirmed_by": "who verified it",
    "dead_letters.replayed_by": "who had it taken",
    "claims.created_by": "which expire within two weeks, and answer for who let a node in",
    "votes.entered_by": "who entered a vote on paper is answered for until vote_days are over",
    "votes.confirmed_by": "as above",
    "handovers.drawn_by": "a register that an inspector asks for",
    "handovers.leaving_by": "as above",
    "handovers.coming_by": "as above",
    "channel_setups.changed_by": "who set up how messages go out",
    "configurations.by": "who told a node what to do",
    "orders.by": "as above",
    "card_keys.by": "who rotated a key",
    "screens.made_by": "who hung up a wall's screen; it is the party's, and goes on until it is taken back",
    "invitations.member_id": "gone a month after it ended",
    "memberships.member_id": "in which parties they were; without being of an estate it opens nothing",
    "votes.owner": "a unit's key on the roll, not a member; goes by vote_days",
    "electoral_roll.owner": "as above",
}
"""Stays, and why."""

ORIGIN, PLACE = Origin("192.0.2.7", "a browser"), "binhai/example/b3"
NAMES = ("member_id", "by", "actor", "owner")


def members_columns() -> set[str]:
    """Every column that may hold who somebody is: found by its name, so that a new table is asked as well."""
    found = set()
    for table in metadata.tables.values():
        for column in table.columns:
            named = column.name in NAMES or column.name.endswith(("_by", "_member"))
            if named and isinstance(column.type, String):
                found.add(f"{table.name}.{column.name}")
    return found - NOBODYS


NOBODYS = {
    "alerts.suppressed_by": "an incident",
    "incidents.hidden_by": "an incident",
    "deliveries.held_by": "a worker",
    "webhook_postings.held_by": "a worker",
}.keys()
"""Of these names, but no person's."""


@pytest.fixture
def newcomer(house):
    """Somebody who was asked in, with something in every table that holds what is theirs."""
    accounts, manager = house.services.accounts, house.identity("manager")
    who = Newcomer(Names("夜班", "Night"), "", Role.RESIDENT, home="binhai/example/b1")
    invited = accounts.members.invite(manager, ESTATE, who)
    session = accounts.accept.with_password(invited.secret, "night", PASSWORD, origin=ORIGIN)
    member_id, now = invited.invitation.member.id, house.clock.now()
    sign_in = house.services.sign_in
    sign_in.issue_link(member_id)
    sign_in.issue_api_token(member_id)
    me = sign_in.identify(session.token)
    exchange = house.services.exchange
    exchange.board.post(ESTATE, Side.NEED, Good.TOOL, Wording("ladder", "a ladder", PLACE, ALWAYS), me)
    taken = exchange.small_tasks.post(ESTATE, SmallTaskKind.PATROL, Wording("patrol", "walk", PLACE, ALWAYS), manager)
    exchange.small_tasks.claim(taken.id, me)
    with house.units.writing() as uow:
        uow.keys.put(sign_in._make(member_id, Purpose.CALENDAR, None).key)
        uow.accounts.put_recovery(member_id, ["a" * 64])
        uow.accounts.second_factor_asked(member_id, now)
        uow.contacts.replace(member_id, [Contact(member_id, "sms", "13800000001")])
        uow.views.save(SavedView("v1", ESTATE, member_id, "mine", "hazard=lift", now))
        points = ("b1/flat-door/contact",)
        uow.consents.save(Consent("k1", ESTATE, member_id, "property", points, now, now))
        uow.consultation.roll.replace(ESTATE, [Owner("unit-1", Decimal(90), ("702",), member_id)])
        uow.commit()
    other = Newcomer(Names("第二人", "Second"), "", Role.RESIDENT, home="binhai/example/b1")
    made = accounts.members.invite(manager, ESTATE, other).invitation
    with house.units.writing() as uow:
        uow.webhooks.save(Webhook("w1", ESTATE, "https://receiver.example/hook", "whsec_x", member_id, now))
        uow.accounts.save_invitation(replace(made, by=member_id))
        uow.commit()
    return member_id, taken.id


def left(house, member_id):
    """Column → how many rows name the member, and how many of these are not ended."""
    found = {}
    with house.engine.connect() as connection:
        for place in members_columns():
            table_name, _, column = place.partition(".")
            table = metadata.tables[table_name]
            mine = table.c[column] == member_id
            rows = connection.execute(select(func.count()).select_from(table).where(mine)).scalar_one()
            going_on = rows
            if place in ENDED:
                by = table.c[ENDED[place]]
                alive = by.is_(None) if ENDED[place].endswith("_at") else by.is_(True)
                going_on = connection.execute(select(func.count()).select_from(table).where(mine, alive)).scalar_one()
            found[place] = rows, going_on
    return found


def test_of_every_column_that_names_a_member_it_is_said_what_becomes_of_it():
    said = ERASED.keys() | ENDED.keys() | KEPT.keys()
    assert members_columns() == said, "say of each whether it is erased, ended or kept, and why"


def test_whoever_is_taken_out_leaves_nothing_that_goes_on(house, newcomer):
    member_id, taken = newcomer
    before = left(house, member_id)
    empty = [place for place in (*ERASED, *ENDED) if before[place][1] == 0]
    assert not empty, "the test gave them nothing there"
    assert house.services.accounts.members.show_out(house.identity("manager"), ESTATE, member_id)
    after = left(house, member_id)
    assert {place: after[place][0] for place in ERASED} == dict.fromkeys(ERASED, 0)
    assert {place: after[place][1] for place in ENDED} == dict.fromkeys(ENDED, 0)
    task = house.services.exchange.small_tasks.read(taken, house.identity("manager"))
    assert task.state == "open", "somebody else can take it up"
    kinds = {entry.kind for entry in house.ledger()}
    told = {Kind.MEMBER_REMOVED, Kind.ACCESS_REVOKED, Kind.WEBHOOK_CHANGED, Kind.INVITATION_ENDED, Kind.NEED_WITHDRAWN}
    assert told | {Kind.CONSENT_WITHDRAWN, Kind.SMALL_TASK_RELEASED} <= kinds


def test_who_stands_in_the_file_is_shown_out_and_reached_all_the_same(house):
    """They have lost their phone, or their party has called them back: the roster still names them."""
    house.link_for("guard")
    with house.units.writing() as uow:
        uow.contacts.replace("guard", [Contact("guard", "sms", "13800000001")])
        uow.commit()
    assert not house.services.accounts.members.show_out(house.identity("manager"), ESTATE, "guard")
    after = left(house, "guard")
    assert after["access_keys.member_id"][1] == 0
    assert after["contacts.member_id"][0] == 1


def test_whom_the_file_names_no_more_has_no_key_that_would_open_again_when_it_does(tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    units, clock = SqlUnitsOfWork(engine), FakeClock()
    load, whole, sign_in = LoadEstate(units, clock), description(), SignIn(units, clock)
    load(whole)
    token = sign_in.issue_api_token("guard").token
    load(replace(whole, members=tuple(one for one in whole.members if one.id != "guard")))
    load(whole)
    with pytest.raises(Unauthenticated):
        sign_in.identify(token)
    with units.reading() as uow:
        removed = [
            entry.data for entry in uow.ledger.since(whole.estate.id, 0, 1000) if entry.kind == Kind.MEMBER_REMOVED
        ]
    assert removed == [{"member": "guard"}]
    engine.dispose()
