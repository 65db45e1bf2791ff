"""The first administrator is made; people are asked in, prove who they are, come and go, and are shown out."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from cloud.application.account_ports import Journey
from cloud.application.accounts.guesses import LabelGuesses
from cloud.application.accounts.keep_members import Newcomer
from cloud.application.accounts.keeping import Accounts, Organisation
from cloud.application.accounts.tries import ForgetTries
from cloud.application.estates.sign_in import SignIn
from cloud.domain.accounts.screen import SEEN_EVERY as SCREEN_SEEN_EVERY
from cloud.domain.accounts.throttle import EMPTIES_IN
from cloud.domain.community.access import SEEN_EVERY, Origin, Purpose
from cloud.domain.community.names import Names
from cloud.domain.community.party import Role
from tests.fakes.accounts import CountedCodes, FakeIdentityProvider, plain_means
from tests.fakes.estate import ESTATE, HOME
from tests.faults.governance.walking import Story, step
from tests.faults.governance.world import World

_HERE = Origin("192.0.2.7", "a browser")
_PASSWORD = "stairs smell of rain"
_JOURNEY = Journey("state", "nonce", "verifier")


def _accounts(w: World) -> Accounts:
    numbers = w.kept.setdefault("account tokens", count(1))
    sign_in = SignIn(w.units, w.clock, lambda: f"account-token-{next(numbers)}")
    vouching = Organisation(Names("单位", "Organisation"), FakeIdentityProvider, "https://tocsin.example/back")
    return Accounts.on(
        w.units, w.clock, w.ids, sign_in=sign_in, means=plain_means(), first_estate=_no_estate, organisation=vouching
    )


def _no_estate(_: Any) -> Any:
    raise AssertionError("there is an estate already")


def _code(w: World) -> str:
    return CountedCodes().code(w.clock.now())


def _prints(w: World) -> None:
    w.kept["setup"] = _accounts(w).first_run.code()


def _sets_up(w: World) -> None:
    _accounts(w).first_run(w.kept["setup"], "chief", _PASSWORD, origin=_HERE)


def _asks_in(name: str):
    def act(w: World) -> None:
        who = Newcomer(Names(name, name), "property", Role.RESPONDER)
        w.kept[name] = _accounts(w).members.invite(w.identity("manager"), ESTATE, who)

    return act


def _asks_home(name: str, home: str):
    def act(w: World) -> None:
        who = Newcomer(Names(name, name), "", Role.RESIDENT, home=home)
        w.kept[name] = _accounts(w).members.invite(w.identity("manager"), ESTATE, who)

    return act


def _takes_back(w: World) -> None:
    _accounts(w).members.revoke_invitation(w.identity("manager"), ESTATE, w.kept["nobody"].invitation.id)


def _with_password(w: World) -> None:
    _accounts(w).accept.with_password(w.kept["night"].secret, "night", _PASSWORD, origin=_HERE)


def _with_link(w: World) -> None:
    _accounts(w).accept.with_link(w.kept["day"].secret, origin=_HERE)


def _through_organisation(w: World) -> None:
    _accounts(w).through.arrive("state", "bh-17", _JOURNEY, w.kept["evening"].secret, origin=_HERE)


def _sets_password(w: World) -> None:
    _accounts(w).own.set_password(w.identity("guard"), "guard", _PASSWORD, _PASSWORD, address=_HERE.address)


def _begins(w: World) -> None:
    _accounts(w).own.begin_second_factor(w.identity("guard"))


def _confirms(w: World) -> None:
    _accounts(w).own.confirm_second_factor(w.identity("guard"), _code(w), address=_HERE.address)


def _new_codes(w: World) -> None:
    _accounts(w).own.new_recovery_codes(w.identity("guard"), _PASSWORD, address=_HERE.address)


def _ends_second_factor(w: World) -> None:
    _accounts(w).own.end_second_factor(w.identity("guard"), _PASSWORD, address=_HERE.address)


def _signs_in(w: World) -> None:
    w.kept["guard session"] = _accounts(w).password("guard", _PASSWORD, _code(w), origin=_HERE)


def _is_seen(w: World) -> None:
    _accounts(w).keys._sign_in.identify(w.kept["guard session"].token)


def _proves(w: World) -> None:
    _accounts(w).second_factor.prove(w.identity("guard"), _code(w), address=_HERE.address)


def _resets(w: World) -> None:
    _accounts(w).second_factor.reset("guard", actor="operator:root")


def _guesses(w: World) -> None:
    LabelGuesses(w.units, w.clock).wrong(_HERE.address)


def _mints(w: World) -> None:
    w.kept["token"] = _accounts(w).keys.mint(w.identity("guard"), "dispatcher", ["read"])


def _ends_session(w: World) -> None:
    _accounts(w).keys.end(w.identity("guard"), w.kept["guard session"].key.id, Purpose.SESSION)


def _revokes(w: World) -> None:
    _accounts(w).keys.revoke_token("guard", w.kept["token"].key.id, actor="operator:root")


def _makes_screen(w: World) -> None:
    screens = _accounts(w).screens
    w.kept["wall"] = screens.make(w.identity("manager"), ESTATE, "property", "Gate house")


def _hangs_screen(w: World) -> None:
    w.kept["held"] = _accounts(w).screens.open(w.kept["wall"].token, _HERE)


def _screen_is_seen(w: World) -> None:
    _accounts(w).keys._sign_in.identify(w.kept["held"], Purpose.SCREEN)


def _takes_screen_back(w: World) -> None:
    _accounts(w).screens.end(w.identity("manager"), w.kept["wall"].screen.id)


def _shows_out(w: World) -> None:
    _accounts(w).members.show_out(w.identity("manager"), ESTATE, w.kept["night"].invitation.member.id)


ACCOUNTS: Story = [
    step("the code of the first run is printed", _prints),
    step("the administrator is made", _sets_up),
    step("somebody is asked in", _asks_in("night"), anew="invitations ledger"),
    _asks_in("day"),
    _asks_in("evening"),
    _asks_in("nobody"),
    step("a resident is asked home", _asks_home("neighbour", f"{HOME}/b1/f2"), anew="invitations ledger"),
    step("who comes with a password", _with_password),
    step("somebody stays with links", _with_link),
    step("somebody comes through an organisation", _through_organisation, anew="access_keys ledger"),
    step("an invitation is taken back", _takes_back),
    step("the guard sets a password", _sets_password, anew="ledger sign_in_tries"),
    step("the guard's phone gets a secret", _begins),
    step("the phone is proven", _confirms),
    timedelta(seconds=30),
    step("the guard signs in", _signs_in),
    SEEN_EVERY,
    step("the guard is seen", _is_seen),
    step("codes on paper are made anew", _new_codes, anew="ledger"),
    step("the guard proves once more that the phone is theirs", _proves),
    timedelta(seconds=30),
    step("the phone is asked no longer", _ends_second_factor, anew="ledger"),
    step("a code of no label is tried", _guesses, anew="sign_in_tries"),
    step("a token is made", _mints, anew="access_keys ledger"),
    step("and revoked", _revokes),
    step("the session is ended", _ends_session),
    _begins,
    _confirms,
    step("the operator lets in who has lost the phone", _resets),
    step("all others are", lambda w: _accounts(w).keys.end_others(w.identity("guard"))),
    step("a wall screen is made", _makes_screen, anew="screens ledger"),
    step("it is hung", _hangs_screen),
    SCREEN_SEEN_EVERY,
    step("it is heard", _screen_is_seen),
    step("it is taken back", _takes_screen_back),
    step("somebody is shown out", _shows_out),
    EMPTIES_IN * 2,
    step("tries are forgotten", lambda w: ForgetTries(w.units, w.clock)()),
]
