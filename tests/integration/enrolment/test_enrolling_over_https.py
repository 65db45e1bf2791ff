"""Enrolling over HTTPS: whom a node believes, what it never sends in the clear, and a board that has no clock yet."""

from __future__ import annotations

import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from cloud.adapters.authority import open_authority
from edge.adapters.enrolment import HttpsEnrolment
from edge.errors import EnrolmentError
from schemas.enrolment import ClaimCode

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


class NoClock:
    boot = "0197a600-0000-7000-8000-0000000000b0"

    def wall(self):
        return 0.0

    def synchronised(self):
        return False


class Server:
    """Answers with its authority, and to all else as a cloud that refuses; what was asked of it is kept."""

    def __init__(self, folder, authority, at=NOW):
        certificate, key = authority.certify_server(["localhost"], at)
        (folder / "s.crt").write_text(certificate)
        (folder / "s.key").write_text(key)
        self.asked: list[str | None] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self._answer(200, authority.pem)

            def do_POST(self):
                outer.asked.append(self.headers["authorization"])
                self._answer(403, '{"detail": "This claim code has been used."}')

            def _answer(self, status, body):
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_):
                pass

        class Quiet(HTTPServer):
            def handle_error(self, *_):
                """A client that does not believe us ends the connection."""

        self._server = Quiet(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "s.crt", folder / "s.key")
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://localhost:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def served(tmp_path):
    here = []

    def serve(authority, at=NOW):
        here.append(Server(tmp_path, authority, at))
        return here[-1]

    yield serve
    for server in here:
        server.close()


@pytest.fixture
def authority(tmp_path):
    return open_authority(tmp_path / "authority", now=NOW - 1000 * DAY)


def code(authority):
    return ClaimCode.made(b"1234", b"0123456789", authority.print).text


def refused(folder, server, code_text, clock=None):
    with pytest.raises(EnrolmentError) as error:
        HttpsEnrolment(folder, clock).enrol(server.url, code_text, None)
    return str(error.value)


def test_a_code_goes_to_the_cloud_it_came_from(served, authority, tmp_path):
    server = served(authority)
    assert "This claim code has been used" in refused(tmp_path / "node", server, code(authority))
    assert server.asked == [f"Claim {code(authority)}"]


def test_a_board_without_a_clock_is_enrolled_too(served, authority, tmp_path):
    server = served(authority)
    assert "has been used" in refused(tmp_path / "node", server, code(authority), NoClock())


def test_who_shows_another_authority_never_gets_the_code(served, authority, tmp_path):
    impostor = served(open_authority(tmp_path / "impostor", now=NOW))
    assert "somebody stands in between" in refused(tmp_path / "node", impostor, code(authority))
    assert impostor.asked == []


def test_who_shows_the_right_authority_and_is_not_certified_by_it_never_gets_the_code(served, authority, tmp_path):
    impostor = open_authority(tmp_path / "impostor", now=NOW)

    class Liar:
        pem = authority.pem

        @staticmethod
        def certify_server(hosts, now):
            return impostor.certify_server(hosts, now)

    server = served(Liar())
    assert "certificate verify failed" in refused(tmp_path / "node", server, code(authority))
    assert server.asked == []


def test_a_cloud_whose_certificate_is_over_never_gets_the_code(served, authority, tmp_path):
    server = served(authority, NOW - 800 * DAY)
    assert "it has expired" in refused(tmp_path / "node", server, code(authority))
    assert server.asked == []


@pytest.mark.parametrize("cloud", ["http://tocsin.example", "tocsin.example", "ftp://tocsin.example", ""])
def test_nothing_is_sent_in_the_clear(authority, tmp_path, cloud):
    with pytest.raises(EnrolmentError, match="begins with https://"):
        HttpsEnrolment(tmp_path / "node").enrol(cloud, code(authority), None)


def test_nobody_there_is_said_in_a_sentence(authority, tmp_path):
    with pytest.raises(EnrolmentError, match="cannot be reached"):
        HttpsEnrolment(tmp_path / "node").enrol("https://127.0.0.1:1", code(authority), None)


def test_who_was_never_enrolled_renews_nothing(tmp_path):
    with pytest.raises(EnrolmentError, match="never enrolled"):
        HttpsEnrolment(tmp_path / "node").renew()
