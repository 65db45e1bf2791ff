"""Settings: where they come from, and what is refused with which words."""

from pathlib import Path
from typing import get_args

import pytest

from cloud.account_settings import AccountSettings, AskedRole, RateLimits
from cloud.domain.accounts.second_factor import ASKED, GRACE, SecondFactorRule
from cloud.domain.accounts.throttle import Against, Limits
from cloud.domain.community.party import Role
from cloud.entrypoints.pace import USUAL
from cloud.errors import Invalid, Unavailable
from cloud.proofs import limits_of, second_factor_of
from cloud.settings import load_settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    import os

    for name in [name for name in os.environ if name.startswith("TOCSIN_")]:
        monkeypatch.delenv(name)


def write(tmp_path, text):
    path = tmp_path / "cloud.toml"
    path.write_text(text)
    return path


def test_by_default_it_is_loopback_and_a_file_in_the_data_directory():
    settings = load_settings()
    assert settings.web.host == settings.broker.host == "127.0.0.1"
    assert settings.database_url == "sqlite:///tocsin-data/state.db"
    assert not settings.web.secure


def test_the_command_line_goes_before_variables_and_they_before_the_file(tmp_path, monkeypatch):
    path = write(tmp_path, 'data = "/file"\nlanguage = "zh"\n[web]\nport = 1000\n[broker]\nport = 2000\n')
    monkeypatch.setenv("TOCSIN_WEB__PORT", "1001")
    monkeypatch.setenv("TOCSIN_DATA", "/variable")
    settings = load_settings(path, data="/given")
    assert (str(settings.data), settings.web.port, settings.broker.port) == ("/given", 1001, 2000)
    assert settings.language == "zh"


@pytest.mark.parametrize(
    ("text", "key", "hint"),
    [
        ("[web]\nport = 70000\n", "web.port", "8000"),
        ("[web]\nprot = 80\n", "web.prot", "not permitted"),
        ('[web]\nhost = "0.0.0.0"\n', "web", "https://"),
        ('[broker]\nhost = "broker.example"\n', "broker", "ca_file"),
        ('[broker]\nworker = "Cloud 1"\n', "broker.worker", "cloud-1"),
        ('language = "fr"\n', "language", "zh"),
        ('[influxdb]\nurl = "http://127.0.0.1:8086"\norg = "o"\nbucket = "b"\ntoken = "short"\n', "influxdb", "16"),
        ('database = "mysql://x"\n', "database", "postgresql+psycopg"),
    ],
)
def test_what_is_wrong_is_named_with_what_is_expected(tmp_path, text, key, hint):
    with pytest.raises(Invalid) as raised:
        load_settings(write(tmp_path, text))
    (problem,) = raised.value.problems
    assert problem.startswith(f"{key} ")
    assert f"TOCSIN_{key.upper().replace('.', '__')}" in problem
    assert hint in problem


def test_a_file_that_is_missing_or_no_toml_is_said(tmp_path):
    with pytest.raises(Invalid, match="--config"):
        load_settings(tmp_path / "none.toml")
    with pytest.raises(Invalid, match="not TOML"):
        load_settings(write(tmp_path, "data = \n"))


def test_secrets_are_never_shown(monkeypatch):
    monkeypatch.setenv("TOCSIN_BROKER__PASSWORD", "open sesame")
    monkeypatch.setenv("TOCSIN_BROKER__USERNAME", "cloud")
    settings = load_settings()
    assert "open sesame" not in repr(settings)
    assert settings.broker.secret() == "open sesame"


def test_a_password_may_stand_in_a_file(tmp_path):
    (tmp_path / "password").write_text("open sesame\n")
    settings = load_settings(broker={"username": "cloud", "password_file": tmp_path / "password"})
    assert settings.broker.secret() == "open sesame"
    missing = load_settings(broker={"username": "cloud", "password_file": tmp_path / "none"})
    with pytest.raises(Invalid, match="0600"):
        missing.broker.secret()


