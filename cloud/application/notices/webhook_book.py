"""Which systems are told: added, changed, given a new secret, removed, and tried out by those who run the estate."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cloud.application.messages import Event, Poster, why_not
from cloud.application.notices.cloud_events import source_of, trial
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.domain.community.names import Names
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.webhook import SECRET_BYTES, Posting, Tally, Webhook, secret_of
from cloud.domain.tasks.sight import outlook
from cloud.errors import Conflict, Invalid, NotFound, Unavailable

MOST: Final = 20
"""Webhooks of one estate: each costs a request for every entry of the ledger."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A webhook and its newest secret, which is shown this once."""

    webhook: Webhook
    secret: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a test message. `why` None: the other side took it."""

    taken: bool
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Untaken:
    """What other systems did not take, and the webhooks by id."""

    postings: Sequence[Posting]
    webhooks: Mapping[str, Webhook]

    @property
    def gone(self) -> Sequence[Webhook]:
        """Those that said there is nothing at their address any more."""
        return [one for one in self.webhooks.values() if one.gone_at is not None]


@dataclass(frozen=True, slots=True)
class Kept:
    """A webhook as it stands: whose it is, how it fares, and what it did not take lately, newest first."""

    webhook: Webhook
    party: Names
    tally: Tally
    untaken: Sequence[Posting]


class WebhookBook:
    """`member_id`: who does it, for the ledger; secrets and URLs never stand there. A webhook tells what its party sees, so
    of the others' there is none but for who oversees the whole estate: NotFound.
    """

    def __init__(
        self, units: UnitsOfWork, clock: Clock, ids: Ids, poster: Poster,
        random: Callable[[int], bytes] = secrets.token_bytes, *, url: str | None = None, operator: str | None = None,
    ) -> None:  # fmt: skip
        """`url`: the service's own address, for the source of a test message. `operator`: who sits at the machine, to keep them all
        and to be named in the ledger; a member is then only for whose party one is added.
        """
        self._units, self._clock, self._ids, self._poster, self._random = units, clock, ids, poster, random
        self._url, self._operator = url, operator

    def all(self, estate: str, member_id: str) -> Sequence[Webhook]:
        with self._units.reading() as uow:
            keeps = self._keeper(uow, estate, member_id).keeps
            return [webhook for webhook in uow.webhooks.of(estate) if keeps(webhook)]

    def kept(self, estate: str, member_id: str, *, untaken: int) -> Sequence[Kept]:
        """`untaken`: how much at most is shown of what each did not take. Raises NotFound."""
        with self._units.reading() as uow:
            keeps, register = self._keeper(uow, estate, member_id).keeps, uow.registers.find(estate)
            if register is None:
                raise NotFound(f"There is no estate {estate!r} here.", "没有这个小区")
            found = [webhook for webhook in uow.webhooks.of(estate) if keeps(webhook)]
            tallies, parties = uow.webhooks.tallies([one.id for one in found]), register.parties
            return [
                Kept(
                    one,
                    parties[one.party_id].names if one.party_id in parties else Names(one.party_id, one.party_id),
                    tallies.get(one.id, Tally()),
                    uow.webhooks.untaken(estate, [one.id], untaken),
                )
                for one in found
            ]

    def one(self, estate: str, webhook_id: str, member_id: str) -> Webhook:
        """Raises NotFound."""
        with self._units.reading() as uow:
            return self._known(uow, estate, webhook_id, member_id)

    def add(self, estate: str, url: str, kinds: Collection[str], member_id: str) -> Shown:
        """It is told what happens from now on. Raises Invalid, Conflict, and NotFound where the member is none of the estate's."""
        self._poster.check(url)
        with self._units.writing() as uow:
            uow.ledger.hold(estate)
            keeper, given = self._keeper(uow, estate, member_id), (url, _kinds(kinds), True)
            if not keeper.belongs:
                raise NotFound(
                    f"There is no member {member_id!r} in estate {estate!r} for whose party it could be told.",
                    "该小区没有这个成员",
                )
            known = filter(keeper.keeps, uow.webhooks.of(estate))
            if any((one.url, one.kinds, one.active) == given for one in known):
                raise Conflict(
                    "This address is told of that already. Where its secret was never seen, give it a new one.",
                    "该地址已登记；如未看到密钥，请为其更换密钥",
                )
            if len(uow.webhooks.of(estate)) >= MOST:
                raise Conflict(
                    f"There are {MOST} webhooks already. Remove one that nobody needs.",
                    f"已有 {MOST} 个 webhook，请先删除不再需要的",
                )
            now, secret = self._clock.now(), secret_of(self._random(SECRET_BYTES))
            position = uow.ledger.head(estate).seq
            webhook = Webhook(
                self._ids.new(now), estate, url, secret, member_id, now, _kinds(kinds), position=position,
                party_id=keeper.party_id,
            )  # fmt: skip
            self._save(uow, webhook, Kind.WEBHOOK_ADDED, member_id, now)
        return Shown(webhook, secret)

    def change(
        self, estate: str, webhook_id: str, member_id: str, *, url: str | None = None,
        kinds: Collection[str] | None = None, active: bool | None = None,
        check: Callable[[Webhook], None] = lambda _: None,
    ) -> Webhook:  # fmt: skip
        """What is None stays. `check`: may refuse, of the webhook as it stands. One that is switched on again is told from then on. Raises NotFound, Invalid."""
        if url is not None:
            self._poster.check(url)
        with self._units.writing() as uow:
            uow.ledger.hold(estate)
            now, known = self._clock.now(), self._known(uow, estate, webhook_id, member_id)
            check(known)
            woken = active is True and not known.active
            webhook = replace(
                known,
                url=url if url is not None else known.url,
                kinds=_kinds(kinds) if kinds is not None else known.kinds,
                active=active if active is not None else known.active,
                position=uow.ledger.head(estate).seq if woken else known.position,
                gone_at=None if woken else known.gone_at,
            )
            if webhook != known:
                self._save(uow, webhook, Kind.WEBHOOK_CHANGED, member_id, now)
        return webhook

    def rotate(self, estate: str, webhook_id: str, member_id: str) -> Shown:
        """A new secret; what is sent is signed by the former one too, for a day. Raises NotFound."""
        with self._units.writing() as uow:
            uow.ledger.hold(estate)
            now, secret = self._clock.now(), secret_of(self._random(SECRET_BYTES))
            webhook = self._known(uow, estate, webhook_id, member_id).rotated(secret, now)
            self._save(uow, webhook, Kind.WEBHOOK_SECRET_ROTATED, member_id, now)
        return Shown(webhook, secret)

    def remove(self, estate: str, webhook_id: str, member_id: str) -> None:
        """Nothing more is sent there. Raises NotFound."""
        with self._units.writing() as uow:
            uow.ledger.hold(estate)
            webhook = self._known(uow, estate, webhook_id, member_id)
            uow.webhooks.remove(webhook.id)
            uow.ledger.append(
                estate, [_draft(webhook, Kind.WEBHOOK_REMOVED, self._actor(member_id), self._clock.now())]
            )
            uow.commit()

    def try_out(self, estate: str, webhook_id: str, member_id: str) -> Tried:
        """Sends a test message now, outside the outbox. Raises NotFound."""
        webhook, now = self.one(estate, webhook_id, member_id), self._clock.now()
        id_ = f"test-{self._ids.new(now)}"
        event = Event(id_, webhook.url, webhook.secrets(now), now, trial(id_, source_of(self._url, estate), now))
        try:
            self._poster.post(event)
        except (Unavailable, Invalid) as error:
            return Tried(taken=False, why=why_not(error))
        return Tried(taken=True)

    def postings(
        self, estate: str, webhook_id: str, member_id: str, *, failed: bool, limit: int, before: str | None = None
    ) -> Sequence[Posting]:
        """Newest first, after the one with the id `before`. Raises NotFound."""
        with self._units.reading() as uow:
            known = self._known(uow, estate, webhook_id, member_id).id
            return uow.webhooks.postings(known, failed=failed, limit=limit, before=before)

    def untaken(self, estate: str, limit: int, member_id: str) -> Untaken:
        """What the other systems did not take that are theirs to keep, newest first."""
        with self._units.reading() as uow:
            keeps = self._keeper(uow, estate, member_id).keeps
            kept = {one.id: one for one in uow.webhooks.of(estate) if keeps(one)}
            return Untaken(uow.webhooks.untaken(estate, list(kept), limit) if kept else (), kept)

    def given_up(self, estate: str, webhook_id: str, member_id: str, *, limit: int) -> Sequence[Posting]:
        """What it did not take however often it was tried, oldest first. Raises NotFound."""
        with self._units.reading() as uow:
            known = self._known(uow, estate, webhook_id, member_id)
            found = uow.webhooks.untaken(estate, [known.id], limit)
            return [one for one in reversed(found) if one.failed_at is not None]

    def again(self, estate: str, webhook_id: str, posting_id: str, member_id: str) -> Posting:
        """What was given up is sent once more, under its id: who has it after all knows it by that. Raises NotFound; Conflict
        where it was not given up, or the webhook is switched off.
        """
        with self._units.writing() as uow:
            uow.ledger.hold(estate)
            webhook, posting = self._known(uow, estate, webhook_id, member_id), uow.webhooks.posting(posting_id)
            if posting is None or posting.webhook_id != webhook.id:
                raise NotFound("Nothing of that name was sent to it.", "没有这条投递")
            if posting.failed_at is None:
                raise Conflict("It was not given up: it was taken, or is still being tried.", "该投递并未放弃")
            if not webhook.active:
                raise Conflict("The webhook is switched off: switch it on first.", "该 webhook 已停用，请先启用")
            now = self._clock.now()
            posting = posting.again(now)
            uow.webhooks.post([posting])
            facts = {"subject": webhook.id, "seq": posting.seq}
            draft = Draft(Kind.WEBHOOK_AGAIN, now, self._actor(member_id), None, webhook.id, posting.id, facts)
            uow.ledger.append(estate, [draft])
            uow.commit()
        return posting

    def _save(self, uow: UnitOfWork, webhook: Webhook, kind: Kind, member_id: str, now: datetime) -> None:
        uow.webhooks.save(webhook)
        uow.ledger.append(webhook.estate, [_draft(webhook, kind, self._actor(member_id), now)])
        uow.commit()

    def _actor(self, member_id: str) -> str:
        return self._operator or f"member:{member_id}"

    def _keeper(self, uow: UnitOfWork, estate: str, member_id: str) -> _Keeper:
        return _Keeper(uow, estate, member_id, all_of_them=self._operator is not None)

    def _known(self, uow: UnitOfWork, estate: str, webhook_id: str, member_id: str) -> Webhook:
        webhook = uow.webhooks.get(webhook_id)
        if webhook is None or webhook.estate != estate or not self._keeper(uow, estate, member_id).keeps(webhook):
            raise NotFound(f"There is no webhook {webhook_id!r}.", "没有这个 webhook")
        return webhook


