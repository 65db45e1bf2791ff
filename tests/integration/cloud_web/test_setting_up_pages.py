"""Files on a page, in and out; what goes wrong in the guide is said where it was typed."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from cloud.application.identifiers import RandomIds
from cloud.application.rosters.keep_contacts import KeepContacts
from cloud.application.rosters.through_channels import ThroughChannels
from tests.integration.accounts.second_estate import builds
from tests.integration.cloud_web.house_register import HOME
from tests.integration.cloud_web.serving import served


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
    assert "Checked: this would change" in tried.text
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


@pytest.mark.parametrize(
    ("language", "marked"), [("en", 'value="en" lang="en" selected'), ("zh", 'value="zh" lang="zh-CN" selected')]
)
def test_who_is_asked_in_reads_what_the_inviter_reads_unless_that_is_said(chief, language, marked):
    for path in ("/members", "/guide/members"):
        assert marked in chief.get(path, params={"lang": language}).text, path


HEAD = {"zh": "示例小区", "en": "Example estate"}


def test_a_country_and_a_clock_that_do_not_fit_are_not_taken_silently(chief, house):
    answer = chief.post("/guide/estate", data={**HEAD, "region": "GB", "time_zone": "Asia/Shanghai"})
    assert answer.status_code == 422
    assert "is no time zone of GB: choose Europe/London" in answer.text
    assert house.services.queries.register("example", None).estate.days.region == "CN"
    assert chief.post("/guide/estate", data={**HEAD, "region": "GB", "time_zone": "Europe/London"}).status_code == 303


def test_the_clocks_of_a_country_are_a_list(chief):
    shown = chief.get("/guide/estate").text.partition('<select id="time-zone"')[2]
    for zone in ("Asia/Shanghai", "Asia/Urumqi", "Europe/London"):
        assert f'<option value="{zone}"' in shown
    assert "America/New_York" not in shown


def guide(house, step, services):
    """A step of it as the administrator sees it where the server is as `services` say."""
    house.services = services
    with served(house) as address, httpx.Client(base_url=address, trust_env=False) as client:
        client.cookies.set("tocsin_session", house.session_of("administrator"))
        client.cookies.set("tocsin_lang", "en")
        return client.get(f"/guide/{step}").text


def test_the_guide_says_what_keeps_a_node_away_and_how_the_agent_gets_there(house):
    trouble = "no broker answers at 127.0.0.1:1883"
    shown = guide(house, "node", replace(house.services, troubles=lambda: {"broker": trouble}))
    assert trouble in shown
    assert "names this machine only" in shown, "the address that the code's command names"
    assert "sudo deploy/node install" in shown
    shown = guide(house, "node", replace(house.services, troubles=dict, url="https://tocsin.example"))
    assert trouble not in shown
    assert "this machine only" not in shown


def test_without_a_channel_the_guide_leads_to_where_one_is_set_up(house):
    through = ThroughChannels({}, house.letterbox, house.clock, RandomIds())
    reach = replace(house.services.reach, contacts=KeepContacts(house.units, house.clock, through))
    shown = guide(house, "members", replace(house.services, reach=reach))
    for sort in ("mail", "sms", "voice", "apprise"):
        assert f"/channels/add/{sort}" in shown
    assert "cloud.toml" not in shown, "nobody need go to the server for it"
    builds(house)
    assert "an administrator of every estate" in guide(house, "members", replace(house.services, reach=reach))


def test_the_code_of_a_node_is_in_that_answer_only(chief):
    shown = chief.post("/guide/node", data={"name": "b5-node", "place": f"{HOME}/b5"})
    assert "tocsin-edge enroll --cloud" in shown.text
    assert "tocsin-edge enroll --cloud" not in chief.get("/guide/node").text
    assert "waits for its code" in chief.get("/guide/node").text
