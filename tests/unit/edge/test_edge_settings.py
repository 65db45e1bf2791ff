"""node.toml: the example is good, and what is wrong is named with its key, what was expected, and an example."""

import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.__main__ import app
from edge.errors import SettingsError
from edge.settings import example_toml, load_settings, settings_from

PATH = Path("/etc/tocsin/node.toml")


def document():
    return tomllib.loads(example_toml())


def problems(changed) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        settings_from(changed, PATH)
    assert str(PATH) in str(caught.value)
    return caught.value.problems


def test_the_example_is_a_good_node_toml(tmp_path):
    file = tmp_path / "node.toml"
    file.write_text(example_toml(), encoding="utf-8")
    settings = load_settings(file)
    assert str(settings.node.address) == "example/b1-node"
    assert {item.kind for item in settings.config.equipment} == {"access_gate", "smoke_detector", "lift"}


def test_paths_are_relative_to_the_file(tmp_path):
    file = tmp_path / "node.toml"
    file.write_text(example_toml(), encoding="utf-8")
    settings = load_settings(file)
    assert settings.outbox.path == tmp_path / "outbox.db"
    assert settings.broker.password_file == tmp_path / "mqtt.password"
    assert settings.broker.tls is not None
    assert settings.broker.tls.ca_file == tmp_path / "ca.crt"
    assert settings.privacy is not None
    assert settings.privacy.card_key_file == tmp_path / "card.key"


@pytest.mark.parametrize(
    ("where", "value", "said"),
    [
        (("broker", "port"), "x", "broker.port: input should be a valid integer, unable to parse string as an integer, not 'x' - for example port = 8883"),
        (("broker", "prot"), 1, "broker.prot: is no key that is known here"),
        (("outbox", "quota_mb"), 0, "outbox.quota_mb: input should be greater than or equal to 1, not 0 - for example quota_mb = 250"),
        (("node", "name"), "B1 Node", "node.name: string should match pattern"),
        (("board", "pin_factory"), "rpigpio", 'for example pin_factory = "lgpio"'),
        (("config", "equipment", 0, "alarm_relay", "pin"), 99, "config.equipment[0].alarm_relay.pin: input should be less than or equal to 27, not 99"),
        (("config", "equipment", 2, "kind"), "elevator", "config.equipment[2]: input tag 'elevator'"),
        (("config", "outputs", 0, "pin"), 19, "GPIO 19 is claimed twice: by b1/smoke-1.alarm_relay.pin and by siren.pin"),
        (("config", "reflexes", 0, "outputs"), ["horn"], "drives output 'horn'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(where, value, said):
    changed = document()
    inner = changed
    for part in where[:-1]:
        inner = inner[part]
    inner[where[-1]] = value
    (problem,) = problems(changed)
    assert said in problem


def test_everything_that_is_wrong_is_listed_at_once():
    changed = document()
    del changed["node"]["name"]
    changed["broker"]["port"] = 0
    del changed["outbox"]
    found = problems(changed)
    assert found[0] == 'node.name: is missing - for example name = "b1-node"'
    assert found[1].startswith("broker.port:")
    assert found[2] == 'outbox: is missing - for example [outbox] with path = "/var/lib/tocsin/outbox.db"'


def test_a_reader_needs_a_key_for_its_cards():
    changed = document()
    del changed["privacy"]
    (problem,) = problems(changed)
    assert "b1/gate-1 has a card reader, so [privacy] card_key_file is needed" in problem


def test_a_certificate_needs_its_key():
    changed = document()
    changed["broker"]["tls"]["cert_file"] = "node.crt"
    (problem,) = problems(changed)
    assert "cert_file and key_file belong together" in problem


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "there is no such file"), ("host = here", "it is no TOML"), (b"\xff\xfe", "it cannot be read")],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path, content, said):
    file = tmp_path / "node.toml"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SettingsError, match=said):
        load_settings(file)


class TestCommands:
    def run(self, *arguments: str):
        return CliRunner().invoke(app, list(arguments))

    def test_check_lists_problems_without_a_traceback(self, tmp_path):
        file = tmp_path / "node.toml"
        file.write_text(example_toml().replace("pin = 19", "pin = 77"), encoding="utf-8")
        result = self.run("check", "--config", str(file))
        assert result.exit_code == 2
        assert "config.equipment[0].alarm_relay.pin" in result.output
        assert "Traceback" not in result.output

    def test_check_shows_what_each_output_does_without_the_agent(self, tmp_path):
        file = tmp_path / "node.toml"
        file.write_text(example_toml(), encoding="utf-8")
        result = self.run("check", "--config", str(file))
        assert result.exit_code == 0
        assert "gate-release, GPIO 26: on is low; while the agent is stopped" in result.output

    def test_example_prints_what_check_accepts(self, tmp_path):
        file = tmp_path / "node.toml"
        file.write_text(self.run("example").output, encoding="utf-8")
        assert self.run("check", "--config", str(file)).exit_code == 0

    def test_credential_prints_the_hash_that_a_gate_lists(self, tmp_path):
        file = tmp_path / "node.toml"
        file.write_text(example_toml(), encoding="utf-8")
        first = self.run("credential", "12", "34567", "--config", str(file)).output.strip().splitlines()[-1]
        again = self.run("credential", "12", "34567", "--config", str(file)).output.strip().splitlines()[-1]
        assert first == again
        assert len(first) == 8 + 1 + 32, "behind the name of its key"
        assert (tmp_path / "card.key").stat().st_mode & 0o777 == 0o600

    def test_a_key_that_is_too_short_is_refused(self, tmp_path):
        file = tmp_path / "node.toml"
        file.write_text(example_toml(), encoding="utf-8")
        (tmp_path / "card.key").write_text("secret")
        result = self.run("credential", "12", "34567", "--config", str(file))
        assert result.exit_code == 1
        assert "needs 32" in result.output


@pytest.mark.parametrize(
    ("broker", "good"),
    [
        ({"host": "192.0.2.10"}, False),
        ({"host": "mqtt.example"}, False),
        ({"host": "192.0.2.10", "plaintext": True}, True),
        ({"host": "192.0.2.10", "tls": {"ca_file": "ca.crt"}}, True),
        ({"host": "192.0.2.10", "credentials": "credentials"}, True),
        ({"host": "127.0.0.1"}, True),
        ({"host": "::1"}, True),
        ({"host": "localhost"}, True),
    ],
)
def test_nothing_goes_beyond_this_machine_in_the_clear_unless_it_says_so(tmp_path, broker, good):
    changed = document() | {"broker": broker}
    if good:
        assert settings_from(changed, tmp_path / "node.toml").broker.host == broker["host"]
        return
    with pytest.raises(SettingsError) as refused:
        settings_from(changed, tmp_path / "node.toml")
    assert "needs TLS" in str(refused.value)
    assert "tocsin-edge enroll" in str(refused.value)
