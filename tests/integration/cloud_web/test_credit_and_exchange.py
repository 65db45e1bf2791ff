"""Credit, offers and needs over REST: who may see and do what, and what stands in the description."""

from __future__ import annotations

import httpx
import pytest

from tests.integration.cloud_web.test_interface import API, problem

OFFER = {"good": "tool", "capability": "ladder", "text": "借梯子", "place": "binhai/example/b1"}
LIFTS = {**OFFER, "good": "skill", "text": "会修电梯"}


@pytest.fixture
def people(house, address):
    """A client for each member, as they are asked for."""
    with_keys: dict[str, httpx.Client] = {}

    def as_member(name: str) -> httpx.Client:
        if name not in with_keys:
            headers = {"authorization": f"Bearer {house.api_token_of(name)}"}
            with_keys[name] = httpx.Client(base_url=f"{address}{API}", headers=headers, trust_env=False, timeout=30)
        return with_keys[name]

    yield as_member
    for client in with_keys.values():
        client.close()


def small_task(people, **extra) -> str:
    order = {key: OFFER[key] for key in ("capability", "text", "place")}
    answer = people("manager").post("/small-tasks", json={**order, "kind": "patrol", **extra})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def test_the_credit_table_and_the_rates_are_public_and_without_personal_data(house, visitor):
    table = visitor.get(f"{API}/public/example/credit-table").json()
    assert {row["act"] for row in table["table"]["rows"]} == {"hazard-report", "patrol", "small-task", "response"}
    assert all(rule["zh"] and rule["en"] for rule in table["rules"])
    assert [rule["capabilities"] for rule in table["table"]["together"]] == [["first-aid", "translation"]]
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    house.services.act.acknowledge(task, "manager")
    answer = visitor.get(f"{API}/public/example/rates")
    parties = {party["party_id"]: party for party in answer.json()["parties"]}
    response = next(rate for rate in parties["property"]["rates"] if rate["measure"] == "response")
    assert (response["numerator"], response["denominator"], response["rate"]) == (1, 1, 1.0)
    assert response["definition"]["en"]
    assert "first aid + translating" in visitor.get("/public/example?lang=en").text
    assert not {"manager", "guard", "tenant"} & set(answer.text.replace('"', " ").split())
    for path in ("credit-table", "rates"):
        problem(visitor.get(f"{API}/public/nowhere/{path}"), 404, "not-found")
    problem(visitor.get(f"{API}/public/example/credit-table?version=9"), 404, "not-found")
    problem(visitor.get(f"{API}/public/example/rates?first=2026-05-02&last=2026-05-01"), 422, "invalid")
    problem(visitor.get(f"{API}/public/example/rates?first=0001-01-01&last=0001-01-01"), 422, "invalid")


def test_residents_claim_do_and_another_confirms_and_it_stands_in_their_account(people):
    task, tenant = small_task(people), people("tenant")
    assert [one["id"] for one in tenant.get("/small-tasks").json()["items"]] == [task]
    assert tenant.post(f"/small-tasks/{task}/claim").json()["mine"] is True
    problem(people("lodger").post(f"/small-tasks/{task}/claim"), 409, "conflict")
    assert tenant.post(f"/small-tasks/{task}/finish").json()["state"] == "done"
    problem(tenant.post(f"/small-tasks/{task}/confirm"), 403, "not-allowed")
    assert tenant.get("/credit/account").json()["balance"] == 0
    assert people("manager").post(f"/small-tasks/{task}/send-back").json()["state"] == "claimed"
    tenant.post(f"/small-tasks/{task}/finish")
    assert people("officer").post(f"/small-tasks/{task}/confirm").json()["state"] == "confirmed"
    assert tenant.get("/credit/account").json() == {"estate": "example", "member_id": "tenant", "balance": 10}
    assert people("lodger").get("/credit/account").json()["balance"] == 0
    assert tenant.get("/small-tasks", params={"state": "over"}).json()["items"][0]["id"] == task
    (entry,) = tenant.get("/credit/statement").json()["items"]
    assert (entry["act"], entry["points"], entry["confirmed_by"]) == ("patrol", 10, ["officer"])
    sums = people("manager").get("/credit/sums").json()
    assert (sums["accounts"], sums["balance"]) == (1, 10)
    for nosy in ("tenant", "guard"):
        problem(people(nosy).get("/credit/sums"), 403, "forbidden" if nosy == "tenant" else "not-allowed")
    at = f"/credit/entries/{entry['id']}/reverse"
    problem(tenant.post(at, json={"reason": "mistaken"}), 403, "forbidden")
    problem(people("guard").post(at, json={"reason": "mistaken"}), 403, "not-allowed")
    assert people("manager").post(at, json={"reason": "mistaken"}).status_code == 204
    problem(people("manager").post(at, json={"reason": "mistaken"}), 409, "conflict")
    assert tenant.get("/credit/account").json()["balance"] == 0


def test_a_statement_and_a_listing_are_read_page_by_page(people):
    for _ in range(2):
        task = small_task(people)
        for deed in ("claim", "finish"):
            people("tenant").post(f"/small-tasks/{task}/{deed}")
        people("manager").post(f"/small-tasks/{task}/confirm")
    for path in ("/credit/statement", "/small-tasks?state=over"):
        joint = "&" if "?" in path else "?"
        first = people("tenant").get(f"{path}{joint}limit=1").json()
        second = people("tenant").get(f"{path}{joint}limit=1&cursor={first['next']}").json()
        assert len({first["items"][0]["id"], second["items"][0]["id"]}) == 2
        assert second["next"] is None
        problem(people("tenant").get(f"{path}{joint}cursor=nonsense"), 422, "invalid")


