"""Enrolment over HTTPS: operators give out claims, nodes redeem them and renew what they got."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from cloud.application.estates.sign_in import Identity
from cloud.application.fleet.enrol_node import Enrolment
from cloud.application.fleet.enrolling import CredentialView, Enrolling
from cloud.domain.fleet.credential import RevocationReason
from cloud.entrypoints.api import cursors
from cloud.entrypoints.api.access import COMMANDS, Area, Given, entrance
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.problems import Refusal, documented, not_found
from schemas.base import NAME_PATTERN
from schemas.enrolment import CERTIFICATE_SCHEME, CLAIM_SCHEME, Enrolled, EnrolmentRequest, RenewalRequest


class PemFile(Response):
    """Certificates as text."""

    media_type = "application/x-pem-file"


router = Interface(tags=["enrolment"])

ENROLS: Final = COMMANDS
TURNED_AWAY: Final = documented(
    HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.TOO_MANY_REQUESTS
)

PathName = Annotated[str, Path(pattern=NAME_PATTERN)]


Enroller = Annotated[Identity, Depends(entrance(Area.ENROLMENT))]


def own_estate(estate: PathName, member: Enroller) -> str:
    if estate not in member.estates:
        raise not_found("such estate")
    return estate


OwnEstate = Annotated[str, Depends(own_estate)]


class ClaimOrder(BaseModel):
    """`replaces`: the node has a board already, which becomes drain-only when the new one is enrolled."""

    model_config = ConfigDict(extra="forbid")

    replaces: bool = False


class RevocationOrder(BaseModel):
    """`drained_only`: shut out only boards that were replaced. `reason` stands in the ledger."""

    model_config = ConfigDict(extra="forbid")

    drained_only: bool = False
    reason: RevocationReason = RevocationReason.OTHER


@dataclass(frozen=True, slots=True)
class ClaimGiven:
    """The code is shown this once. `command`: what is typed at the node."""

    code: str
    command: str
    expires_at: datetime
    replaces: bool


class Revoked(BaseModel):
    credentials: int = Field(description="How many credentials the node had that are void now.")


def give_claim(enrolling: Enrolling, estate: str, node: str, member: Identity, *, replaces: bool) -> ClaimGiven:
    issued = enrolling.issue(estate, node, actor=f"member:{member.member.id}", replaces=replaces)
    return ClaimGiven(issued.code, enrolling.command(issued.code), issued.claim.expires_at, issued.claim.replaces)


@router.post(
    "/estates/{estate}/nodes/{node}/claims",
    summary="Give out a code that enrols this node once",
    status_code=HTTPStatus.CREATED,
    responses=documented(HTTPStatus.CONFLICT),
)
def create_claim(
    services: Given, estate: OwnEstate, node: PathName, member: Enroller, order: ClaimOrder, *, response: Response
) -> ClaimGiven:
    response.headers["Cache-Control"] = "no-store"
    return give_claim(services.enrolling, estate, node, member, replaces=order.replaces)


@router.post("/estates/{estate}/nodes/{node}/revocations", summary="Shut a node out at once")
def revoke_node(
    services: Given, estate: OwnEstate, node: PathName, member: Enroller, order: RevocationOrder
) -> Revoked:
    actor = f"member:{member.member.id}"
    ended = services.enrolling.revoke(estate, node, actor=actor, drained_only=order.drained_only, reason=order.reason)
    return Revoked(credentials=ended)


@router.get("/estates/{estate}/credentials", summary="What the nodes of the estate speak with, and until when")
def list_credentials(services: Given, estate: OwnEstate, member: Enroller, cut: cursors.Cut) -> list[CredentialView]:
    return cut.of(services.enrolling.credentials(estate, member), lambda one: (one.id,))


@router.get(
    "/enrolment/ca.crt",
    summary="The authority's certificate; compare its print with the claim code",
    response_class=PemFile,
)
def read_authority(services: Given) -> Response:
    return PemFile(services.enrolling.authority().pem)


def carried(request: Request, scheme: str) -> str:
    """What the Authorization header carries under that scheme. Raises Refusal (401)."""
    given, _, value = request.headers.get("authorization", "").partition(" ")
    if given.lower() != scheme.lower() or not value.strip():
        detail = f"This is for nodes: `Authorization: {scheme} …` is needed. `tocsin-edge enroll` sends it."
        header = {"WWW-Authenticate": f'{scheme} realm="tocsin"'}
        raise Refusal(HTTPStatus.UNAUTHORIZED, "claim-needed", detail, headers=header)
    return value.strip()


def claim_code(request: Request) -> str:
    return carried(request, CLAIM_SCHEME)


def old_certificate(request: Request) -> bytes:
    try:
        return base64.b64decode(carried(request, CERTIFICATE_SCHEME), validate=True)
    except binascii.Error:
        detail = "The Authorization header does not carry a certificate, DER in base64."
        raise Refusal(HTTPStatus.UNAUTHORIZED, "certificate-needed", detail) from None


def source(request: Request) -> str:
    return request.client.host if request.client else "unknown"


@router.post("/enrolment", summary="A node redeems its claim code for a certificate", responses=TURNED_AWAY)
def enrol(
    services: Given, code: Annotated[str, Depends(claim_code)], asked: EnrolmentRequest, request: Request
) -> Enrolled:
    enrolling = services.enrolling
    return _enrolled(enrolling, enrolling.enrol(code, asked.csr, outbox=asked.outbox, source=source(request)))


@router.post("/enrolment/renewals", summary="A node renews its certificate, proving the old key", responses=TURNED_AWAY)
def renew(
    services: Given,
    certificate: Annotated[bytes, Depends(old_certificate)],
    asked: RenewalRequest,
    request: Request,
) -> Enrolled:
    try:
        signature = base64.b64decode(asked.signature, validate=True)
    except binascii.Error:
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "The signature is not base64.") from None
    enrolling = services.enrolling
    return _enrolled(enrolling, enrolling.renew(certificate, asked.csr, signature, source=source(request)))


def _enrolled(enrolling: Enrolling, done: Enrolment) -> Enrolled:
    host, port = enrolling.broker
    credential = done.credential
    return Enrolled(
        estate=credential.estate,
        node=credential.node_id,
        credential=credential.id,
        certificate=credential.certificate,
        authority=done.authority_pem,
        broker_host=host,
        broker_port=port,
        issued_at=credential.issued_at,
        expires_at=credential.expires_at,
    )