def _draft(webhook: Webhook, kind: Kind, actor: str, now: datetime) -> Draft:
    facts = {"subject": webhook.id, "kinds": sorted(webhook.kinds), "active": webhook.active}
    return Draft(kind, now, actor, None, webhook.id, f"webhook:{webhook.id}", facts)


class _Keeper:
    """A member, as far as webhooks are theirs to keep. `all_of_them`: whoever sits at the machine asks in their place."""

    def __init__(self, uow: UnitOfWork, estate: str, member_id: str, *, all_of_them: bool) -> None:
        register, self._member = uow.registers.find(estate), uow.registers.member(member_id)
        self.belongs = register is not None and member_id in register.members
        self._oversees = all_of_them or (
            register is not None
            and self._member is not None
            and outlook(register, self._member).oversees(register.estate.place_id)
        )

    @property
    def party_id(self) -> str:
        return self._member.party_id if self._member else ""

    def keeps(self, webhook: Webhook) -> bool:
        own = self._member is not None and self._member.role_in(webhook.party_id) is not None
        return own or self._oversees


def _kinds(given: Collection[str]) -> frozenset[str]:
    unknown = sorted(set(given) - {kind.value for kind in Kind})
    if unknown:
        problems = [f"kinds: {kind!r} is no kind of ledger entry" for kind in unknown]
        raise Invalid("The webhook was not taken.", [*problems, "an empty list means every kind"])
    return frozenset(given)
