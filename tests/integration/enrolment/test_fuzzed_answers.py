"""Whoever answers a node that enrols or renews: it says what is wrong, keeps what it has, and a right answer counts after."""

from __future__ import annotations

import base64
import json
import socketserver
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud.adapters.authority import open_authority
from edge.adapters.credentials import CredentialFolder
from edge.adapters.enrolment import HttpsEnrolment
from edge.errors import EnrolmentError
from schemas.enrolment import CA_PATH, ENROL_PATH, RENEW_PATH, ClaimCode
from tests.fakes.mutants import mutants

NOW = datetime.now(UTC)
OTHER_PEM = "-----BEGIN CERTIFICATE-----\n" + "A" * 64 + "\n-----END CERTIFICATE-----\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return open_authority(tmp_path_factory.mktemp("authority"), now=NOW)


@dataclass
class Answerer:
    """An HTTP server without manners: to each path it sends the bytes it was given, and asks nothing back."""

    authority: object
    answers: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, bytes]] = field(default_factory=list)

    @contextmanager
    def serving(self):
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                head = b""
                while not head.endswith(b"\r\n\r\n") and (line := self.rfile.readline()):
                    head += line
                path = head.split(b" ")[1].decode()
                length = next(
                    (int(h.split(b":")[1]) for h in head.split(b"\r\n") if h.lower().startswith(b"content-length")), 0
                )
                body = self.rfile.read(length)
                outer.asked.append((path, head))
                answer = outer.answers.get(path)
                self.wfile.write(ok(outer.good(json.loads(body))) if answer is None else answer)

        class Quiet(socketserver.ThreadingTCPServer):
            daemon_threads = True

            def handle_error(self, *_):
                """A client that has heard enough."""

        with Quiet(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            self.answers[CA_PATH] = ok(self.authority.pem)
            try:
                yield f"http://127.0.0.1:{server.server_address[1]}"
            finally:
                # On a socket that is closed it would look for requests without a pause, for as long as the tests run.
                server.shutdown()
                thread.join()

    def document(self, csr: str) -> dict:
        made = self.authority.certify(csr, "node-1", "example/b1-node", NOW)
        return {
            "estate": "example", "node": "b1-node", "credential": "node-1", "certificate": made.pem,
            "authority": self.authority.pem, "broker_host": "mqtt.example", "broker_port": 8883,
            "issued_at": made.issued_at.isoformat(), "expires_at": made.expires_at.isoformat(),
        }  # fmt: skip

    def good(self, request: dict) -> str:
        return json.dumps(self.document(request["csr"]))


def ok(body: str) -> bytes:
    return answered(200, body.encode())


def answered(status: int, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", *headers, f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + body


def code_for(authority) -> str:
    return ClaimCode.made(b"\x01" * 4, b"\x02" * 10, authority.print).text


@pytest.fixture(scope="module")
def sample(authority, tmp_path_factory):
    """What a right answer looks like, though for another node's key: to be mutated."""
    answerer = Answerer(authority)
    with answerer.serving() as cloud:
        folder = tmp_path_factory.mktemp("sample")
        HttpsEnrolment(folder).enrol(cloud, code_for(authority), None)
        identity = CredentialFolder(folder).identity
        return {
            "estate": "example", "node": "b1-node", "credential": "node-1",
            "certificate": CredentialFolder(folder).read(identity.certificate_file), "authority": authority.pem,
            "broker_host": "mqtt.example", "broker_port": 8883,
            "issued_at": NOW.isoformat(), "expires_at": NOW.isoformat(),
        }  # fmt: skip


def told(draw, sample) -> bytes:  # noqa: PLR0911 - one a way to be wrong
    """Bytes that are no right answer: a document that is nearly one, another status, or no HTTP at all."""
    body = draw(mutants(sample) | st.sampled_from(NOTHING_LIKE_IT) | st.binary(max_size=60))
    match draw(st.sampled_from(["well", "status", "redirect", "raw", "chunked", "cut", "long"])):
        case "well":
            return answered(200, body)
        case "status":
            return answered(draw(st.sampled_from([100, 204, 301, 400, 403, 404, 407, 429, 500, 503, 999])), body)
        case "redirect":
            place = draw(
                st.sampled_from(["http://127.0.0.1:9/x", "ftp://127.0.0.1:9/x", "file:///etc/passwd", "//", "\x00"])
            )
            return answered(draw(st.sampled_from([301, 302, 303, 307, 308])), b"", f"Location: {place}")
        case "raw":
            return draw(st.binary(max_size=80))
        case "chunked":
            return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body
        case "cut":
            whole = answered(draw(st.sampled_from([200, 403])), body)
            return whole[: draw(st.integers(0, len(whole)))]
        case _:
            return answered(403, json.dumps({"detail": "x\x1b[2J" * 20_000}).encode())


NOTHING_LIKE_IT = [
    b"[" * 30_000, b'{"detail": ' * 5_000, b'{"detail": null}', b"null", b"\xff\xfe", b'"detail"',
    json.dumps({"certificate": OTHER_PEM, "authority": OTHER_PEM}).encode(),
]  # fmt: skip


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "pending.key"}


def refused(ask) -> None:
    with pytest.raises(EnrolmentError) as said:
        ask()
    assert 10 < len(str(said.value)) < 2000
    assert str(said.value).isprintable()


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_node_that_enrols_believes_only_a_right_answer_and_is_not_ended_by_another(authority, sample, data):
    answerer = Answerer(authority)
    with answerer.serving() as cloud, tempfile.TemporaryDirectory() as kept:
        folder, code = Path(kept) / "credentials", code_for(authority)
        where = data.draw(st.sampled_from([CA_PATH, ENROL_PATH]))
        right = answerer.answers.get(where)
        answerer.answers[where] = told(data.draw, sample)
        refused(lambda: HttpsEnrolment(folder).enrol(cloud, code, None))
        assert not folder.exists() or files_of(folder) == {}
        answerer.answers[where] = right
        assert HttpsEnrolment(folder).enrol(cloud, code, None).node == "b1-node"


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_renewal_that_is_answered_oddly_leaves_what_counts_as_it_is(authority, sample, data):
    answerer = Answerer(authority)
    with answerer.serving() as cloud, tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        enrolment = HttpsEnrolment(folder)
        enrolment.enrol(cloud, code_for(authority), None)
        before = files_of(folder)
        answerer.answers[RENEW_PATH] = told(data.draw, sample)
        refused(enrolment.renew)
        assert files_of(folder) == before
        answerer.answers[RENEW_PATH] = None
        enrolment.renew()
        assert files_of(folder) != before


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_claim_code_is_not_carried_to_where_an_answer_points(authority, tmp_path, status):
    thief, answerer = Answerer(authority), Answerer(authority)
    with thief.serving() as elsewhere, answerer.serving() as cloud:
        answerer.answers[ENROL_PATH] = answered(status, b"", f"Location: {elsewhere}{ENROL_PATH}")
        refused(lambda: HttpsEnrolment(tmp_path).enrol(cloud, code_for(authority), None))
        assert thief.asked == []


@pytest.mark.parametrize(
    "odd", ["https://[::1", "https://x:y/", "https://", "http://127.0.0.1:99999", "", "https://\x00"]
)
def test_an_address_that_is_none_is_said(tmp_path, authority, odd):
    refused(lambda: HttpsEnrolment(tmp_path).enrol(odd, code_for(authority), None))


def test_a_certificate_of_a_version_that_there_is_not_is_none(authority, sample, tmp_path):
    """The library raises for it what is no ValueError (found by tests/fuzz)."""
    der = bytearray(x509.load_pem_x509_certificate(authority.pem.encode()).public_bytes(Encoding.DER))
    at = der.index(b"\xa0\x03\x02\x01\x02") + 4
    der[at] = 106
    odd = "-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(bytes(der)).decode() + "-----END CERTIFICATE-----\n"
    answerer = Answerer(authority)
    with answerer.serving() as cloud:
        for part in ("authority", "certificate"):
            answerer.answers[ENROL_PATH] = ok(json.dumps(sample | {part: odd}))
            refused(lambda: HttpsEnrolment(tmp_path).enrol(cloud, code_for(authority), None))
