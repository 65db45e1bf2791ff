"""Everything about accounts, put together for who serves it: pages, interface, command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cloud.application.account_ports import IdentityProvider
from cloud.application.accounts.accept_invitation import AcceptInvitation
from cloud.application.accounts.keep_keys import KeepKeys
from cloud.application.accounts.keep_members import KeepMembers
from cloud.application.accounts.keep_screens import KeepScreens
from cloud.application.accounts.make_administrator import FirstEstate, MakeAdministrator
from cloud.application.accounts.organisation import SignInThroughOrganisation
from cloud.application.accounts.own_account import OwnAccount
from cloud.application.accounts.password_sign_in import SignInWithPassword
from cloud.application.accounts.proving import Means, Proving
from cloud.application.accounts.second_factor import SecondFactor
from cloud.application.accounts.tries import Tries
from cloud.application.estates.sign_in import SignIn
from cloud.application.ports import Clock, Ids, UnitsOfWork
from cloud.domain.accounts.throttle import USUAL, Limits
from cloud.domain.community.names import Names


@dataclass(frozen=True)
class Organisation:
    """Whose sign-in is offered: how it is called on the button, who vouches, and where it sends people back to."""

    names: Names
    provider: Callable[[], IdentityProvider]
    back: str


@dataclass(frozen=True)
class Accounts:
    password: SignInWithPassword
    own: OwnAccount
    second_factor: SecondFactor
    keys: KeepKeys
    members: KeepMembers
    screens: KeepScreens
    accept: AcceptInvitation
    first_run: MakeAdministrator
    tries: Tries
    through: SignInThroughOrganisation | None = None
    organisation: Names | None = None

    @classmethod
    def on(
        cls,
        units: UnitsOfWork,
        clock: Clock,
        ids: Ids,
        *,
        sign_in: SignIn,
        means: Means,
        first_estate: FirstEstate,
        set_up: Callable[[], None] = lambda: None,
        organisation: Organisation | None = None,
        limits: Limits = USUAL,
    ) -> Accounts:
        proving = Proving(units, clock, means, limits)
        accept = AcceptInvitation(units, clock, proving, sign_in)
        through = None
        if organisation is not None:
            back, provider = organisation.back, organisation.provider
            tries = proving.tries
            through = SignInThroughOrganisation(units, accept, sign_in, provider, back=back, tries=tries, clock=clock)
        return cls(
            password=SignInWithPassword(units, clock, proving, sign_in),
            own=OwnAccount(units, clock, proving, sign_in.second_factor),
            second_factor=SecondFactor(units, clock, proving),
            keys=KeepKeys(units, clock, sign_in),
            members=KeepMembers(units, clock, ids),
            screens=KeepScreens(units, clock, ids, sign_in.new_token),
            accept=accept,
            first_run=MakeAdministrator(
                units, clock, ids, proving=proving, sign_in=sign_in, first_estate=first_estate, done=set_up
            ),
            tries=proving.tries,
            through=through,
            organisation=organisation.names if organisation else None,
        )
