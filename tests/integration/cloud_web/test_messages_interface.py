"""How members are reached, which systems are told, and what became of messages - over REST."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from cloud.application.identifiers import RandomIds
from cloud.application.notices.prepare import Calls
from cloud.application.notices.send_notifications import SendNotifications
from cloud.domain.community.means import Means
from tests.fakes.channels import reach, sends_all
from tests.integration.cloud_web.house import House

ME = "/api/v1/members/me/contacts"
HOOKS = "/api/v1/webhooks"
PHONE = {"channel": "sms", "address": "+86 138 0000 0000", "quiet_from": "22:00", "quiet_until": "07:00"}


def as_member(house: House, address: str, member: str, *scopes: str) -> httpx.Client:
    headers = {"authorization": f"Bearer {house.api_token_of(member, *scopes)}"}
    return httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30)


@pytest.fixture
def send(house: House) -> SendNotifications:
    calls = Calls("https://tocsin.example")
    return SendNotifications(
        house.units, house.clock, RandomIds(), house.channels, means=Means(frozenset(house.channels)), calls=calls
    )


def test_a_member_says_how_to_be_reached_and_tries_it_out(house, program):
    before = program.get(ME).json()
    assert before == {"contacts": [], "channels": ["sms", "voice"], "rings": ["voice"]}
    answer = program.put(ME, json={"contacts": [PHONE, {"channel": "voice", "address": "13800000000"}]})
    assert answer.status_code == 200, answer.text
    assert [one["channel"] for one in answer.json()["contacts"]] == ["sms", "voice"]
    assert answer.json()["contacts"][0]["quiet_from"] == "22:00:00"
    first, second = (f"{ME}/{one['key']}/test" for one in answer.json()["contacts"])
    assert program.post(first).json() == {"taken": True, "why": None, "failure": None}
    (message,) = house.channels["sms"].delivered
    assert (message.address, message.link) == (PHONE["address"], None)
    assert program.post(first).status_code == 429
    house.clock.pass_by(timedelta(minutes=1))
    house.channels["voice"].cut("no line")
    assert program.post(second).json() == {"taken": False, "why": "no line", "failure": None}
    assert program.post(f"{ME}/nothing/test").status_code == 404
    said = [line for line in program.get("/api/v1/ledger").json() if line["kind"] == "member.contacts-changed"]
    assert said
    assert not [part for part in ("138 0000", "1380000") if part in str(said)]


def test_what_is_no_contact_is_refused_with_every_reason(program):
    given = [
        {"channel": "pigeon", "address": "roof"},
        {"channel": "sms", "address": "somebody"},
        {"channel": "sms", "address": "13800000000", "quiet_from": "22:00"},
    ]
    answer = program.put(ME, json={"contacts": given})
    assert answer.status_code == 422
    assert [fault["what"].split(":")[0] for fault in answer.json()["problems"]] == [
        "contacts.0.channel", "contacts.1.address", "contacts.2",
    ]  # fmt: skip
    assert program.put(ME, json={"contacts": [PHONE] * 11}).status_code == 422
    assert program.put(ME, json={"contacts": [PHONE, PHONE]}).status_code == 422


def test_everybody_has_contacts_of_their_own_and_sees_no_others(house, address):
    with as_member(house, address, "manager") as manager, as_member(house, address, "tenant") as tenant:
        manager.put(ME, json={"contacts": [PHONE]})
        assert tenant.get(ME).json()["contacts"] == []
        assert tenant.put(ME, json={"contacts": [{"channel": "sms", "address": "13900000000"}]}).status_code == 200
        assert [one["address"] for one in manager.get(ME).json()["contacts"]] == [PHONE["address"]]
    with as_member(house, address, "manager", "read") as reader:
        assert reader.put(ME, json={"contacts": []}).status_code == 403


def test_a_manager_keeps_webhooks_whose_secret_is_shown_once(house, program):
    made = program.post(HOOKS, json={"url": "https://example.org/hook", "kinds": ["incident.opened"]})
    assert made.status_code == 201, made.text
    hook, secret = made.json()["webhook"], made.json()["secret"]
    assert secret.startswith("whsec_")
    assert program.get(HOOKS).json() == [hook] == [program.get(f"{HOOKS}/{hook['id']}").json()]
    assert secret not in program.get(HOOKS).text
    rotated = program.post(f"{HOOKS}/{hook['id']}/rotate").json()
    assert rotated["secret"] != secret
    assert rotated["webhook"]["former_secret_until"] is not None
    assert program.patch(f"{HOOKS}/{hook['id']}", json={"active": False}).json()["active"] is False
    assert program.post(f"{HOOKS}/{hook['id']}/test").json() == {"taken": True, "why": None, "failure": None}
    assert house.poster.posted[0].document["type"] == "org.tocsin.test"
    assert program.get(f"{HOOKS}/{hook['id']}/deliveries").json() == []
    assert program.delete(f"{HOOKS}/{hook['id']}").status_code == 204
    assert program.get(f"{HOOKS}/{hook['id']}").status_code == 404
    assert program.post(HOOKS, json={"url": "http://10.0.0.1/"}).status_code == 422
    assert program.patch(f"{HOOKS}/none", json={}).status_code == 404


def test_webhooks_and_deliveries_are_for_those_who_run_the_estate(house, address):
    for member, status in (("technician", 403), ("tenant", 403), ("manager", 200), ("engineer", 200)):
        with as_member(house, address, member) as client:
            assert client.get(HOOKS).status_code == status, member
            assert client.get("/api/v1/deliveries").status_code == status, member
    with as_member(house, address, "manager", "read") as reader:
        assert reader.post(HOOKS, json={"url": "https://example.org/"}).status_code == 403
    with as_member(house, address, "stranger") as stranger:
        assert stranger.get(HOOKS, params={"estate": "example"}).status_code in (403, 404)


def test_deliveries_show_what_failed_and_no_address(house, program, send):
    reach(house.units, "manager", "sms:13800000001")
    reach(house.units, "guard", "sms:13800000002")
    house.channels["sms"].breaks(RuntimeError("13800000002 is blocked"), at="13800000002")
    house.goes_wrong("access.forced-open", "b5/north-gate")
    sends_all(send)
    every = program.get("/api/v1/deliveries").json()
    assert {one["state"] for one in every} == {"sent", "waiting"}
    (failed,) = [one for one in program.get("/api/v1/deliveries", params={"failed": True}).json() if one["channel"]]
    assert (failed["member_id"], failed["why"]) == ("guard", "it failed unexpectedly (RuntimeError)")
    assert "1380000" not in str(every)


def test_a_key_pressed_in_a_call_accepts_the_task_from_anywhere(house, address, send):
    reach(house.units, "technician", "voice:13800000000")
    task_id = house.goes_wrong("lift.entrapment", "b3/lift-2")
    sends_all(send)
    (call,) = house.channels["voice"].delivered
    path = call.callback.removeprefix("https://tocsin.example")
    with httpx.Client(base_url=address, trust_env=False, timeout=30) as provider:
        assert provider.post(path, content=b"key=1", headers={"x-forged": "1"}).status_code == 403
        assert provider.post("/callbacks/voice/unknown", content=b"key=1").status_code == 404
        heard = provider.post(path, content=b"key=1")
        assert (heard.status_code, heard.text) == (200, "OK")
        assert provider.post(path, content=b"key=1").status_code == 200
        assert provider.post(path, content=b"x" * 70_000).status_code == 413
    assert house.services.queries.task(task_id, None).state == "acknowledged"


def test_a_link_in_a_message_leads_to_the_incident_after_the_button_was_pressed(house, visitor, send):
    reach(house.units, "manager", "sms:13800000000")
    task = house.services.queries.task(house.goes_wrong("access.forced-open", "b5/north-gate"), None)
    sends_all(send)
    path = house.channels["sms"].delivered[0].link.removeprefix("https://tocsin.example")
    page = visitor.get(path)
    assert f'action="{path}"' in page.text
    entered = visitor.post(path)
    assert (entered.status_code, entered.headers["location"]) == (303, f"/incidents/{task.incident_id}")
    assert visitor.get(entered.headers["location"]).status_code == 200
    for elsewhere in ("//evil.example", "../x", "https://evil.example"):
        assert visitor.post(path.partition("?")[0], params={"incident": elsewhere}).status_code == 422
