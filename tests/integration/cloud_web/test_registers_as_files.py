"""Registers go out as files that come in again unchanged, to whom they are shown; channels of people to administrators alone."""

from __future__ import annotations

import csv
from io import StringIO

import httpx
import pytest

from cloud.adapters.estate_file.files import Files
from cloud.application.estates.import_estate import GivenFile, ImportEstate
from cloud.domain.community.contacts import Contact
from cloud.domain.records.ledger import Kind
from tests.integration.cloud_web.house import ESTATE
from tests.integration.cloud_web.house_register import HOME

API = "/api/v1/exports"
TABLES = ("places", "parties", "nodes", "equipment", "duties", "members")
LAID, OWN = "+8613800000001", "+8613800000002"


@pytest.fixture
def asks(house, address):
    def ask(member: str, path: str, **params: object) -> httpx.Response:
        headers = {"authorization": f"Bearer {house.api_token_of(member)}"}
        return httpx.get(f"{address}{API}/{path}", params=params, headers=headers, trust_env=False, timeout=30)

    return ask


@pytest.fixture
def takes(house):
    """What an import of these files would do, as an administrator of the command line."""
    files = ImportEstate(house.units, house.clock, Files)
    return lambda *given: files(ESTATE, [GivenFile(name, content) for name, content in given], None)


def name_of(answer: httpx.Response) -> str:
    return answer.headers["content-disposition"].partition('filename="')[2].rstrip('"')


def told(house, kind: Kind) -> list[str | None]:
    with house.units.reading() as uow:
        return [entry.subject for entry in uow.ledger.since(ESTATE, 0) if entry.kind == kind]


def with_channels(house) -> None:
    with house.units.writing() as uow:
        uow.contacts.replace(
            "guard", [Contact("guard", "sms", LAID, laid=True), Contact("guard", "sms", OWN, preference=1)]
        )
        uow.commit()


@pytest.mark.parametrize("form", ["csv", "json", "yaml"])
def test_what_goes_out_comes_in_again_unchanged(house, asks, takes, form):
    with_channels(house)
    with house.units.reading() as uow:
        before, version = list(uow.contacts.of("guard")), uow.registers.find(ESTATE).version
    answers = [asks("administrator", table, format=form) for table in TABLES]
    assert [answer.status_code for answer in answers] == [200] * len(TABLES), [answer.text for answer in answers]
    done = takes(*((name_of(answer), answer.content) for answer in answers))
    assert (done.changes, done.version) == ((), version)
    with house.units.reading() as uow:
        assert list(uow.contacts.of("guard")) == before


def test_the_whole_estate_comes_in_again_unchanged(asks, takes):
    answer = asks("administrator", "estate")
    assert name_of(answer) == f"estate-{ESTATE}.yaml"
    assert takes((name_of(answer), answer.content)).changes == ()


def test_an_edited_export_changes_what_was_edited_and_nothing_else(asks, takes):
    answer = asks("administrator", "members", format="yaml")
    edited = answer.text.replace("Duty guard", "Gate guard").encode()
    (change,) = takes((name_of(answer), edited)).changes
    assert (change.table, change.edited) == ("members", ("guard",))


def test_channels_that_files_named_go_out_to_administrators_and_the_ledger_says_so(house, asks, takes):
    with_channels(house)
    assert LAID not in asks("administrator", "members", format="yaml").text
    assert LAID not in asks("administrator", "members", contacts=True).text, "a table has no column for them"
    assert told(house, Kind.PERSONAL_READ) == []
    for form in ("yaml", "json"):
        answer = asks("administrator", "members", format=form, contacts=True)
        assert LAID in answer.text
        assert OWN not in answer.text, "what members added themselves is theirs"
        with house.units.reading() as uow:
            before = list(uow.contacts.of("guard"))
        assert takes((name_of(answer), answer.content)).changes == ()
        with house.units.reading() as uow:
            assert list(uow.contacts.of("guard")) == before
    assert told(house, Kind.PERSONAL_READ) == ["member:guard"]
    refused = asks("manager", "members", format="yaml", contacts=True)
    assert (refused.status_code, LAID in refused.text) == (403, False)
    assert asks("manager", "members", format="yaml").status_code == 200