def test_a_small_task_may_be_given_back_and_withdrawn(people):
    task = small_task(people)
    people("tenant").post(f"/small-tasks/{task}/claim")
    assert people("tenant").post(f"/small-tasks/{task}/release").json()["helpers"] == 0
    assert people("manager").post(f"/small-tasks/{task}/withdraw").json()["state"] == "withdrawn"
    assert people("tenant").get(f"/small-tasks/{task}").json()["state"] == "withdrawn"
    order = {key: OFFER[key] for key in ("capability", "text", "place")}
    problem(people("tenant").post("/small-tasks", json=order), 403, "forbidden")


@pytest.mark.parametrize("side", ["offers", "needs"])
def test_offers_and_needs_are_posted_read_changed_and_withdrawn(people, side):
    tenant, lodger = people("tenant"), people("lodger")
    answer = tenant.post(f"/{side}", json={**OFFER, "hours": {"days": [6, 7], "start": "09:00", "end": "18:00"}})
    assert answer.status_code == 201, answer.text
    at = f"/{side}/{answer.json()['id']}"
    assert lodger.get(at).json()["by"] is None
    assert tenant.get(at).json()["mine"] is True
    assert [one["id"] for one in lodger.get(f"/{side}").json()["items"]] == [answer.json()["id"]]
    problem(lodger.put(at, json=OFFER), 403, "not-allowed")
    assert tenant.put(at, json={**OFFER, "text": "借折叠梯"}).json()["text"] == "借折叠梯"
    problem(lodger.post(f"{at}/withdraw"), 403, "not-allowed")
    assert tenant.post(f"{at}/withdraw").json()["open"] is False
    problem(tenant.put(at, json=OFFER), 409, "conflict")
    problem(people("stranger").get(at), 404, "not-found")


def test_regulated_work_is_refused_with_the_reason_and_the_legal_basis(people):
    rows = people("tenant").get("/regulated-work").json()["rows"]
    assert {"lifts", "fire-systems", "gas", "electricity"} <= {row["id"] for row in rows}
    british = people("tenant").get("/regulated-work", params={"region": "GB"}).json()["rows"]
    assert any("Gas Safe Register" in row["basis"]["en"] for row in british)
    for member, path in (("tenant", "/offers"), ("lodger", "/needs"), ("manager", "/small-tasks")):
        order = {key: value for key, value in LIFTS.items() if path != "/small-tasks" or key != "good"}
        refused = problem(people(member).post(path, json=order), 422, "invalid")
        assert "Special Equipment Safety Law" in refused["problems"][0]["what"]
        assert "特种设备安全法" in refused["problems"][1]["what"]
        assert people(member).get(path).json()["items"] == []


def test_a_need_is_matched_and_met(people):
    offer = people("lodger").post("/offers", json=OFFER).json()["id"]
    need = people("tenant").post("/needs", json=OFFER).json()["id"]
    (match,) = people("tenant").get(f"/needs/{need}/matches").json()
    assert (match["by"], match["id"], match["names"]["en"]) == ("offer", offer, "Another resident")
    assert people("officer").get(f"/needs/{need}/matches").json()[0]["names"] is not None
    assert people("tenant").post(f"/needs/{need}/meet").json()["open"] is False


def test_another_estate_does_not_exist_and_a_reading_token_does_nothing(house, people, address):
    for path in ("/offers", "/needs", "/small-tasks", "/credit/account", "/credit/statement"):
        assert people("stranger").get(path, params={"estate": "example"}).status_code in {403, 404}
    headers = {"authorization": f"Bearer {house.api_token_of('tenant', 'read')}"}
    with httpx.Client(base_url=f"{address}{API}", headers=headers, trust_env=False, timeout=30) as reader:
        assert reader.get("/offers").status_code == 200
        problem(reader.post("/offers", json=OFFER), 403, "forbidden")


def test_hostile_words_are_refused_or_kept_as_they_are(people):
    tenant = people("tenant")
    for bad in (
        {**OFFER, "hours": {"days": []}},
        {**OFFER, "hours": {"days": [8]}},
        {**OFFER, "capability": "x" * 64},
        {**OFFER, "text": "x" * 501},
        {**OFFER, "text": " "},
        {**OFFER, "place": "binhai"},
        {**OFFER, "more": 1},
    ):
        problem(tenant.post("/offers", json=bad), 422, "invalid")
    script = "<script>alert(1)</script>\u202e"
    assert tenant.post("/offers", json={**OFFER, "text": script}).json()["text"] == script


def test_every_path_is_described(people):
    described = people("manager").get("/openapi.json").json()["paths"]
    deeds = ("claim", "release", "finish", "confirm", "send-back", "withdraw")
    paths = {
        *(f"{API}/small-tasks{rest}" for rest in ("", "/{small_task_id}")),
        *(f"{API}/small-tasks/{{small_task_id}}/{deed}" for deed in deeds),
        *(f"{API}/{side}" for side in ("offers", "needs", "regulated-work")),
        *(f"{API}/offers/{{offer_id}}{rest}" for rest in ("", "/withdraw")),
        *(f"{API}/needs/{{need_id}}{rest}" for rest in ("", "/withdraw", "/meet", "/matches")),
        *(f"{API}/credit/{rest}" for rest in ("account", "statement", "sums", "entries/{entry_id}/reverse")),
        *(f"{API}/public/{{estate}}/{rest}" for rest in ("credit-table", "rates")),
    }
    assert paths <= described.keys()
