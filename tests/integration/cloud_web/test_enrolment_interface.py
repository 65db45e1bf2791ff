"""Enrolment over the web: who may give out codes, what a node is answered, and the page with the code."""

from __future__ import annotations

import base64
import re
from datetime import timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from cloud.domain.accounts.throttle import USUAL
from schemas.enrolment import ClaimCode

CLAIMS = "/api/v1/estates/example/nodes/b3-gateway/claims"


def csr(key=None, name="whatever"):
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return key, x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())


def pem(request):
    return request.public_bytes(Encoding.PEM).decode()


@pytest.fixture
def operator(address, house):
    headers = {"authorization": f"Bearer {house.api_token_of('engineer')}"}
    with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
def node(address):
    """A program that is nobody's member."""
    with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
        yield client


def redeem(node, code, request, **extra):
    return node.post(
        "/api/v1/enrolment", headers={"authorization": f"Claim {code}"}, json={"csr": pem(request), **extra}
    )


def test_a_node_redeems_its_code_and_is_told_who_it_is(operator, node, house):
    given = operator.post(CLAIMS, json={})
    assert given.status_code == 201
    assert given.headers["cache-control"] == "no-store"
    key, request = csr(name="tocsin-cloud")
    answer = redeem(node, given.json()["code"], request)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["estate"], told["node"], told["broker_host"]) == ("example", "b3-gateway", "broker.example")
    certificate = x509.load_pem_x509_certificate(told["certificate"].encode())
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(told["authority"].encode()))
    (name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == told["credential"] != "tocsin-cloud", "a request does not choose its name at the broker"
    assert certificate.public_key() == key.public_key()
    assert node.get("/api/v1/enrolment/ca.crt").text == told["authority"]
    kinds = [entry.kind for entry in house.services.queries.ledger_entries("example", 0, None)]
    assert kinds[-2:] == ["node.claim-issued", "node.enrolled"]


def test_an_answer_that_was_lost_is_given_again_to_the_same_key_only(operator, node):
    code = operator.post(CLAIMS, json={}).json()["code"]
    _, request = csr()
    first = redeem(node, code, request).json()
    assert redeem(node, code, request).json() == first
    other = redeem(node, code, csr()[1])
    assert other.status_code == 403
    assert "has been used" in other.json()["detail"]


def test_a_code_that_is_over_or_was_replaced_by_another_opens_nothing(operator, node, house):
    old = operator.post(CLAIMS, json={}).json()["code"]
    new = operator.post(CLAIMS, json={}).json()["code"]
    assert "taken back" in redeem(node, old, csr()[1]).json()["detail"]
    house.clock.pass_by(timedelta(hours=25))
    assert "expired" in redeem(node, new, csr()[1]).json()["detail"]


def test_a_mistyped_code_is_told_apart_and_guessing_is_throttled(operator, node):
    code = operator.post(CLAIMS, json={}).json()["code"]
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert "mistyped" in redeem(node, wrong, csr()[1]).json()["detail"]
    parsed = ClaimCode.parse(code)
    request, unknown = csr()[1], ClaimCode("00000000", bytes(10), parsed.authority).text
    answers = [redeem(node, unknown, request) for _ in range(USUAL.claim)]
    assert answers[0].status_code == 403
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0
    assert '"tries";q=20;w=900' in answers[-1].headers["ratelimit-policy"]


def test_an_enrolled_node_gets_a_code_only_to_replace_its_board(operator, node):
    redeem(node, operator.post(CLAIMS, json={}).json()["code"], csr()[1])
    refused = operator.post(CLAIMS, json={})
    assert refused.status_code == 409
    assert "tocsin node replace" in refused.json()["detail"]
    assert operator.post(CLAIMS, json={"replaces": True}).json()["replaces"] is True


def test_renewal_needs_the_old_key(operator, node, house):
    key, request = csr()
    enrolled = redeem(node, operator.post(CLAIMS, json={}).json()["code"], request).json()
    der = x509.load_pem_x509_certificate(enrolled["certificate"].encode()).public_bytes(Encoding.DER)
    header = {"authorization": f"Certificate {base64.b64encode(der).decode()}"}
    new_key, new_request = csr()

    def renew(signer, headers=header):
        signature = signer.sign(new_request.public_bytes(Encoding.DER), ec.ECDSA(hashes.SHA256()))
        body = {"csr": pem(new_request), "signature": base64.b64encode(signature).decode()}
        return node.post("/api/v1/enrolment/renewals", headers=headers, json=body)

    assert renew(new_key).status_code == 403, "its own new key proves nothing"
    house.clock.pass_by(timedelta(days=60))
    renewed = renew(key)
    assert renewed.status_code == 200
    assert renewed.json()["credential"] == enrolled["credential"]
    assert renewed.json()["expires_at"] > enrolled["expires_at"]
    assert renew(key).json() == renewed.json()
    house.clock.pass_by(timedelta(days=31))
    assert "expired" in renew(key).json()["detail"]
    assert renew(key, {"authorization": "Certificate AAAA"}).status_code == 403
    assert renew(key, {"authorization": "Certificate ?"}).status_code == 401


@pytest.mark.parametrize("member", ["manager", "guard", "officer", "technician"])
def test_only_operators_and_administrators_enrol(visitor, house, member):
    headers = {"authorization": f"Bearer {house.api_token_of(member)}"}
    assert visitor.post(CLAIMS, json={}, headers=headers).status_code == 403
    revocations = "/api/v1/estates/example/nodes/b3-gateway/revocations"
    assert visitor.post(revocations, json={}, headers=headers).status_code == 403
    assert visitor.get("/api/v1/estates/example/credentials", headers=headers).status_code == 403


def test_a_revoked_node_is_listed_as_such(operator, node):
    assert operator.post("/api/v1/estates/example/nodes/b3-gateway/revocations", json={}).status_code == 404
    redeem(node, operator.post(CLAIMS, json={}).json()["code"], csr()[1])
    done = operator.post("/api/v1/estates/example/nodes/b3-gateway/revocations", json={})
    assert done.json() == {"credentials": 1}
    (one,) = operator.get("/api/v1/estates/example/credentials").json()
    assert (one["state"], one["node_id"]) == ("revoked", "b3-gateway")


@pytest.mark.parametrize(
    "request_pem",
    [
        "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n" + " " * 40,
        pem(
            x509.CertificateSigningRequestBuilder()
            .subject_name(x509.Name([]))
            .sign(ec.generate_private_key(ec.SECP384R1()), hashes.SHA256())
        ),
    ],
)
def test_a_request_that_cannot_be_certified_says_why_and_uses_nothing_up(operator, node, request_pem):
    code = operator.post(CLAIMS, json={}).json()["code"]
    refused = node.post("/api/v1/enrolment", headers={"authorization": f"Claim {code}"}, json={"csr": request_pem})
    assert refused.status_code == 422
    assert "certificate request" in refused.json()["detail"]
    assert redeem(node, code, csr()[1]).status_code == 200


def test_the_page_shows_the_code_and_a_picture_of_the_command(visitor, house):
    visitor.cookies.set("tocsin_session", house.session_of("engineer"))
    fleet = visitor.get("/fleet?lang=en").text
    assert "not enrolled" in fleet
    page = visitor.post("/nodes/b3-gateway/claims", data={"replaces": "false"})
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    (shown,) = re.findall(r'<p class="claim mono">([0-9A-Z-]+)</p>', page.text)
    assert ClaimCode.parse(shown).authority == house.services.enrolling.authority().print
    assert f"tocsin-edge enroll --cloud https://tocsin.example --code {shown}" in page.text
    assert "<svg" in page.text
    assert "节点 b3-gateway 的登记码" in visitor.post("/nodes/b3-gateway/claims?lang=zh", data={}).text


def test_a_code_is_not_shown_twice(visitor, house):
    visitor.cookies.set("tocsin_session", house.session_of("engineer"))
    again = visitor.get("/nodes/b3-gateway/claims")
    assert (again.status_code, again.headers["location"]) == (303, "/fleet?estate=example")


def test_who_may_not_enrol_is_not_offered_it(manager):
    assert "/claims" not in manager.get("/fleet").text
    assert manager.post("/nodes/b3-gateway/claims", data={}).status_code == 403


def test_the_private_key_of_the_authority_is_nobody_elses(operator, node, house, tmp_path):
    redeem(node, operator.post(CLAIMS, json={}).json()["code"], csr()[1])
    key = tmp_path / "authority" / "ca.key"
    assert key.stat().st_mode & 0o077 == 0
    assert serialization.load_pem_private_key(key.read_bytes(), None).key_size == 256
