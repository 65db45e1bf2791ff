"""On the Chinese pages no refusal of a document, a matrix or a file is an English sentence."""

from __future__ import annotations

import html
import json
import re

import httpx
import pytest

from tests.integration.cloud_web.house import House
from tests.unit.cloud.adapters.test_imports_are_refused_in_chinese import DUTY, WHOLE
from tests.unit.cloud.application.test_document_faults_in_chinese import LIFT, MISFITS, SENTENCE

ZH = {"lang": "zh"}
SPOILT = {
    **WHOLE,
    "estate": {**WHOLE["estate"], "time_zone": "Nowhere", "fallback": "nobody"},
    "nodes": [{"id": "n", "place": "x/y"}],
}
FILES = {
    "estate.yaml": json.dumps(SPOILT),
    "estate-2.yaml": json.dumps({**WHOLE, "estate": {**WHOLE["estate"], "calendar": {"region": "FR"}}, "duties": None}),
    "places.csv": "id,kind,zh,en\nx/y,building,楼,B\nA B,street,街,S\n",
    "members.yaml": "members: [{id: m, party: nobody, zh: 甲, en: A, contacts: [{channel: sms, address: no}]}]",
    "duties.csv": "id,tto\nnothing,soon\n",
    "equipment.csv": "id;kind;place\na b;lift\n",
    "parties.csv": "\0\xff,x\n",
}


@pytest.fixture
def signed_in(visitor: httpx.Client, house: House):
    def sign_in(member: str) -> httpx.Client:
        visitor.cookies.set("tocsin_session", house.session_of(member))
        return visitor

    return sign_in


def refusals(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    listed = re.search(r'<ul class="plain-list(?: faults)?">(.*?)</ul>', answer.text, re.DOTALL)
    assert listed, answer.text
    return [html.unescape(one) for one in re.findall(r"<li>(.*?)</li>", listed[1], re.DOTALL)]


def assert_chinese(found: list[str]) -> None:
    assert found
    english = [
        one for one in found if SENTENCE.search(re.sub(r"'[^']*'", "", one)) or not re.search("[\u4e00-\u9fff]", one)
    ]
    assert not english


def test_what_is_wrong_with_a_nodes_document(house, signed_in):
    house.node_connects()
    engineer = signed_in("engineer")
    page = "/nodes/b3-gateway/document/check"
    texts = [json.dumps({"equipment": [LIFT], **spoilt}) for spoilt in MISFITS.values()]
    texts += ["a: [", "a: 1\na: 2", "- 1", json.dumps({"equipment": [{"kind": "boat"}], "colour": 1, "rules": 1})]
    for text in texts:
        assert_chinese(refusals(engineer.post(page, params=ZH, data={"text": text, "seen": "0"})))


def test_what_is_wrong_with_a_matrix(signed_in):
    manager = signed_in("manager")
    rows = [
        {**DUTY, "tto": "soon"},
        {**DUTY, "place": "nowhere", "lead": "party:nobody"},
        {**DUTY, "needs": "luck", "basis": None},
    ]
    for text in [*(json.dumps([row]) for row in rows), json.dumps(rows), "- id: [", "x: 1"]:
        assert_chinese(refusals(manager.post("/duties/matrix/check", params=ZH, data={"text": text, "days": "30"})))


@pytest.mark.parametrize("name", FILES)
def test_what_is_wrong_with_a_file(signed_in, name):
    chief = signed_in("administrator")
    answer = chief.post(
        "/import", params=ZH, data={"do": "take"}, files={"files": (name, FILES[name].encode("utf-8", "surrogatepass"))}
    )
    assert_chinese(refusals(answer))
