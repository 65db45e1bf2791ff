"""The configuration editor: faults with their lines, the difference first, then the result - without a script."""

from __future__ import annotations

import html
import re

import httpx
import pytest

from cloud.application.fleet.follow_node import FollowNode
from schemas.commands import ConfigurationReceipt
from schemas.topics import NodeAddress
from tests.integration.cloud_web.house import ESTATE, House

PAGE = "/nodes/b3-gateway/document"


@pytest.fixture
def engineer(visitor: httpx.Client, house: House) -> httpx.Client:
    house.node_connects()
    house.node_is_configured()
    visitor.cookies.set("tocsin_session", house.session_of("engineer"))
    return visitor


def text(answer: httpx.Response) -> str:
    assert answer.status_code in {200, 422}, answer.text
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def document(answer: httpx.Response) -> str:
    return html.unescape(re.search(r'<textarea id="text"[^>]*>\n(.*?)</textarea>', answer.text, re.DOTALL)[1])


def test_a_document_is_edited_checked_compared_and_sent(house, engineer):
    page = engineer.get(PAGE, params={"lang": "en"})
    edited = document(page).replace("at_full: 0.2", "at_full: 0.3")
    checked = engineer.post(f"{PAGE}/check", params={"lang": "en"}, data={"text": edited, "seen": "4"})
    said = text(checked)
    assert "Compared with version 4, which was issued last." in said
    assert re.search(r"− taken out at_full: 0\.2 .*\+ added at_full: 0\.3", said)
    assert house.services.nodes.configuration(ESTATE, "b3-gateway", None).latest.version == 4, "nothing is sent yet"
    sent = engineer.post(PAGE, data={"text": edited.replace("\n", "\r\n"), "seen": "4", "reason": "another sensor"})
    assert (sent.status_code, sent.headers["location"]) == (303, PAGE)
    page = text(engineer.get(PAGE, params={"lang": "en"}))
    assert "sent, no answer yet" in page
    assert "Platform engineer another sensor no answer yet" in page
    latest = house.services.nodes.configuration(ESTATE, "b3-gateway", None).latest
    receipt = ConfigurationReceipt(
        configuration_version=5, configuration_hash=latest.digest, outcome="failed", detail="GPIO 4 is busy"
    )
    FollowNode(house.units, house.clock).receipt(NodeAddress(ESTATE, "b3-gateway"), receipt)
    page = text(engineer.get(PAGE, params={"lang": "en"}))
    assert "the new one could not be applied" in page
    assert "GPIO 4 is busy" in page


def test_faults_are_named_with_their_lines_and_what_was_typed_stays(engineer):
    edited = document(engineer.get(PAGE)).replace("at_full: 0.2", "at_full: much")
    for path in (f"{PAGE}/check", PAGE):
        answer = engineer.post(path, params={"lang": "en"}, data={"text": edited, "seen": "4"})
        assert answer.status_code == 422
        assert re.search(r"line \d+: equipment\.0\.smoke_detector\.obscuration\.at_full: Input should be", text(answer))
        assert document(answer) == edited


def test_versions_say_who_issued_them_by_name(engineer):
    edited = document(engineer.get(PAGE)).replace("at_full: 0.2", "at_full: 0.3")
    engineer.post(PAGE, data={"text": edited, "seen": "4"})
    shown = text(engineer.get(PAGE, params={"lang": "en"}))
    assert "Platform engineer" in shown.partition("Versions")[2]
    assert "member:" not in shown


def test_the_same_again_changes_nothing_and_says_so(engineer):
    same = document(engineer.get(PAGE))
    checked = engineer.post(f"{PAGE}/check", params={"lang": "en"}, data={"text": same, "seen": "4"})
    assert "Nothing: the text is the same." in text(checked)


def test_an_earlier_version_is_where_one_may_begin_again(engineer):
    edited = document(engineer.get(PAGE)).replace("at_full: 0.2", "at_full: 0.3")
    engineer.post(PAGE, data={"text": edited, "seen": "4"})
    assert "at_full: 0.2" in document(engineer.get(PAGE, params={"version": "4"}))
    assert engineer.get(PAGE, params={"version": "9"}).status_code == 404


def test_who_was_slower_is_told(engineer):
    edited = document(engineer.get(PAGE)).replace("at_full: 0.2", "at_full: 0.3")
    assert engineer.post(PAGE, data={"text": edited, "seen": "3"}).status_code == 409


def test_a_document_as_large_as_a_message_may_be_fits_into_the_form(engineer):
    body = "equipment: []\n" + "# 注释\n" * 6_000
    answer = engineer.post(f"{PAGE}/check", data={"text": body, "seen": "4"})
    assert answer.status_code == 422
    assert engineer.post("/sign-out", data={"text": body}).status_code == 413


def test_a_manager_edits_no_documents(house, manager):
    house.node_connects()
    assert manager.get(PAGE).status_code == 403
    assert manager.post(PAGE, data={"text": "equipment: []", "seen": "0"}).status_code == 403
    assert manager.post(f"{PAGE}/check", data={"text": "equipment: []", "seen": "0"}).status_code == 403
    assert "/document" not in manager.get("/fleet").text


def test_a_form_from_elsewhere_sends_nothing(house, engineer):
    form = {"text": document(engineer.get(PAGE)).replace("at_full: 0.2", "at_full: 0.3"), "seen": "4"}
    assert engineer.post(PAGE, data=form, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert house.services.nodes.configuration(ESTATE, "b3-gateway", None).latest.version == 4


def test_faults_are_told_in_the_readers_language(engineer):
    edited = document(engineer.get(PAGE)).replace("at_full: 0.2", "at_full: much\n    colour: red")
    answer = engineer.post(f"{PAGE}/check", params={"lang": "zh"}, data={"text": edited, "seen": "4"})
    assert re.search(r"第 \d+ 行：equipment\.0\.smoke_detector\.obscuration\.at_full：应为数字", text(answer))
    assert "colour：没有这一项，请删除或改正拼写" in text(answer)
