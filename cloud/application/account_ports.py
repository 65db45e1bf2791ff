"""What accounts need from outside: where they are kept, and who hashes, seals and vouches."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cloud.domain.accounts.account import Account, Subject
from cloud.domain.accounts.first_run import FirstRun
from cloud.domain.accounts.invitation import Invitation
from cloud.domain.accounts.throttle import Bucket
from cloud.domain.community.access import AccessKey
from cloud.domain.community.party import Member


class AccessKeys(Protocol):
    def put(self, key: AccessKey) -> None: ...

    def find(self, hash_: str) -> AccessKey | None: ...

    def of_member(self, member_id: str) -> Sequence[AccessKey]: ...

    def save(self, key: AccessKey) -> None: ...

    def seen(self, hash_: str, now: datetime) -> None:
        """It was used now."""
        ...

    def purge_links(self, before: datetime) -> int:
        """Forget the personal links and sessions that ended before that moment; how many there were."""
        ...


class AccountBook(Protocol):
    """Accounts, recovery codes, invitations, tries, and the first run. Raises Conflict where a login is taken.

    A unit of work that writes has the book to itself from the first of these that it reads: what it found is so until it commits.
    """

    def hold(self) -> None:
        """The same before anything is read. Who holds an estate's ledger as well takes this first."""
        ...

    def of_member(self, member_id: str) -> Account | None: ...

    def by_login(self, login: str) -> Account | None: ...

    def by_subject(self, subject: Subject) -> Account | None: ...

    def with_accounts(self, members: Collection[str]) -> Mapping[str, Account]: ...

    def any(self) -> bool: ...

    def save(self, account: Account) -> None: ...

    def remove(self, member_id: str) -> None: ...

    def use_step(self, member_id: str, step: int) -> bool:
        """Counts the step of a one-time code as used; False when it or a later one was used before."""
        ...

    def put_recovery(self, member_id: str, hashes: Sequence[str]) -> None:
        """In place of those there were."""
        ...

    def use_recovery(self, member_id: str, hash_: str, now: datetime) -> bool:
        """Whether it was one that nobody had used."""
        ...

    def recovery_left(self, member_id: str) -> int: ...

    def second_factor_asked(self, member_id: str, now: datetime) -> datetime:
        """When a second factor was first asked of them: now, if it never was."""
        ...

    def second_factor_not_asked(self, member_id: str) -> None:
        """Forgets that it was: their time without one begins anew."""
        ...

    def invitation(self, secret_hash: str) -> Invitation | None: ...

    def invitation_by_id(self, invitation_id: str) -> Invitation | None: ...

    def invitations(self, estates: Collection[str]) -> Sequence[Invitation]:
        """The newest first."""
        ...

    def invited_email(self, email: str) -> Sequence[Invitation]: ...

    def save_invitation(self, invitation: Invitation) -> None: ...

    def forget_invitations(self, before: datetime) -> int:
        """Those that ended before then, with the names and mails in them; how many."""
        ...

    def add_member(self, member: Member, estates: Collection[str]) -> None:
        """Somebody who is in no file; loading an estate again leaves them."""
        ...

    def remove_member(self, member_id: str) -> bool:
        """Takes out whom `add_member` put in; False when a file names them."""
        ...

    def added_members(self, estate: str) -> Collection[str]: ...

    def bucket(self, empty: Bucket) -> Bucket:
        """What is known of that source, or the empty one that is given."""
        ...

    def save_bucket(self, bucket: Bucket) -> None: ...

    def forget_tries(self, before: datetime) -> int: ...

    def tries_key(self, now: datetime) -> bytes:
        """The key under which sources are hashed, made when there is none."""
        ...

    def first_run(self) -> FirstRun | None: ...

    def save_first_run(self, run: FirstRun) -> None: ...


class PasswordHashing(Protocol):
    """Slow by intent, and from any thread."""

    def hash(self, password: str) -> str: ...

    def verify(self, hashed: str | None, password: str) -> bool:
        """None: nobody's, and it takes as long to say so."""
        ...

    def stale(self, hashed: str) -> bool:
        """Whether it was made with other parameters than new ones are."""
        ...


class OneTimeCodes(Protocol):
    """RFC 6238 with SHA-1, six digits, thirty seconds: what every authenticator app does."""

    def new_secret(self) -> str: ...

    def step_of(self, secret: str, code: str, now: datetime) -> int | None:
        """The time step whose code it is, of the present one and its neighbours; None when it is none of theirs."""
        ...

    def address(self, secret: str, login: str) -> str:
        """`otpauth://…`, which the app reads from a picture."""
        ...


class SecretSeal(Protocol):
    """Keeps secrets so that the database alone does not tell them. `opened` raises Invalid."""

    def sealed(self, secret: str, owner: str) -> str: ...

    def opened(self, sealed: str, owner: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the organisation's provider says somebody is. `email` only where it says that it has verified it."""

    subject: Subject
    email: str | None
    name: str = ""
    second_factor: bool = False
    """Whether the provider says that it has asked for one."""


@dataclass(frozen=True, slots=True)
class Journey:
    """What the browser keeps while its owner is at the provider: nobody else's answer fits to it."""

    state: str
    nonce: str
    verifier: str


class IdentityProvider(Protocol):
    """An OpenID provider. Both raise Unavailable when it cannot be asked."""

    def way(self, journey: Journey, back: str) -> str:
        """The address at which somebody proves there who they are."""
        ...

    def vouches(self, code: str, journey: Journey, back: str) -> Vouched:
        """Whom the code stands for. Raises Unauthenticated when anything about the answer is not as it must be."""
        ...
