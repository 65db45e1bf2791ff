"""The operator's commands: set the broker up, enrol, list, replace, revoke."""

from __future__ import annotations

import json
import re
import ssl
import stat

import pytest
from typer.testing import CliRunner

from cloud.settings import load_settings
from cloud.state import open_state
from deploy.commandline.root import app
from schemas.enrolment import ClaimCode
from tests.fakes.estate import ESTATE, description


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    state = open_state(load_settings(data=folder))
    state.load_estate(description())
    state.close()
    return folder


def run(*arguments, code=0):
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == code, done.output
    return done.output


def test_a_claim_is_given_replaced_listed_and_revoked(data):
    said = run("node", "enroll", ESTATE, "b1-node", "--data", data)
    (code,) = re.findall(r"--code (\S+)", said)
    assert ClaimCode.parse(code)
    assert "any node its broker lets in is heard" in run("node", "list", ESTATE, "--data", data)
    assert "0 credentials revoked" in run("node", "revoke", ESTATE, "b1-node", "--data", data)


def test_what_is_wrong_is_said_in_a_sentence(data):
    assert "add it under `nodes:`" in run("node", "enroll", ESTATE, "stray", "--data", data, code=2)
    assert "never enrolled" in run("node", "revoke", ESTATE, "b1-node", "--data", data, code=2)
    assert "no estate" in run("node", "list", "elsewhere", "--data", data, code=2)


def test_the_broker_is_set_up_in_one_folder(data, tmp_path):
    folder = tmp_path / "broker"
    said = run("broker", "setup", folder, "--host", "mqtt.example", "--host", "192.0.2.1", "--data", data)
    for name in (
        "ca.crt",
        "server.crt",
        "server.key",
        "cloud.crt",
        "cloud.key",
        "tocsin.conf",
        "dynamic-security.json",
    ):
        assert (folder / name).exists()
    for secret in ("server.key", "cloud.key", "dynamic-security.json"):
        assert stat.S_IMODE((folder / secret).stat().st_mode) == 0o600
    context = ssl.create_default_context(cafile=str(folder / "ca.crt"))
    context.load_cert_chain(folder / "cloud.crt", folder / "cloud.key")
    assert "@" not in (folder / "tocsin.conf").read_text()
    lines = said[said.index("[broker]") :].split("\n\n")[0]
    (tmp_path / "cloud.toml").write_text(lines)
    settings = load_settings(tmp_path / "cloud.toml")
    assert (settings.broker.host, settings.broker.access) == ("mqtt.example", "managed")


def test_setting_up_again_renews_certificates_and_keeps_the_access_list(data, tmp_path):
    folder = tmp_path / "broker"
    run("broker", "setup", folder, "--host", "mqtt.example", "--data", data)
    access = {**json.loads((folder / "dynamic-security.json").read_text()), "kept": True}
    (folder / "dynamic-security.json").write_text(json.dumps(access))
    before = (folder / "server.crt").read_text()
    authority = (folder / "ca.crt").read_text()
    run("broker", "setup", folder, "--host", "mqtt.example", "--data", data)
    assert (folder / "server.crt").read_text() != before
    assert (folder / "ca.crt").read_text() == authority
    assert json.loads((folder / "dynamic-security.json").read_text())["kept"]


def test_an_authority_whose_key_others_can_read_is_not_used(data, tmp_path):
    run("node", "enroll", ESTATE, "b1-node", "--data", data)
    (data / "authority" / "ca.key").chmod(0o644)
    assert "can be read by others" in run("node", "enroll", ESTATE, "b2-node", "--data", data, code=2)
    (data / "authority" / "ca.key").chmod(0o600)
    (data / "authority" / "ca.crt").write_text("nonsense")
    assert "is damaged" in run("node", "enroll", ESTATE, "b2-node", "--data", data, code=2)
