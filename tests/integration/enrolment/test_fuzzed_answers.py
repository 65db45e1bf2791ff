"""Whoever answers a node that enrols or renews: it says what is wrong, keeps what it has, and a right answer counts after."""

from __future__ import annotations

import json
import socketserver
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cloud.adapters.authority import open_authority
from edge.adapters.credentials import CredentialFolder
from edge.adapters.enrolment import HttpsEnrolment
from edge.errors import EnrolmentError
from schemas.enrolment import CA_PATH, ENROL_PATH, RENEW_PATH, ClaimCode, authority_print
from tests.fakes.mutants import ODD, mutants

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
                length = next((int(h.split(b":")[1]) for h in head.split(b"\r\n") if h.lower().startswith(b"content-length")), 0)
                body = self.rfile.read(length)
                outer.asked.append((path, head))
                answer = outer.answers.get(path)
                self.wfile.write(ok(outer.good(json.loads(body))) if answer is None else answer)

        class Quiet(socketserver.ThreadingTCPServer):
            daemon_threads = True

            def handle_error(self, *_):
                """A client that has heard enough."""

        with Quiet(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            self.answers[CA_PATH] = ok(self.authority.pem)
            yield f"http://127.0.0.1:{server.server_address[1]}"
            server.shutdown()

    def document(self, csr: str) -> dict:
        made = self.authority.certify(csr, "node-1", "example/b1-node", NOW)
        return {
            "estate": "example", "node": "b1-node", "credential": "node-1", "certificate": made.certificate,
            "authority": self.authority.pem, "broker_host": "mqtt.example", "broker_port": 8883,
            "issued_at": made.issued_at.isoformat(), "expires_at": made.expires_at.isoformat(),
        }  # fmt: skip

    def good(self, request: dict) -> str:
        return json.dumps(self.document(request["csr"]))
