import time

import pytest

from cloud.bootstrap import build_cloud
from cloud.settings import load_settings
from tests.fakes.channels import silent
from tests.fakes.estate import description
from tests.fakes.mosquitto import Mosquitto
from tests.fakes.state import fresh_state


@pytest.fixture
def broker(tmp_path):
    broker = Mosquitto(tmp_path).start()
    yield broker
    broker.kill()


@pytest.fixture
def cloud(tmp_path, broker):
    settings = load_settings(
        data=tmp_path / "data", web={"port": 0}, broker={"port": broker.port}, duties={"console_answers": True}
    )
    fresh_state(tmp_path / "data" / "state.db").dispose()
    cloud = build_cloud(settings, channels=silent())
    cloud.load_estate(description())
    cloud.start(serve=False)
    until(lambda: cloud.readiness.ready, "the cloud is ready")
    yield cloud
    cloud.stop()


def until(condition, what, within_s=10.0):
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        time.sleep(0.01)
