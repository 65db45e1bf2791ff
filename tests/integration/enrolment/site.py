"""A cloud, a mosquitto set up by `tocsin broker setup`, and folders in which nodes are enrolled."""

from __future__ import annotations

import json
import ssl
import time
from datetime import UTC, datetime
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from cloud.adapters.authority import open_authority
from cloud.bootstrap import build_cloud
from cloud.domain.duties.oversight import UNCOVERED
from cloud.settings import load_settings
from edge.adapters.enrolment import HttpsEnrolment
from tests.fakes.channels import silent
from tests.fakes.estate import ESTATE, description
from tests.fakes.mosquitto import GuardedMosquitto
from tests.fakes.state import fresh_state


def until(condition, what, within_s=10.0):
    deadline = time.monotonic() + within_s
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        time.sleep(0.01)
    return found


class Site:
    def __init__(self, folder: Path):
        self.folder = folder
        data = folder / "data"
        data.mkdir(mode=0o700)
        self.authority = open_authority(data / "authority", now=datetime.now(UTC))
        self.broker = GuardedMosquitto(folder, self.authority).start()
        files = {key: self.broker.folder / f"{name}" for key, name in
                 (("ca_file", "ca.crt"), ("cert_file", "cloud.crt"), ("key_file", "cloud.key"))}  # fmt: skip
        self.revoked = self.broker.folder / "revoked" / "crl.pem"
        broker = {"port": self.broker.port, "access": "managed", "crl_file": self.revoked, **files}
        self.settings = load_settings(data=data, web={"port": 0}, broker=broker, duties={"console_answers": True})
        fresh_state(data / "state.db").dispose()
        self.cloud = build_cloud(self.settings, channels=silent())
        self.cloud.load_estate(description())
        self.cloud.start()
        until(lambda: self.cloud.readiness.ready, "the cloud is ready")

    def close(self):
        self.cloud.stop()
        self.broker.kill()

    def code(self, node="b1-node", **extra) -> str:
        return self.cloud.enrolling.issue(ESTATE, node, actor="operator:test", **extra).code

    def enrol(self, node="b1-node", name=None, outbox=None, **extra) -> Path:
        """Credentials of a node, in a folder of their own."""
        folder = self.folder / (name or node)
        HttpsEnrolment(folder).enrol(self.cloud.url, self.code(node, **extra), outbox)
        return folder

    def revoke(self, node="b1-node") -> None:
        """Until the broker's list of revoked certificates is another."""
        before = self.revoked.read_bytes()
        self.cloud.enrolling.revoke(ESTATE, node, actor="operator:test")
        until(lambda: self.revoked.read_bytes() != before, "it stands on the list of the revoked")

    def tasks(self) -> list[str]:
        return [task.hazard for task in self.board()]

    def board(self):
        """What nodes have brought on it: holes in coverage the cloud finds by itself."""
        tasks = self.cloud.services.queries.board(ESTATE, None).tasks
        return [task for task in tasks if task.hazard != UNCOVERED]

    def letters(self):
        return self.cloud.services.queries.dead_letters(None)


class Intruder:
    """A plain MQTT client with whatever certificate it has. What it is answered is kept."""

    def __init__(self, site: Site, credentials: Path | None, client_id: str = "intruder"):
        self.subscribed, self.received, self.ended, self.refused = [], [], [], None
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id, reconnect_on_failure=False)
        context = ssl.create_default_context(cafile=str(site.broker.folder / "ca.crt"))
        if credentials is not None:
            identity = json.loads((credentials / "identity.json").read_text())
            context.load_cert_chain(credentials / identity["certificate_file"], credentials / identity["key_file"])
        self.client.tls_set_context(context)
        self.connected = False
        self.client.on_connect = self._connect
        self.client.on_subscribe = lambda _c, _u, _m, reasons, _p: self.subscribed.append(
            [not reason.is_failure for reason in reasons]
        )
        self.client.on_disconnect = lambda _c, _u, _f, reason, _p: self.ended.append(str(reason))
        self.client.on_message = lambda _c, _u, message: self.received.append((message.topic, message.payload))
        try:
            self.client.connect("127.0.0.1", site.broker.port, 10)
            self.client.loop_start()
        except OSError as error:
            self.refused = error

    def _connect(self, _client, _userdata, _flags, reason, _properties):
        self.connected = not reason.is_failure

    def asks(self, *topics: str) -> list[bool]:
        """Whether it may hear each of these."""
        before = len(self.subscribed)
        self.client.subscribe([(topic, 1) for topic in topics])
        until(lambda: len(self.subscribed) > before, "an answer to the subscription")
        return self.subscribed[-1]

    def says(self, topic: str, payload: bytes) -> None:
        self.client.publish(topic, payload, 1).wait_for_publish(5)

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()
