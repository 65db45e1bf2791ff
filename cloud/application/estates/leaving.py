"""Whoever is a member no longer: nothing of theirs lets anybody in, tells anybody anything, or waits for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from cloud.application.estates.revoking import EVERYTHING, revoke_all
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import UnitOfWork
from cloud.domain.exchange.posting import Posting, Side
from cloud.domain.exchange.small_task import SmallTask, SmallTaskState
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import Unauthenticated

_WITHDRAWN: Final = {Side.OFFER: Kind.OFFER_WITHDRAWN, Side.NEED: Kind.NEED_WITHDRAWN}


@dataclass(frozen=True)
class Leaving:
    """One member, in a unit of work that the caller commits. What they did stays where it is: it is the record of who answered
    for what (docs/adr/0008). Words they wrote go by their own class, and at once by `tocsin personal erase`.
    """

    uow: UnitOfWork
    member_id: str
    now: datetime
    actor: str

    def shut_out(self) -> None:
        """Ends what lets in, or knows a secret: keys of every kind, the account with its second factor, invitations they made,
        webhooks they set up - until somebody gives these a new secret and switches them on again.
        """
        revoke_all(self.uow, self.member_id, self.now, actor=self.actor, purposes=EVERYTHING)
        self.uow.accounts.remove(self.member_id)
        for estate in self._estates():
            for invitation in self.uow.accounts.invitations([estate]):
                if invitation.by == self.member_id and invitation.open(self.now):
                    self.uow.accounts.save_invitation(replace(invitation, revoked_at=self.now))
                    self._tell(
                        estate,
                        Kind.INVITATION_ENDED,
                        invitation.id,
                        "request",
                        member=invitation.member.id,
                        how="revoked",
                    )
            for webhook in self.uow.webhooks.of(estate):
                if webhook.created_by == self.member_id and webhook.active:
                    self.uow.webhooks.save(replace(webhook, active=False))
                    about: dict[str, Any] = {"subject": webhook.id, "kinds": sorted(webhook.kinds), "active": False}
                    self._tell(estate, Kind.WEBHOOK_CHANGED, webhook.id, f"webhook:{webhook.id}", **about)

    def forget(self) -> None:
        """Erases what was theirs alone: addresses, saved views, what they consented to about their home, that an owner on the
        roll is this member. What they offered, needed or had taken on is there for nobody any more.
        """
        self.uow.contacts.replace(self.member_id, [])
        for estate in self._estates():
            for view in self.uow.views.of(estate, self.member_id):
                self.uow.views.remove(view.id)
            self._consent(estate)
            self._exchange(estate)
            self._roll(estate)

    def _consent(self, estate: str) -> None:
        consent = self.uow.consents.get(estate, self.member_id)
        if consent is None:
            return
        self.uow.consents.remove(estate, self.member_id)
        # As when they take it back themselves: under the key that says nothing of whose it was.
        facts = {"hazard": "welfare.no-activity"}
        draft = Draft(
            Kind.CONSENT_WITHDRAWN, self.now, f"resident:{consent.key}", None, consent.key, consent.key, facts
        )
        self.uow.ledger.append(estate, [draft])

    def _exchange(self, estate: str) -> None:
        for one in self.uow.exchange.written(estate, self.member_id):
            if isinstance(one, Posting) and one.open:
                one.withdraw(self.member_id, self.now)
                for missive in self.uow.missives.about(one.id):
                    if missive.next_at is not None:
                        self.uow.missives.save(missive.withdrawn(self.now))
                self.uow.exchange.save_posting(one)
                facts = {"party": one.party_id, "good": one.good.value, "capability": one.capability}
                self._tell(estate, _WITHDRAWN[one.side], one.id, None, **facts)
        for task in self.uow.exchange.written(estate, None):
            mine = isinstance(task, SmallTask) and self.member_id in task.claimed_by
            if isinstance(task, SmallTask) and mine and task.state is SmallTaskState.CLAIMED:
                task.give_up(self.member_id)
                self.uow.exchange.save_small_task(task)
                facts = {"party": task.party_id, "act": task.kind.value, "capability": task.capability}
                self._tell(estate, Kind.SMALL_TASK_RELEASED, task.id, None, **facts)

    def _roll(self, estate: str) -> None:
        roll = self.uow.consultation.roll.of(estate)
        if any(one.member_id == self.member_id for one in roll):
            unlinked = [replace(one, member_id=None) if one.member_id == self.member_id else one for one in roll]
            self.uow.consultation.roll.replace(estate, unlinked)

    def _tell(self, estate: str, kind: Kind, what: str, cause: str | None, **facts: Any) -> None:
        self.uow.ledger.append(estate, [Draft(kind, self.now, self.actor, None, what, cause, facts)])

    def _estates(self) -> list[str]:
        return [estate.id for estate in self.uow.registers.estates()]


def still_in(uow: UnitOfWork, viewer: Identity, now: datetime) -> None:
    """Two who show each other out at one moment must not both be out: whoever comes second is in no more. Raises Unauthenticated."""
    uow.accounts.hold()
    mine = [key for key in uow.keys.of_member(viewer.member.id) if key.id == viewer.key_id]
    if viewer.key_id and not any(key.alive(now) for key in mine):
        raise Unauthenticated("You were shown out in this moment.", "您刚刚被移出")
