"""What schemathesis found between the description and the interface, and what a proxy could be made to misread."""

from __future__ import annotations

import socket

import httpx

from tests.integration.cloud_web.house import ESTATE
from tests.integration.cloud_web.test_interface import API, problem


def test_a_refused_method_is_told_every_method_of_the_address(program):
    """Each is a route of its own (RFC 9110, 10.2.1)."""
    for path, methods in (
        ("/needs", "GET, POST"),
        ("/duties/matrix", "GET, PUT"),
        ("/webhooks/x", "DELETE, GET, PATCH"),
    ):
        answer = program.request("OPTIONS", f"{API}{path}")
        assert (answer.status_code, answer.headers["allow"]) == (405, methods)


def test_a_number_is_no_moment(program):
    for said in ("0.5", "1795420800", "-1", "+1795420800"):
        answer = program.get(f"{API}/estates/{ESTATE}/alarm-quality", params={"to": said})
        assert "offset" in problem(answer, 422, "invalid")["detail"]


def test_a_matrix_and_a_roll_may_be_as_long_as_the_description_says(house, address):
    """Longer than other bodies: refused for what they say, not for how much."""
    headers = {"authorization": f"Bearer {house.api_token_of('administrator')}"}
    with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30) as client:
        rows = b"# " + b"x" * 100_000
        answer = client.post(f"{API}/duties/matrix/dry-run", content=rows, headers={"content-type": "application/yaml"})
        assert answer.status_code == 422
        units = [{"unit": f"1-{n}", "owner": f"o{n}", "area_m2": "80.5", "x": 1} for n in range(3000)]
        assert client.put(f"{API}/electoral-roll", json={"units": units}).status_code == 422


def test_a_request_that_says_twice_how_long_it_is_is_refused(address):
    """A proxy may believe the other length, and see two requests where we see one (RFC 9112, 6.1)."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(
            b"POST /sign-in HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: t\r\n\r\n"
        )
        told = b""
        while piece := line.recv(65536):
            told += piece
    assert told.startswith(b"HTTP/1.1 400 ")
    assert told.count(b"HTTP/1.1 ") == 1
