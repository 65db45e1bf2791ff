"""A node redeems its claim for a certificate, and renews it before it ends."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cloud.application.accounts.guesses import ClaimGuesses
from cloud.application.enrolment_ports import Authority, Certificate
from cloud.application.fleet.issue_claims import calm
from cloud.application.incidents.consequences import Consequences
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.domain.fleet.credential import CREDENTIAL_PREFIX, Claim, Credential, CredentialState, secret_hash
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import NotAllowed
from schemas.enrolment import ClaimCode, ClaimCodeError

REFUSED: Final = {
    "used": (
        "This claim code has been used: one board once. Ask for a new one; if you did not use it, tell the operator.",
        "登记码已被使用；如非本人使用，请立即告知运维人员",
    ),
    "revoked": ("This claim code was taken back: ask the operator for a new one.", "登记码已撤回，请索取新码"),
    "expired": ("This claim code has expired: ask the operator for a new one.", "登记码已过期，请索取新码"),
    "locked": (
        "This claim code was tried too often with a wrong secret and is void: ask the operator for a new one.",
        "登记码多次输错，已作废，请索取新码",
    ),
    "unknown": ("There is no such claim code: check it, letter by letter.", "没有这个登记码，请逐字核对"),
}


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Who the node is now, and the certificate that proves it."""

    credential: Credential
    authority_pem: str


class OpensNothing(NotAllowed):
    """A code that may have been guessed. Who knows the secret of a claim that was used, locked or is over guesses nothing."""


class EnrolNode:
    """Redeems a claim. A node whose answer was lost on the way asks again with the same key and gets the same answer."""

    def __init__(
        self,
        units: UnitsOfWork,
        clock: Clock,
        ids: Ids,
        authority: Callable[[], Authority],
        *,
        guesses: ClaimGuesses,
        new_id: Callable[[], str] = lambda: CREDENTIAL_PREFIX + secrets.token_hex(8),
    ) -> None:
        self._units, self._clock, self._ids, self._authority = units, clock, ids, authority
        self._guesses, self._new_id = guesses, new_id

    def __call__(self, code_text: str, csr_pem: str, *, outbox: str | None, source: str) -> Enrolment:
        """`outbox`: the store the board numbers in already; `source`: whose tries are counted together.

        Raises NotAllowed (the code does not open), Throttled, Invalid (the request cannot be certified).
        """
        key_digest = self._authority().key_digest(csr_pem)
        try:
            return self._redeemed(code_of(code_text), csr_pem, key_digest, outbox)
        except OpensNothing:
            # What was wrong with the code is kept by now: the units of work are not within each other.
            self._guesses.wrong(source)
            raise

    def _redeemed(self, code: ClaimCode, csr_pem: str, key_digest: str, outbox: str | None) -> Enrolment:
        with self._units.writing() as uow:
            now = self._clock.now()
            claim = self._opened(uow, code, now)
            if claim.used_at is not None:
                return self._again(uow, claim, key_digest)
            why = claim.refusal(now)
            if why is not None:
                raise NotAllowed(*REFUSED[why])
            credential = self._credential(claim, csr_pem, outbox, now)
            self._retire_boards_before(uow, claim, outbox, now)
            uow.enrolments.save_claim(replace(claim, used_at=now))
            uow.enrolments.save(credential)
            data = {"node": claim.node_id, "credential": credential.id, "claim": claim.id, "replaces": claim.replaces}
            actor = f"node:{claim.node_id}"
            uow.ledger.append(
                claim.estate, [Draft(Kind.NODE_ENROLLED, now, actor, None, claim.node_id, claim.id, data)]
            )
            uow.commit()
            return Enrolment(credential, self._authority().pem)

    def _opened(self, uow: UnitOfWork, code: ClaimCode, now: datetime) -> Claim:
        """The claim this code's secret opens, whatever became of it."""
        claim = uow.enrolments.claim(code.claim)
        if claim is None:
            raise OpensNothing(*REFUSED["unknown"])
        if not hmac.compare_digest(claim.secret_hash, secret_hash(code.secret)):
            if claim.refusal(now) is None:
                # Kept although the unit fails: the next try must know of this one.
                uow.enrolments.save_claim(claim.failed())
                uow.commit()
            raise OpensNothing(*REFUSED["unknown"])
        return claim

    def _again(self, uow: UnitOfWork, claim: Claim, key_digest: str) -> Enrolment:
        for credential in uow.enrolments.of_node(claim.estate, claim.node_id):
            same = credential.claim_id == claim.id and credential.key_digest == key_digest
            if same and credential.state is CredentialState.ACTIVE:
                return Enrolment(credential, self._authority().pem)
        raise NotAllowed(*REFUSED["used"])

    def _credential(self, claim: Claim, csr_pem: str, outbox: str | None, now: datetime) -> Credential:
        name = self._new_id()
        made = self._authority().certify(csr_pem, name, f"{claim.estate}/{claim.node_id}", now)
        return Credential(
            id=name,
            estate=claim.estate,
            node_id=claim.node_id,
            claim_id=claim.id,
            key_digest=made.key_digest,
            certificate=made.pem,
            issued_at=made.issued_at,
            expires_at=made.expires_at,
            enrolled_at=now,
            changed_at=now,
            outbox=outbox,
        )

    def _retire_boards_before(self, uow: UnitOfWork, claim: Claim, outbox: str | None, now: datetime) -> None:
        """Boards before it become drain-only: what their outboxes still hold is stored and calls nobody.

        The store that the new board goes on numbering in (a card that was moved over) is its own, not an old board's.
        """
        register = uow.registers.find(claim.estate)
        assert register is not None, f"estate {claim.estate} has lost its register"
        consequences = Consequences(uow, register, self._ids, now, f"node:{claim.node_id}")
        before = [c for c in uow.enrolments.of_node(claim.estate, claim.node_id) if c.state is CredentialState.ACTIVE]
        for credential in before:
            calm(credential, consequences, now)
            credential.drain(now)
            uow.enrolments.save(credential)
        consequences.settle()
        if before:
            old = sorted(_outboxes_of(uow, claim, before) - {outbox or ""})
            uow.enrolments.drain(claim.estate, claim.node_id, old)
            data = {"node": claim.node_id, "credentials": [credential.id for credential in before], "outboxes": old}
            actor = f"node:{claim.node_id}"
            uow.ledger.append(
                claim.estate, [Draft(Kind.BOARD_REPLACED, now, actor, None, claim.node_id, claim.id, data)]
            )


