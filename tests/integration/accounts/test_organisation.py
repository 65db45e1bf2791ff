"""Coming in through an organisation's own sign-in: only members, only what the provider really said, to this browser."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from cloud.adapters.accounts.openid import Client, OpenIdProvider
from cloud.application.accounts.keeping import Organisation
from cloud.domain.accounts.second_factor import STRONG_CONTEXTS, SecondFactorRule
from cloud.domain.community.names import Names
from cloud.domain.community.party import Role
from tests.fakes.openid import CLIENT, SECRET, provider_on_loopback
from tests.integration.accounts.at_the_door import Browsers, link_in
from tests.integration.accounts.test_invitations import asks_in, newcomer
from tests.integration.cloud_web.house import built_in

BACK = "http://tocsin.example/sign-in/organisation/back"


@pytest.fixture
def provider(first_house):
    with provider_on_loopback(first_house.clock.now) as provider:
        yield provider


@pytest.fixture
def house(tmp_path, app, provider):
    known = Client(provider.issuer, CLIENT, SECRET)

    def organisation(clock):
        return Organisation(Names("滨海物业", "Binhai Property"), lambda: OpenIdProvider(known, clock), BACK)

    with built_in(tmp_path, organisation=organisation) as house:
        app.state.services = house.services
        yield house


@pytest.fixture
def browsers(app, answering, house):
    with ExitStack() as stack:
        yield Browsers(app, answering, stack)


def goes_there(client, provider, query="", **says):
    """From the button to the provider and back."""
    provider.says = says
    departure = client.get(f"/sign-in/organisation{query}")
    assert departure.status_code == 303
    back = urlsplit(provider.signs_in(departure.headers["location"]))
    return client.get(f"{back.path}?{back.query}")


@pytest.fixture
def member(manager, another, provider):
    """Somebody who took an invitation with the organisation's sign-in."""
    secret = link_in(asks_in(manager).text, "invitation").rpartition("/")[2]
    assert "Sign in with Binhai Property" in another.get(f"/invitation/{secret}").text
    came = goes_there(another, provider, f"?invitation={secret}", sub="bh-1024")
    assert (came.status_code, came.headers["location"]) == (303, "/")
    return another


def test_who_holds_an_invitation_is_linked_and_comes_back_by_the_subject(house, member, provider, browsers):
    assert member.get("/").status_code == 200
    assert house.account(newcomer(house).id).subject.sub == "bh-1024"
    late = browsers()
    assert "Sign in with Binhai Property" in late.get("/sign-in").text
    came = goes_there(late, provider, "?next=/fleet", sub="bh-1024")
    assert (came.status_code, came.headers["location"]) == (303, "/fleet")
    assert late.get("/fleet").status_code == 200


def test_a_verified_mail_takes_the_invitation_that_was_made_out_to_it(house, manager, another, provider):
    asks_in(manager, email="Night@Binhai.example")
    for lie in ({"email_verified": False}, {"email_verified": "true"}, {"email": "other@binhai.example"}):
        said = {"email": "night@binhai.example", "email_verified": True, **lie}
        assert goes_there(another, provider, sub="bh-7", **said).status_code == 401
    came = goes_there(another, provider, sub="bh-7", email="NIGHT@binhai.example", email_verified=True)
    assert came.status_code == 303
    assert another.get("/").status_code == 200


def test_whom_nobody_asked_in_stays_outside(house, visitor, provider):
    refused = goes_there(visitor, provider, sub="stranger", email="manager@binhai.example", email_verified=True)
    assert refused.status_code == 401
    assert "nobody has asked you in" in refused.text
    assert "tocsin_session" not in visitor.cookies


@pytest.mark.parametrize(
    "says",
    [
        {"nonce": "another sign-in's"},
        {"nonce": None},
        {"aud": "another-program"},
        {"aud": [CLIENT, "another-program"]},
        {"azp": "another-program"},
        {"iss": "https://evil.example"},
        {"exp": 1_000_000_000},
        {"iat": 4_000_000_000},
        {"sub": None},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_sign_in_lets_nobody_in(house, member, browsers, provider, says):
    assert goes_there(browsers(), provider, **{"sub": "bh-1024", **says}).status_code == 401


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_signature_that_anybody_could_make_lets_nobody_in(house, member, browsers, provider, algorithm):
    provider.algorithm = algorithm
    assert goes_there(browsers(), provider, sub="bh-1024").status_code == 401


def test_a_foreign_key_lets_nobody_in(house, member, browsers, provider):
    provider.foreign_key = True
    assert goes_there(browsers(), provider, sub="bh-1024").status_code == 401


@pytest.fixture
def linked(house, member):
    """The services of a house in which somebody's account is linked."""
    return house.services


@pytest.mark.parametrize(
    ("says", "held"),
    [
        ({}, True),
        ({"amr": ["pwd"]}, True),
        ({"amr": ["pwd", "pin"]}, True),
        ({"acr": "1"}, True),
        ({"amr": "mfa"}, True),
        ({"amr": ["pwd", "otp"]}, False),
        ({"amr": ["mfa"]}, False),
        ({"amr": ["face", "hwk"]}, False),
        ({"acr": "https://refeds.org/profile/mfa"}, False),
        ({"acr": "house-gold"}, False),
    ],
    ids=str,
)
def test_what_the_provider_says_of_a_second_factor_counts(linked, browsers, provider, says, held):
    """A list and nothing that merely looks like one; of the provider's own words those that the settings name."""
    known = Client(provider.issuer, CLIENT, SECRET, strong_contexts=(*STRONG_CONTEXTS, "house-gold"))
    linked.accounts.through._provider = lambda: OpenIdProvider(known, linked.clock)
    linked.sign_in.second_factor = SecondFactorRule(frozenset(Role), timedelta())
    late = browsers()
    came = goes_there(late, provider, "?next=/fleet", sub="bh-1024", **says)
    assert came.headers["location"] == ("/account/second-factor?next=%2Ffleet" if held else "/fleet")
    assert late.get("/fleet").status_code == (303 if held else 200)


def test_an_answer_fits_only_the_browser_that_asked_and_once(house, member, browsers, provider):
    victim, attacker = browsers(), browsers()
    provider.says = {"sub": "bh-1024"}
    back = urlsplit(provider.signs_in(attacker.get("/sign-in/organisation").headers["location"]))
    answer = f"{back.path}?{back.query}"
    assert victim.get(answer).status_code == 401, "without a journey of its own"
    victim.get("/sign-in/organisation")
    assert victim.get(answer).status_code == 401, "with another journey"
    assert attacker.get(answer).status_code == 303
    assert attacker.get(answer).status_code == 401, "the journey is over"


def test_nobody_is_sent_elsewhere(house, member, browsers, provider):
    came = goes_there(browsers(), provider, "?next=https://evil.example", sub="bh-1024")
    assert came.headers["location"] == "/"


def test_the_provider_being_away_is_told_and_passwords_go_on(house, browsers, monkeypatch):
    known = Client("http://127.0.0.1:9", CLIENT, SECRET)
    through = house.services.accounts.through
    through._provider = lambda: OpenIdProvider(known, house.clock)
    away = browsers().get("/sign-in/organisation")
    assert away.status_code == 503
    assert browsers().get("/sign-in").status_code == 200
