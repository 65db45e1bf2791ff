"""An operator gives out the right to enrol a node, takes it back, or takes back what a node was enrolled with."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from cloud.application.enrolment_ports import Authority
from cloud.application.incidents.consequences import Consequences
from cloud.application.incidents.node_hazards import gone, noticed
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.domain.duties.register import Register
from cloud.domain.fleet.credential import Claim, Credential, CredentialState, RevocationReason, secret_hash
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import Conflict, NotFound
from schemas.enrolment import SECRET_BYTES, ClaimCode

CLAIM_LASTS: Final = timedelta(hours=24)
_ID_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class IssuedClaim:
    """A claim with its code, which is shown once and kept nowhere."""

    claim: Claim
    code: str


class IssueClaim:
    """Raises NotFound for a node that stands in no register, Conflict for one that is enrolled already."""

    def __init__(
        self,
        units: UnitsOfWork,
        clock: Clock,
        authority: Callable[[], Authority],
        *,
        lasts: timedelta = CLAIM_LASTS,
        randomness: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._units, self._clock, self._authority = units, clock, authority
        self._lasts, self._randomness = lasts, randomness

    def __call__(self, estate: str, node_id: str, *, actor: str, replaces: bool = False) -> IssuedClaim:
        """Codes given out before for this node are void from now on."""
        with self._units.writing() as uow:
            now = self._clock.now()
            register = _register(uow, estate, node_id)
            active = _active(uow, estate, node_id)
            if active and not replaces:
                raise Conflict(
                    f"Node {node_id!r} is enrolled already. A board that took its place is enrolled with "
                    f"`tocsin node replace {estate} {node_id}`; a board that was stolen is shut out with "
                    f"`tocsin node revoke {estate} {node_id}`.",
                    f"节点 {node_id} 已登记。更换主板请使用“更换”，主板失窃请先撤销",
                )
            for claim in uow.enrolments.open_claims(estate, node_id, now):
                uow.enrolments.save_claim(replace(claim, revoked_at=now))
            code = ClaimCode.made(self._randomness(_ID_BYTES), self._randomness(SECRET_BYTES), self._authority().print)
            if uow.enrolments.claim(code.claim) is not None:
                raise Conflict("By chance a code came out that was given before: ask for one again.")
            claim = Claim(
                code.claim, estate, node_id, secret_hash(code.secret), now, now + self._lasts, actor, bool(active)
            )
            uow.enrolments.save_claim(claim)
            data = {"node": node_id, "claim": claim.id, "replaces": claim.replaces}
            uow.ledger.append(
                register.estate.id, [Draft(Kind.CLAIM_ISSUED, now, actor, None, node_id, "request", data)]
            )
            uow.commit()
            return IssuedClaim(claim, code.text)


class RevokeNode:
    """Shuts a node out: every credential it has and every code given out for it are void. Raises NotFound."""

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids

    def __call__(
        self,
        estate: str,
        node_id: str,
        *,
        actor: str,
        drained_only: bool = False,
        reason: RevocationReason = RevocationReason.OTHER,
    ) -> int:
        """How many credentials it had. `drained_only`: only those of boards that were replaced."""
        with self._units.writing() as uow:
            now = self._clock.now()
            register = uow.registers.find(estate)
            if register is None:
                raise NotFound(f"There is no estate {estate!r}.", f"没有小区 {estate}")
            known = uow.enrolments.of_node(estate, node_id)
            claims = [] if drained_only else uow.enrolments.open_claims(estate, node_id, now)
            if not known and not claims:
                raise NotFound(
                    f"Node {node_id!r} of estate {estate!r} was never enrolled: there is nothing to revoke.",
                    f"节点 {node_id} 从未登记，无可撤销",
                )
            for claim in claims:
                uow.enrolments.save_claim(replace(claim, revoked_at=now))
            meant = (CredentialState.DRAINING,) if drained_only else (CredentialState.ACTIVE, CredentialState.DRAINING)
            ended = [credential for credential in known if credential.state in meant]
            if not ended and not claims:
                return 0  # It is shut out already.
            consequences = Consequences(uow, register, self._ids, now, actor)
            for credential in ended:
                calm(credential, consequences, now)
                credential.revoke(now)
                uow.enrolments.save(credential)
            consequences.settle()
            data = {
                "node": node_id,
                "credentials": [credential.id for credential in ended],
                "claims": len(claims),
                "reason": reason.value,
            }
            uow.ledger.append(estate, [Draft(Kind.NODE_REVOKED, now, actor, None, node_id, "request", data)])
            uow.commit()
            return len(ended)


def calm(credential: Credential, consequences: Consequences, now: datetime) -> None:
    """Its coming end is no matter any more: it was renewed, replaced or revoked."""
    if credential.warned is None:
        return
    sighting = noticed(
        credential.estate,
        credential.node_id,
        "node.credential-expiring",
        occurrence=credential.warned,
        at=now,
        cause=credential.id,
    )
    consequences.cleared(gone(sighting, now, credential.id))
    credential.warned = None


def _register(uow: UnitOfWork, estate: str, node_id: str) -> Register:
    register = uow.registers.find(estate)
    if register is None:
        raise NotFound(
            f"There is no estate {estate!r}: load it first (`tocsin estate load`).", f"没有小区 {estate}，请先载入资料"
        )
    if node_id not in register.nodes:
        raise NotFound(
            f"Estate {estate!r} has no node {node_id!r} in its register: add it under `nodes:` in the estate's file, "
            "load that again, then enrol it.",
            f"小区资料中没有节点 {node_id}，请先登记并载入",
        )
    return register


def _active(uow: UnitOfWork, estate: str, node_id: str) -> list[Credential]:
    return [one for one in uow.enrolments.of_node(estate, node_id) if one.state is CredentialState.ACTIVE]
