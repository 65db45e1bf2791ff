"""The score's thin adapter pages through the cloud's interface and says in a sentence when it cannot."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from firmware_sim.cloud_answers import fetch
from firmware_sim.errors import CloudUnreadableError


def incident(number):
    return {
        "task": {
            "incident_id": f"i{number}",
            "hazard": "lift.entrapment",
            "equipment": {"id": f"b1/lift-{number}"},
            "opened_at": "2027-01-15T08:00:57+00:00",
            "mode": "real",
            "assignments": [{"role": "lead", "party": {"kind": "lift_maintainer"}}],
        },
        "alerts": [],
    }


class Cloud(BaseHTTPRequestHandler):
    """Two open incidents on two pages, one closed; one node."""

    def do_GET(self):
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if self.headers["Authorization"] != "Bearer good":
            self.send_error(401)
            return
        match url.path.removeprefix("/api/v1"), query.get("state"), query.get("cursor"):
            case "/incidents", "open", None:
                said = {"items": [{"incident_id": "i1"}], "next": "second"}
            case "/incidents", "open", "second":
                said = {"items": [{"incident_id": "i2"}], "next": None}
            case "/incidents", "closed", None:
                said = {"items": [{"incident_id": "i3"}], "next": None}
            case "/nodes", _, _:
                node = {"stored": 5, "lost": 0, "refused": 0, "duplicate": 2, "void": 0}
                said = [{"node": node, "telemetry": None}]
            case path, _, _:
                said = incident(int(path[-1]))
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def cloud():
    with ThreadingHTTPServer(("127.0.0.1", 0), Cloud) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_every_page_of_open_and_closed_incidents_is_read():
    with cloud() as url:
        incidents, readings = fetch(url + "/", "good", "example")
    assert [found.equipment for found in incidents] == ["b1/lift-1", "b1/lift-2", "b1/lift-3"]
    assert {found.lead for found in incidents} == {"lift_maintainer"}
    assert (readings.stored, readings.duplicate) == (5, 2)


def test_a_refusal_is_a_sentence():
    with cloud() as url, pytest.raises(CloudUnreadableError, match=r"GET /incidents: answered 401. May the token read"):
        fetch(url, "bad", "example")


def test_nobody_there_is_a_sentence_too():
    with cloud() as url:
        gone = url
    with pytest.raises(CloudUnreadableError, match="Is the service listening there"):
        fetch(gone, "good", "example")