def code_of(text: str) -> ClaimCode:
    """Raises OpensNothing for what is none."""
    try:
        return ClaimCode.parse(text)
    except ClaimCodeError as error:
        raise OpensNothing(f"{str(error)[0].upper()}{str(error)[1:]}.", "登记码格式不正确，请核对") from error


def _outboxes_of(uow: UnitOfWork, claim: Claim, boards: Sequence[Credential]) -> set[str]:
    """Every outbox the node is known to have numbered in: by what it sent, by its births, by what it was enrolled with."""
    node = uow.nodes.get(claim.estate, claim.node_id)
    named = [*((node.outbox, *node.former) if node else ()), *(credential.outbox for credential in boards)]
    return {*uow.enrolments.outboxes_of(claim.estate, claim.node_id), *(outbox for outbox in named if outbox)}


class RenewCredential:
    """A new certificate for who proves to hold the key of the old one. Asking again with the same key changes nothing."""

    def __init__(
        self, units: UnitsOfWork, clock: Clock, ids: Ids, authority: Callable[[], Authority], *, guesses: ClaimGuesses
    ) -> None:
        self._units, self._clock, self._ids, self._authority = units, clock, ids, authority
        self._guesses = guesses

    def __call__(self, certificate_der: bytes, csr_pem: str, signature: bytes, *, source: str) -> Enrolment:
        """Raises NotAllowed (not ours, expired, revoked, not its key), Throttled, Invalid."""
        authority, now = self._authority(), self._clock.now()
        try:
            name = authority.possessor(certificate_der, csr_pem, signature, now)
        except NotAllowed:
            self._guesses.wrong(source)
            raise
        with self._units.writing() as uow:
            credential = uow.enrolments.credential(name)
            if credential is None or credential.state is not CredentialState.ACTIVE:
                raise NotAllowed(
                    "This node's credential was revoked, or its board replaced: nothing is renewed. Enrol it again with "
                    "a claim code if it is still yours (`tocsin node enroll`).",
                    "节点凭证已撤销或主板已更换，不再续期；如仍在使用请重新登记",
                )
            if authority.key_digest(csr_pem) != credential.key_digest:
                made = authority.certify(csr_pem, name, f"{credential.estate}/{credential.node_id}", now)
                self._renewed(uow, credential, made, now)
                uow.commit()
            return Enrolment(credential, authority.pem)

    def _renewed(self, uow: UnitOfWork, credential: Credential, made: Certificate, now: datetime) -> None:
        register = uow.registers.find(credential.estate)
        assert register is not None, f"estate {credential.estate} has lost its register"
        actor = f"node:{credential.node_id}"
        consequences = Consequences(uow, register, self._ids, now, actor)
        calm(credential, consequences, now)
        consequences.settle()
        credential.renew(made.pem, made.key_digest, made.issued_at, made.expires_at)
        uow.enrolments.save(credential)
        data = {"node": credential.node_id, "credential": credential.id, "until": made.expires_at.isoformat()}
        draft = Draft(Kind.CREDENTIAL_RENEWED, now, actor, None, credential.node_id, credential.id, data)
        uow.ledger.append(credential.estate, [draft])