def test_channels_in_a_table_are_taken_and_wrong_ones_named_with_their_line(house, takes):
    row = "members:\n- {id: guard, party: property, role: responder, zh: 值班保安, en: Duty guard, contacts: [{channel: sms, address: %s}]}\n"
    (change,) = takes(("people.yaml", (row % f'"{LAID}"').encode())).changes
    assert (change.table, change.edited) == ("members", ("guard",))
    with house.units.reading() as uow:
        assert [(one.address, one.laid) for one in uow.contacts.of("guard")] == [(LAID, True)]
    with pytest.raises(
        Exception, match=r"people\.yaml, line 2, column 3: member 'guard', sms: address: write a telephone"
    ):
        takes(("people.yaml", (row % "nonsense").encode()))


@pytest.mark.parametrize(
    ("member", "shown"),
    [
        ("administrator", {*TABLES, "estate"}),
        ("manager", set(TABLES)),
        ("officer", set(TABLES) - {"members"}),
        ("engineer", set(TABLES) - {"members"}),
        ("guard", set(TABLES) - {"members"}),
        ("tenant", set()),
        ("stranger", set()),
    ],
)
def test_who_sees_a_list_may_take_it_out(asks, member, shown):
    found = {table for table in (*TABLES, "estate") if asks(member, table, estate=ESTATE).status_code == 200}
    assert found == shown


def test_a_file_holds_what_the_list_holds(asks, house, address):
    for member in ("technician", "administrator"):
        headers = {"authorization": f"Bearer {house.api_token_of(member)}"}
        for table in ("places", "parties", "equipment"):
            listed = httpx.get(f"{address}/api/v1/{table}", headers=headers, trust_env=False).json()
            file = csv.DictReader(StringIO(asks(member, table).content.decode("utf-8-sig")))
            assert sorted(row["id"] for row in file) == sorted(one["id"] for one in listed)


@pytest.fixture
def sends(house, address):
    def send(member: str, *files: tuple[str, bytes], **params: object) -> httpx.Response:
        headers = {"authorization": f"Bearer {house.api_token_of(member)}"}
        sent = [("files", file) for file in files]
        return httpx.post(
            f"{address}/api/v1/imports", params=params, headers=headers, files=sent, trust_env=False, timeout=30
        )

    return send


def test_files_go_in_over_the_interface_tried_first_all_or_nothing_and_by_administrators_alone(house, asks, sends):
    places = asks("administrator", "places").content + f"{HOME}/b9,building,9号楼,Building 9,\n".encode()
    tried = sends("administrator", ("places.csv", places), dry_run=True).json()
    assert (tried["tried"], tried["changes"]) == (
        True, [{"table": "places", "added": [f"{HOME}/b9"], "removed": [], "edited": []}],
    )  # fmt: skip
    assert "b9" not in asks("administrator", "places").text
    for member in ("manager", "officer", "engineer", "guard", "tenant"):
        assert sends(member, ("places.csv", places)).status_code == 403
    wrong = sends("administrator", ("places.csv", places), ("parties.csv", b"id,kind,zh\nx,nonsense,x\n"))
    assert wrong.status_code == 422
    assert "parties.csv, line 2, column kind" in wrong.text
    assert "b9" not in asks("administrator", "places").text, "all or nothing"
    taken = sends("administrator", ("places.csv", places)).json()
    assert (taken["tried"], taken["version"]) == (False, tried["version"])
    assert "b9" in asks("administrator", "places").text
    assert sends("administrator", ("places.csv", places)).json()["changes"] == []
    assert len(told(house, Kind.ESTATE_LOADED)) == 1
