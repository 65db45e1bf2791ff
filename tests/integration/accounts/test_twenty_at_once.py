"""Twenty who come at once, to several workers on one PostgreSQL: what counts once counts once, and what is counted is counted."""

from __future__ import annotations

from datetime import timedelta

import pyotp

from cloud.application.accounts.keep_members import Newcomer
from cloud.application.estates.sign_in import Identity
from cloud.application.fleet.enrolling import Enrolling
from cloud.application.identifiers import RandomIds
from cloud.domain.accounts.throttle import USUAL
from cloud.domain.community.access import Origin
from cloud.domain.community.names import Names
from cloud.domain.community.party import Role
from cloud.errors import Throttled
from tests.fakes.at_once import TWENTY, at_once, twenty, went_well
from tests.integration.cloud_web.house import ESTATE, House
from tests.integration.cloud_web.on_both_databases import a_database, house
from tests.integration.cloud_web.test_enrolment_interface import csr, pem

__all__ = ["a_database", "house"]

PASSWORD = "stairs smell of rain"
HOME = Origin("192.0.2.7", "Browser")
_A_STEP, _A_WHILE = timedelta(seconds=30), timedelta(minutes=15)


def with_password(house: House, member: str) -> Identity:
    me = house.identity(member)
    house.services.accounts.own.set_password(me, member, "", PASSWORD, address=HOME.address)
    return me


def with_codes(house: House, member: str) -> tuple[Identity, pyotp.TOTP, list[str]]:
    me, own = with_password(house, member), house.services.accounts.own
    app = pyotp.TOTP(own.begin_second_factor(me).secret)
    return me, app, own.confirm_second_factor(me, app.at(house.clock.now()), address=HOME.address)


def test_no_more_passwords_are_guessed_than_are_counted(house):
    with_password(house, "manager")
    come_in = house.services.accounts.password
    came = [
        one
        for _ in range(3)
        for one in twenty(lambda: come_in("manager", "not that one", origin=Origin("198.51.100.4", "x")))
    ]
    let_through = [one for one in came if not isinstance(one, Throttled)]
    assert len(let_through) == USUAL.account


def test_no_more_codes_of_a_second_factor_are_guessed_than_are_counted(house):
    me, _, _ = with_codes(house, "manager")
    prove = house.services.accounts.second_factor.prove
    came = [one for _ in range(3) for one in twenty(lambda: prove(me, "000000", address="198.51.100.4"))]
    assert len([one for one in came if not isinstance(one, Throttled)]) == USUAL.account


def test_no_more_codes_of_labels_are_tried_than_are_counted(house):
    wrong = house.services.label_guesses.wrong
    came = [one for _ in range(2) for one in twenty(lambda: wrong("198.51.100.4"))]
    assert len(went_well(came)) == USUAL.label


def test_no_more_claim_codes_of_nodes_are_guessed_than_are_counted(house):
    """By two workers, each of which counted for itself until this stood in the database."""
    here, request = house.services.enrolling, pem(csr()[1])
    there = Enrolling(house.units, house.clock, RandomIds(), here.authority, broker=here.broker, url=here.url)
    guesses = [lambda at=at: at.enrol("nonsense", request, outbox=None, source="198.51.100.4") for at in (here, there)]
    came = [one for _ in range(2) for one in at_once(*guesses * (TWENTY // 2))]
    assert len([one for one in came if not isinstance(one, Throttled)]) == USUAL.claim


def test_one_code_lets_one_in(house):
    _, app, recovery = with_codes(house, "manager")
    house.clock.pass_by(_A_STEP)
    code, come_in = app.at(house.clock.now()), house.services.accounts.password
    assert len(went_well(twenty(lambda: come_in("manager", PASSWORD, code, origin=HOME)))) == 1
    house.clock.pass_by(_A_WHILE)
    assert len(went_well(twenty(lambda: come_in("manager", PASSWORD, recovery[0], origin=HOME)))) == 1
    with house.units.reading() as uow:
        assert uow.accounts.recovery_left("manager") == len(recovery) - 1


def test_an_invitation_lets_one_in(house):
    members, accept = house.services.accounts.members, house.services.accounts.accept
    who = Newcomer(Names("夜班", "Night shift"), "property", Role.RESPONDER)
    invited = members.invite(house.identity("manager"), ESTATE, who)
    assert len(went_well(twenty(lambda: accept.with_link(invited.secret, origin=HOME)))) == 1
    invited = members.invite(house.identity("manager"), ESTATE, who)
    came = at_once(
        *[lambda n=n: accept.with_password(invited.secret, f"login-{n}", PASSWORD, origin=HOME) for n in range(TWENTY)]
    )
    assert len(went_well(came)) == 1
    assert len(house.sessions(went_well(came)[0].key.member_id)) == 1


def test_a_screens_link_hangs_one_screen(house):
    screens = house.services.accounts.screens
    hung = screens.make(house.identity("manager"), ESTATE, "property", "Gate house")
    held = went_well(twenty(lambda: screens.open(hung.token, HOME)))
    assert len(held) == 1
    assert house.services.sign_in.identify(held[0], "screen").member


def test_of_two_administrators_who_show_each_other_out_one_stays(house):
    members = house.services.accounts.members
    inviter = house.identity("administrator")
    who = Newcomer(Names("管理员", "Second administrator"), inviter.member.party_id, Role.ADMINISTRATOR)
    session = house.services.accounts.accept.with_link(members.invite(inviter, ESTATE, who).secret, origin=HOME).session
    second = house.services.sign_in.identify(session.token)
    came = at_once(
        lambda: members.show_out(inviter, ESTATE, second.member.id),
        lambda: members.show_out(second, ESTATE, inviter.member.id),
    )
    assert len(went_well(came)) == 1
