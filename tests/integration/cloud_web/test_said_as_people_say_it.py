"""Pages say names, not ids; an id that texts and programs need stands small beside its name. One thing to press is the foremost."""

from __future__ import annotations

import re

import pytest

from cloud.application.rosters.keep_channels import Given
from cloud.domain.community.channel_setup import Form
from tests.integration.cloud_web.house import ESTATE
from tests.integration.cloud_web.test_pages import Page


def words(client, path: str, lang: str) -> str:
    page = client.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")
    assert page.status_code == 200, page.text
    return " ".join(Page(page.text).texts)


@pytest.mark.parametrize(("lang", "said"), [("en", "duty “Fire” (fire) applies"), ("zh", "适用职责“消防”（fire）")])
def test_why_these_parties_names_rows_of_the_matrix(house, manager, lang, said):
    task = house.goes_wrong("fire.smoke", "b1/detector-7a")
    incident = house.services.queries.task(task, None).incident_id
    assert said in words(manager, f"/incidents/{incident}", lang)
    assert said in words(manager, "/duties?hazard=fire.smoke&place=binhai/example/b1", lang)


@pytest.mark.parametrize(("lang", "name"), [("en", "Example estate"), ("zh", "示例小区")])
def test_the_ledgers_page_names_the_estate_and_says_what_to_run(house, visitor, lang, name):
    page = visitor.get(f"/public/{ESTATE}/ledger", params={"lang": lang}).text
    assert f"{name}</a>" in page
    assert re.search(r"<h1>[^<]*</h1>", page)[0].find(ESTATE) < 0
    assert "tocsin ledger verify FILE --head" in page, "also while there is no head yet"


@pytest.mark.parametrize(("lang", "name"), [("en", "Gateway of building 3"), ("zh", "3号楼网关")])
def test_a_configurations_page_names_the_node_and_its_versions(house, visitor, lang, name):
    house.node_is_configured()
    visitor.cookies.set("tocsin_session", house.session_of("engineer"))
    page = visitor.get("/nodes/b3-gateway/document", params={"lang": lang}).text
    assert name in re.search(r"<h1>.*?</h1>", page)[0]
    assert re.search(r'version=\d+">(Version \d+|第 \d+ 版)</a>', page)


@pytest.mark.parametrize(("lang", "said"), [("en", "Telephone calls"), ("zh", "电话")])
def test_a_channel_with_a_name_of_its_own_is_said_by_what_it_sends(house, visitor, lang, said):
    keep = house.services.setting_up.channels
    given = Given(Form.GATEWAY, {"url": "https://sms.example.org/", "callback": {}})
    keep.set_up("pager", given, house.identity("administrator"))
    visitor.cookies.set("tocsin_session", house.session_of("administrator"))
    page = visitor.get("/channels", params={"lang": lang}).text
    assert f'<strong>{said}</strong> <span class="mono quiet">pager</span>' in page


@pytest.mark.parametrize(
    ("path", "member"), [("/registers", "manager"), ("/channels", "administrator"), ("/webhooks", "manager")]
)
def test_at_most_one_thing_to_press_is_the_foremost(house, visitor, path, member):
    book = house.services.messaging.webhooks
    for name in ("one", "two"):
        hook = book.add(ESTATE, f"https://{name}.example/hook", [], "manager").webhook
        book.change(ESTATE, hook.id, "manager", active=False)
    visitor.cookies.set("tocsin_session", house.session_of(member))
    page = visitor.get(path, params={"lang": "en"}).text
    assert len(re.findall(r'class="button[^"]*primary', page)) <= 1


def test_what_a_token_may_do_is_said_in_words(house, visitor):
    house.api_token_of("manager", "read")
    visitor.cookies.set("tocsin_session", house.session_of("manager"))
    page = visitor.get("/account", params={"lang": "zh"}).text
    assert re.search(r'<span class="quiet">[^<]*查看[^<]*</span>', page), "not the scope's own word"
