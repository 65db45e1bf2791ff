"""Files on a page, in and out; what goes wrong in the guide is said where it was typed."""

from __future__ import annotations

import httpx
import pytest

from tests.integration.cloud_web.house_register import HOME


@pytest.fixture
def chief(house, address):
    headers = {"sec-fetch-site": "same-origin", "accept-language": "en"}
    with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30) as client:
        client.cookies.set("tocsin_session", house.session_of("administrator"))
        client.cookies.set("tocsin_lang", "en")
        yield client


def gives(client, *files: tuple[str, str], do: str = "take") -> httpx.Response:
    sent = [("files", (name, text.encode(), "text/csv")) for name, text in files]
    return client.post("/import", data={"do": do}, files=sent)


def test_what_a_page_gives_out_it_takes_in_again_unchanged(chief):
    files = {name: chief.get(f"/import/export/{name}") for name in ("estate.yaml", "equipment.csv", "duties.csv")}
    for name, file in files.items():
        assert file.headers["content-disposition"] == f'attachment; filename="{name}"'
        again = chief.post("/import", data={"do": "take"}, files={"files": (name, file.content)})
        assert "nothing changes" in again.text, again.text


def test_tables_are_tried_then_taken(chief, house):
    row = ("places.csv", f"id,kind,zh\n{HOME}/b9,building,9号楼\n")
    tried = gives(chief, row, do="try")
    assert "Tried: this would change" in tried.text
    assert "b9" not in chief.get("/import/export/places.csv").text
    assert "is in force" in gives(chief, row).text
    assert "b9" in chief.get("/import/export/places.csv").text
    assert "nothing changes" in gives(chief, row).text
    assert [entry.kind for entry in house.ledger()].count("estate.loaded") == 1


def test_faults_are_listed_with_file_line_and_column_and_shown_as_text(chief):
    answer = gives(chief, ("<b>x.csv", "id,kind,zh\n1,<script>,a\n"), ("places.csv", "id,kind,zh\nx,strt,a\n"))
    assert answer.status_code == 422
    assert "places.csv, line 2, column kind: Input should be" in answer.text
    assert "<script>" not in answer.text.partition("<main")[2]
    assert "nothing was changed" in answer.text


def test_no_file_too_many_and_strange_names_are_refused_in_words(chief):
    assert "Choose a file first" in chief.post("/import", data={"do": "take"}).text
    many = [(f"places-{number}.csv", "id,kind,zh\n") for number in range(13)]
    assert gives(chief, *many).status_code == 422
    assert chief.get("/import/templates/nothing.csv").status_code == 404
    assert chief.get("/import/templates/places.csv").content.startswith("\ufeffid,kind,zh,en".encode())


def test_only_administrators_come_near(house, address):
    with httpx.Client(base_url=address, trust_env=False) as client:
        client.cookies.set("tocsin_session", house.session_of("manager"))
        for path in ("/guide", "/guide/places", "/import", "/import/export/members.csv"):
            assert client.get(path).status_code == 403


def test_what_was_typed_is_still_there_when_something_is_wrong_with_it(chief):
    answer = chief.post("/guide/places", data={"buildings": "building 3, wings 2"})
    assert answer.status_code == 422
    assert "line 1: &#39;wings 2&#39; is not understood" in answer.text
    assert ">building 3, wings 2</textarea>" in answer.text
    phone = chief.post("/guide/parties", data={"zh:lift_maintainer": "通达", "phone:lift_maintainer": "abc"})
    assert "is no telephone number" in phone.text
    assert 'value="abc"' in phone.text
    assert chief.post("/guide/node", data={"name": "NO", "place": ""}).status_code == 422
    assert chief.get("/guide/nothing").status_code == 422


def test_the_code_of_a_node_is_in_that_answer_only(chief):
    shown = chief.post("/guide/node", data={"name": "b5-node", "place": f"{HOME}/b5"})
    assert "tocsin-edge enroll --cloud" in shown.text
    assert "tocsin-edge enroll" not in chief.get("/guide/node").text
    assert "waits for its code" in chief.get("/guide/node").text