def test_the_data_directory_is_its_owners_only(tmp_path):
    load_settings(data=tmp_path / "a" / "b").prepare_data()
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="--data"):
        load_settings(data=tmp_path / "file" / "b").prepare_data()


def test_beyond_this_machine_only_behind_https():
    web = load_settings(web={"host": "0.0.0.0", "public_url": "https://tocsin.example/"}).web
    assert web.secure
    assert web.url == "https://tocsin.example"


def test_channels_come_from_variables_and_are_never_shown(tmp_path, monkeypatch):
    monkeypatch.setenv("TOCSIN_NOTIFY__CHANNELS__EMAIL", "mailtos://user:hidden-word@smtp.example.org?to={address}")
    monkeypatch.setenv("TOCSIN_NOTIFY__GATEWAYS__SMS__SECRET", "hidden-key-of-sms")
    path = write(tmp_path, '[notify.gateways.sms]\nurl = "https://sms.example/send"\nbody = "${text}"\n')
    settings = load_settings(path)
    assert settings.notify.channels["email"].get_secret_value().startswith("mailtos://")
    assert settings.notify.gateways["sms"].secret.get_secret_value() == "hidden-key-of-sms"
    assert "hidden" not in repr(settings)
    assert not settings.notify.to_console


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('[notify.gateways.sms]\nurl = "sms.example"\n', "docs/notifications.md"),
        ('[notify.gateways.sms]\nurl = "https://x/"\nsigned = "a"\n', "SECRET"),
        ('[notify.gateways.sms]\nurl = "https://x/"\nsuccess = "("\n', "regular expression"),
        ('[notify.gateways.v]\nurl = "https://x/"\n[notify.gateways.v.callback]\nkey = "dtmf"\n', "group"),
        (
            '[notify.gateways.v]\nurl = "https://x/"\n[notify.gateways.v.callback]\nsecret = "0123456789abcdef"\n',
            "both",
        ),
        ('[notify.gateways.console]\nurl = "https://x/"\n', "console"),
        ('[notify.channels]\n"E mail" = "x"\n', "docs/notifications.md"),
    ],
)
def test_gateways_that_cannot_be_used_are_refused(tmp_path, text, hint):
    with pytest.raises(Invalid, match=hint):
        load_settings(write(tmp_path, text))


def test_of_whom_a_second_factor_is_asked_is_said_by_roles_there_are(monkeypatch):
    assert set(get_args(AskedRole)) == {role.value for role in Role}
    assert load_settings().accounts.second_factor_for == {role.value for role in ASKED}
    monkeypatch.setenv("TOCSIN_ACCOUNTS__SECOND_FACTOR_FOR", "[]")
    assert second_factor_of(load_settings()) == SecondFactorRule()
    monkeypatch.delenv("TOCSIN_ACCOUNTS__SECOND_FACTOR_FOR")
    assert second_factor_of(load_settings(demonstration=True)) == SecondFactorRule()
    assert second_factor_of(load_settings()) == SecondFactorRule(ASKED, GRACE)


def test_limits_are_settings_with_units_and_bounds(monkeypatch):
    assert limits_of(load_settings()) == Limits()
    limits = load_settings().limits
    assert (limits.requests_known_per_minute, limits.requests_per_address_per_minute) == (USUAL.known, USUAL.unknown)
    monkeypatch.setenv("TOCSIN_LIMITS__TRIES_PER_ACCOUNT", "5")
    assert limits_of(load_settings()).of(Against.ACCOUNT) == 5
    monkeypatch.setenv("TOCSIN_LIMITS__TRIES_PER_ACCOUNT", "0")
    with pytest.raises(Invalid, match=r"limits\.tries_per_account.*tries_per_account = 10"):
        load_settings()


def test_what_is_set_for_accounts_and_limits_is_documented():
    documented = (Path(__file__).parents[3] / "docs" / "accounts.md").read_text(encoding="utf-8")
    for section in (AccountSettings, RateLimits):
        for name, field in section.model_fields.items():
            assert f"`{name}`" in documented or name == "oidc", name
            if isinstance(field.default, int):
                assert f"| `{name}` | {field.default} |" in documented, f"{name}: the default"
