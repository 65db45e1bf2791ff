"""The first administrator is made with a code that only the operator sees; there is no default password."""

from __future__ import annotations

import stat

import pytest

from cloud.first_run import setup_code, told
from cloud.settings import load_settings
from tests.integration.accounts.at_the_door import again, has_account, signs_in


@pytest.fixture
def code(house):
    return house.services.accounts.first_run.code()


def sets_up(client, code, login="chief", **more):
    return client.post("/setup", data={"code": code, **again("stairs smell of rain", login), **more})


def test_the_code_makes_an_administrator_once(house, code, visitor, another):
    assert "Set Tocsin up" in visitor.get("/sign-in").text
    came = sets_up(visitor, code.lower().replace("-", " "))
    assert came.status_code == 303
    assert visitor.get("/api/v1/me").json()["role"] == "administrator"
    assert house.account("administrator").login == "chief", "the administrator whom the estate's file names"
    for again_ in (visitor, another):
        assert again_.get("/setup").status_code == 404
        assert sets_up(again_, code, "second").status_code == 404
    assert house.services.accounts.first_run.code() is None
    assert signs_in(another, "chief").status_code == 303


def test_without_the_code_nobody_is_made_and_guessing_is_counted(house, code, visitor):
    answers = [sets_up(visitor, f"AAAA-AAAA-AAAA-{number:04}").status_code for number in range(51)]
    assert answers == [401] * 50 + [429]
    assert house.services.accounts.first_run.pending()[0]


def test_a_weak_password_does_not_use_the_code_up(house, code, visitor):
    refused = visitor.post("/setup", data={"code": code, **again("short", "chief")})
    assert refused.status_code == 422
    assert sets_up(visitor, code).status_code == 303


def test_there_is_no_first_run_where_somebody_has_an_account(house, visitor, another):
    has_account(house, visitor, "manager")
    assert house.services.accounts.first_run.code() is None
    assert another.get("/setup").status_code == 404


def test_where_no_estate_is_known_one_is_made_with_the_default_duties(house, visitor, another):
    with house.units.writing() as uow:
        for table in ("estate_members", "estate_parties", "equipment", "node_entries", "duty_matrices", "estates"):
            uow._connection.exec_driver_sql(f"DELETE FROM {table}")
        uow.commit()
    code = house.services.accounts.first_run.code()
    assert sets_up(visitor, code).status_code == 422, "an estate has to be named"
    assert sets_up(visitor, code, estate="滨海花园", operator="滨海物业").status_code == 303
    me = visitor.get("/api/v1/me").json()
    assert (me["role"], me["estates"]) == ("administrator", ["estate-1"])
    assert "滨海花园" in visitor.get("/").text
    assert visitor.get("/members").status_code == 200


def test_the_file_is_for_its_user_only_and_the_same_code_holds_over_restarts(house, tmp_path):
    settings = load_settings(data=tmp_path)
    code = setup_code(settings, house.services.accounts)
    file = settings.setup_code_path
    assert file.read_text().split()[0] == code
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert setup_code(settings, house.services.accounts) == code
    file.unlink()
    assert setup_code(settings, house.services.accounts) not in (None, code), "a lost code is replaced"


def test_whoever_asks_for_the_code_is_told_the_address_at_which_the_cloud_runs(house, tmp_path):
    """`run` was given another port than the settings name; `setup` is given none."""
    settings, accounts = load_settings(data=tmp_path), house.services.accounts
    code = setup_code(settings, accounts, "http://127.0.0.1:8123")
    assert told(settings, code).count("http://127.0.0.1:8123/setup") == 1
    assert setup_code(settings, accounts) == code, "asked for beside the running cloud"
    assert "http://127.0.0.1:8123/setup" in told(settings, code)
    assert setup_code(settings, accounts, "http://127.0.0.1:8200") == code, "and after a restart elsewhere"
    assert "http://127.0.0.1:8200/setup" in told(settings, code)


def test_a_file_of_the_code_that_is_no_text_is_written_anew(house, tmp_path):
    settings = load_settings(data=tmp_path)
    settings.setup_code_path.parent.mkdir(parents=True, exist_ok=True)
    settings.setup_code_path.write_bytes(b"\xff\xfe\x00 \xab\xcd\n")
    code = setup_code(settings, house.services.accounts)
    assert code in settings.setup_code_path.read_text(encoding="utf-8")
    assert "/setup" in told(settings, code)


def test_what_was_typed_is_still_there_after_a_fault_the_code_too(house, code, visitor):
    answer = visitor.post("/setup", data={"code": code, "login": "chief", "password": "a", "again": "b"})
    assert answer.status_code == 422
    assert f'value="{code}"' in answer.text
    assert 'value="chief"' in answer.text


def test_the_file_is_gone_when_the_code_is_used(house, tmp_path, visitor):
    settings = load_settings(data=tmp_path)
    sets_up(visitor, setup_code(settings, house.services.accounts))
    assert setup_code(settings, house.services.accounts) is None
    assert not settings.setup_code_path.exists()
