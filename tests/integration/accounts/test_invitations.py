"""Members are asked in by links that work once, never as more than who asks; and shown out at once."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from cloud.application.accounts.tries import ForgetTries
from cloud.domain.records.ledger import Kind
from cloud.entrypoints.web.times import moment
from cloud.errors import Refused
from tests.integration.accounts.at_the_door import COOKIE, again, has_account, link_in, sets_up_codes, signs_in
from tests.integration.cloud_web.house import ESTATE


def asks_in(client, role="responder", party="property", zh="夜班保安", en="Night guard", **more):
    form = {"role": role, "party": party, "zh": zh, "en": en, **more}
    return client.post("/members/invitations", data=form)


def as_member(house, browsers, member):
    client = browsers()
    client.cookies.set(COOKIE, house.session_of(member))
    return client


def newcomer(house):
    """The member that was asked in last."""
    register = house.services.queries.register(ESTATE, None)
    return next(member for id_, member in register.members.items() if id_.startswith("m-"))


def test_a_manager_asks_somebody_in_who_sets_a_password_and_works(house, manager, browsers, another):
    link = link_in(asks_in(manager).text, "invitation")
    shown = another.get(link)
    assert "Welcome, Night guard" in shown.text
    assert "Duty manager invites you to join Property office, Example estate, as responder" in shown.text
    came = another.post(link, data=again("stairs smell of rain", "night"))
    assert (came.status_code, came.headers["location"]) == (303, "/account")
    assert another.get("/").status_code == 200
    member = newcomer(house)
    assert (member.party_id, member.role) == ("property", "responder")
    late = browsers()
    assert late.get(link).status_code == 404
    assert late.post(link, data=again("stairs smell of rain", "thief")).status_code == 404
    assert signs_in(late, "night").status_code == 303


def test_who_stays_with_links_gets_one_and_is_in(house, manager, browsers, another):
    link = link_in(asks_in(manager).text, "invitation")
    given = another.post(f"{link}/link")
    assert given.status_code == 200
    assert another.get("/").status_code == 200
    own = link_in(given.text, "enter")
    phone = browsers()
    assert phone.post(own).status_code == 303
    assert phone.get("/").status_code == 200


def test_loading_the_estate_again_keeps_who_was_asked_in(house, manager, another):
    another.post(link_in(asks_in(manager).text, "invitation"), data=again("stairs smell of rain", "night"))
    member = newcomer(house)
    with house.units.writing() as uow:
        register = uow.registers.find(ESTATE)
        without = {id_: one for id_, one in register.members.items() if id_ != member.id}
        uow.registers.store(type(register)(**{**_fields(register), "members": without, "version": 5}), "another")
        uow.commit()
    assert newcomer(house) == member
    assert another.get("/").status_code == 200


def _fields(register):
    return {name: getattr(register, name) for name in register.__dataclass_fields__ if not name.startswith("_")}


@pytest.mark.parametrize(
    ("host", "role", "party", "allowed"),
    [
        ("manager", "responder", "property", True),
        ("manager", "resident", "property", False),  # but in a home: test_residents_are_asked_in
        ("manager", "manager", "property", True),
        ("manager", "overseer", "property", False),
        ("manager", "administrator", "property", False),
        ("manager", "responder", "lifts", False),
        ("administrator", "administrator", "property", True),
        ("administrator", "operator", "lifts", True),
        ("administrator", "responder", "elsewhere", False),
        ("administrator", "responder", "119", False),
    ],
)
def test_nobody_asks_in_more_than_they_are_or_for_others(house, visitor, host, role, party, *, allowed):
    visitor.cookies.set(COOKIE, house.session_of(host))
    answer = asks_in(visitor, role, party)
    assert ("/invitation/" in answer.text) is allowed
    assert (answer.status_code == 200) is allowed


@pytest.mark.parametrize("member", ["technician", "officer", "engineer", "tenant"])
def test_only_managers_and_administrators_ask_in(house, browsers, member):
    client = as_member(house, browsers, member)
    assert client.get("/members").status_code == 403
    assert asks_in(client).status_code == 403


def test_a_manager_cannot_take_over_who_is_more_than_they_are(house, manager):
    for member in ("administrator", "engineer", "officer", "technician", "manager"):
        refused = manager.post(f"/members/{member}/invitations")
        assert refused.status_code == 422, member
        assert "/invitation/" not in refused.text
        assert manager.post(f"/members/{member}/show-out").status_code == 422
    assert manager.post("/members/guard/invitations").status_code == 200


def test_an_invitation_dies_with_the_right_to_give_it(house, browsers, another):
    host = as_member(house, browsers, "administrator")
    link = link_in(asks_in(host, "administrator", "operator").text, "invitation")
    with house.units.writing() as uow:
        uow.keys  # noqa: B018 - the transaction is what is needed
        uow._connection.exec_driver_sql("UPDATE members SET role='manager' WHERE id='administrator'")
        uow.commit()
    assert another.post(link, data=again("stairs smell of rain", "crown")).status_code == 404


def test_an_invitation_ends_by_time_and_by_being_taken_back(house, manager, another):
    link = link_in(asks_in(manager).text, "invitation")
    house.clock.pass_by(timedelta(days=7))
    assert another.get(link).status_code == 404
    manager.cookies.set(COOKIE, house.session_of("manager"))
    second = link_in(asks_in(manager).text, "invitation")
    waiting = house.services.accounts.members.view(ESTATE, house.identity("manager")).invitations
    assert manager.post(f"/members/invitations/{waiting[0].id}/revoke").status_code == 303
    assert another.get(second).status_code == 404


def test_a_way_in_anew_ends_what_proved_them_before(house, visitor, browsers, another):
    has_account(house, visitor, "guard")
    sets_up_codes(house, visitor)
    token = house.api_token_of("guard")
    host = as_member(house, browsers, "manager")
    link = link_in(host.post("/members/guard/invitations").text, "invitation")
    assert visitor.get("/account").status_code == 200, "until it is taken nothing changes"
    assert another.post(link, data=again("rain smells of stairs", "guard")).status_code == 303
    assert visitor.get("/account").status_code == 401
    assert another.get("/api/v1/me", headers={"authorization": f"Bearer {token}"}).status_code == 401
    assert signs_in(visitor, "guard").status_code == 401
    assert signs_in(visitor, "guard", "rain smells of stairs").status_code == 303, "and no code is asked for"


def test_showing_out_ends_everything_at_once(house, manager, another):
    another.post(link_in(asks_in(manager).text, "invitation"), data=again("stairs smell of rain", "night"))
    member = newcomer(house).id
    assert "Night guard" in manager.get(f"/members/{member}/show-out?lang=en").text
    assert manager.post(f"/members/{member}/show-out").status_code == 303
    assert another.get("/").status_code == 401
    assert signs_in(another, "night").status_code == 401
    assert member not in house.services.queries.register(ESTATE, None).members
    assert manager.post("/members/guard/show-out").status_code == 303
    assert "guard" in house.services.queries.register(ESTATE, None).members, "a file names the guard"


def test_who_was_asked_in_as_what_is_told_without_name_mail_or_link(house, manager):
    answer = asks_in(manager, email="somebody@example.org", en="Hostile & co")
    told = [entry for entry in house.ledger() if entry.kind == Kind.MEMBER_INVITED]
    assert [(entry.actor, entry.data["role"]) for entry in told] == [("member:manager", "responder")]
    secret = link_in(answer.text, "invitation").rpartition("/")[2]
    for hidden in ("Hostile", "example.org", secret):
        assert hidden not in str(house.ledger())


def test_guessing_invitations_is_counted(house, another):
    tries = [another.get(f"/invitation/{number}").status_code for number in range(51)]
    assert tries == [404] * 50 + [429]


def test_the_use_case_refuses_whatever_the_door_let_through(house):
    with pytest.raises(Refused):
        house.services.accounts.members.invite(house.identity("technician"), ESTATE, "guard")


def test_names_and_mails_in_invitations_are_forgotten(house, manager):
    asks_in(manager, email="night@binhai.example")
    forget = ForgetTries(house.units, house.clock)
    house.clock.pass_by(timedelta(days=36))
    assert forget() == 0, "it ended four weeks ago"
    house.clock.pass_by(timedelta(days=2))
    assert forget() == 1
    with house.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM invitations").scalar() == 0


def test_that_a_manager_looked_at_somebodys_contacts_is_told(house, visitor):
    mine = {"authorization": f"Bearer {house.api_token_of('guard')}"}
    visitor.post("/api/v1/members/me/contacts", json={"channel": "sms", "address": "+8613800000000"}, headers=mine)
    for _ in range(2):
        for member in ("guard", "manager"):
            bearer = {"authorization": f"Bearer {house.api_token_of(member)}"}
            assert visitor.get("/api/v1/members/guard/contacts", headers=bearer).status_code == 200
    told = [entry for entry in house.ledger() if entry.kind == Kind.PERSONAL_READ]
    assert [(entry.actor, entry.subject, entry.data["class"]) for entry in told] == [
        ("member:manager", "member:guard", "contact")
    ]


def test_an_invitation_tells_times_in_the_estates_zone(house, manager, another):
    link = link_in(asks_in(manager).text, "invitation")
    until = house.services.accounts.accept.look(link.rpartition("/")[2], "").expires_at
    assert moment(until, ZoneInfo("Asia/Shanghai"), "en") in another.get(link, params={"lang": "en"}).text
