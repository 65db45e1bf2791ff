"""Parties join forces over the interface and with plain forms, as people at a desk and programs do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import httpx
import pytest

from tests.integration.cloud_web.test_interface import API, problem
from tests.integration.cloud_web.test_pages import Page

As = Callable[[str], httpx.Client]


@pytest.fixture
def acting(address, house) -> Iterator[As]:
    """A program that acts as this member."""
    with ExitStack() as open_clients:

        def client(member: str) -> httpx.Client:
            headers = {"authorization": f"Bearer {house.api_token_of(member)}"}
            return open_clients.enter_context(
                httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30)
            )

        yield client


@pytest.fixture
def browsing(address, house) -> Iterator[As]:
    """A browser in which this member has signed in."""
    with ExitStack() as open_clients:

        def client(member: str) -> httpx.Client:
            headers = {"sec-fetch-site": "same-origin"}
            browser = open_clients.enter_context(
                httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30)
            )
            browser.cookies.set("tocsin_session", house.session_of(member))
            return browser

        yield client


def states(task: dict) -> dict[str, str]:
    return {part["party"]["id"]: part["state"] for part in task["assignments"]}


def test_help_is_asked_for_given_and_finished_over_the_interface(house, acting):
    at = f"{API}/tasks/{house.goes_wrong('access.forced-open', 'b5/north-gate')}"
    lead, helper = acting("manager"), acting("technician")
    problem(lead.post(f"{at}/help", json={"parties": ["lifts"]}), 409, "conflict")
    lead.post(f"{at}/acknowledge")
    problem(lead.post(f"{at}/help", json={"parties": ["96333"]}), 422, "invalid")
    problem(helper.post(f"{at}/help", json={"parties": ["operator"]}), 404, "not-found")
    asked = lead.post(f"{at}/help", json={"parties": ["lifts"], "note": "the gate hangs on your controller"}).json()[
        "task"
    ]
    part = next(part for part in asked["assignments"] if part["party"]["id"] == "lifts")
    assert (part["role"], part["state"], [clock["kind"] for clock in part["clocks"]]) == (
        "support",
        "requested",
        ["accept"],
    )
    assert set(helper.get(at).json()["allowed"]) == {"acknowledge", "note", "decline"}
    for deed in ("acknowledge", "arrive", "finish"):
        answer = helper.post(f"{at}/{deed}")
        assert answer.status_code == 200, answer.text
    assert states(answer.json()["task"])["lifts"] == "done"
    incident = lead.get(f"{API}/incidents/{asked['incident_id']}").json()
    (call,) = incident["calls"]
    assert (call["kind"], call["caller"]["id"], call["called"]["id"]) == ("help", "property", "lifts")
    assert None not in (call["accepted_at"], call["arrived_at"], call["finished_at"])
    (share,) = incident["task"]["custody"]
    assert (share["party"]["id"], share["now"]) == ("property", True)


def test_a_whistle_binds_and_what_is_objected_is_judged(house, acting):
    at = f"{API}/tasks/{house.goes_wrong('access.forced-open', 'b5/north-gate')}"
    lead, street, called = acting("manager"), acting("street-officer"), acting("technician")
    lead.post(f"{at}/acknowledge")
    assert lead.post(f"{at}/ask-for-whistle", json={"ground": "emergency", "parties": ["lifts"]}).status_code == 200
    problem(lead.post(f"{at}/whistle", json={"ground": "emergency"}), 403, "not-allowed")
    problem(street.post(f"{at}/whistle", json={"ground": "because"}), 422, "invalid")
    whistled = street.post(f"{at}/whistle", json={"ground": "emergency"}).json()["task"]
    assert states(whistled)["lifts"] == "requested"
    called.post(f"{at}/decline", json={"basis": "no lift is concerned"})
    problem(street.post(f"{at}/judge", json={"party": "lifts", "consents": True, "note": ""}), 422, "invalid")
    judged = street.post(f"{at}/judge", json={"party": "lifts", "consents": True, "note": "right"}).json()["task"]
    assert states(judged)["lifts"] == "declined"
    assert lead.post(f"{at}/ask-for-whistle", json={"ground": "emergency"}).status_code == 200
    refused = street.post(f"{at}/refuse-whistle", json={"note": "not now"}).json()["task"]
    assert refused["wish"] is None
    parties = street.get(f"{API}/public/example/rates").json()["parties"]
    rates = {rate["measure"]: rate for party in parties if party["party_id"] == "street" for rate in party["rates"]}
    assert [(rates[name]["numerator"], rates[name]["denominator"]) for name in ("whistle_came", "objections_upheld")] == [
        (0, 1), (1, 1)
    ]  # fmt: skip
    assert "lower is better" in rates["objections_upheld"]["definition"]["en"]


def test_the_arbiter_decides_over_the_interface(house, acting):
    at = f"{API}/tasks/{house.goes_wrong('lift.door-fault', 'b1/lift-1')}"
    acting("technician").post(f"{at}/decline", json={"basis": "no contract"})
    declined = acting("manager").post(f"{at}/decline", json={"basis": "not a building part"}).json()["task"]
    assert declined["arbitration"]["arbiter"]["id"] == "street"
    problem(acting("manager").post(f"{at}/arbitrate", json={"lead": "lifts", "note": "theirs"}), 403, "not-allowed")
    ruled = (
        acting("street-officer").post(f"{at}/arbitrate", json={"lead": "property", "note": "art. 35"}).json()["task"]
    )
    assert (ruled["responsible"]["id"], ruled["arbitration"]["lead"]["id"], ruled["bounces"]) == (
        "property",
        "property",
        2,
    )


def test_two_tasks_are_merged_over_the_interface(house, acting):
    first = house.goes_wrong("access.forced-open", "b5/north-gate")
    second = house.goes_wrong("access.forced-open", "b1/garage-door")
    lead = acting("manager")
    lead.post(f"{API}/tasks/{first}/acknowledge")
    problem(lead.post(f"{API}/tasks/{first}/merge", json={"into": "nothing"}), 422, "invalid")
    merged = lead.post(f"{API}/tasks/{first}/merge", json={"into": second, "note": "one controller"}).json()["task"]
    assert (merged["state"], merged["allowed"]) == ("merged", ["note", "undo-merge"])
    stays = lead.get(f"{API}/tasks/{second}").json()
    assert merged["merged_into"] == stays["incident_id"]
    assert lead.get(f"{API}/incidents/{stays['incident_id']}").json()["merged"] == [merged["incident_id"]]
    page = lead.get(f"/incidents/{merged['incident_id']}", params={"lang": "zh"}).text
    assert "撤销合并" in page
    undone = lead.post(f"{API}/tasks/{first}/undo-merge", json={"note": "two controllers after all"}).json()["task"]
    assert (undone["state"], undone["merged_into"]) == ("acknowledged", None)
    problem(lead.post(f"{API}/tasks/{first}/undo-merge"), 409, "conflict")


def test_the_document_describes_every_deed(program):
    described = program.get(f"{API}/openapi.json").json()["paths"]
    deeds = (
        "help",
        "ask-for-whistle",
        "whistle",
        "refuse-whistle",
        "arrive",
        "finish",
        "judge",
        "arbitrate",
        "merge",
        "undo-merge",
    )
    assert {f"{API}/tasks/{{task_id}}/{deed}" for deed in deeds} <= described.keys()


def test_joint_work_is_done_with_plain_forms(house, browsing):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    incident = house.services.queries.task(task, None).incident_id
    lead, street, helper = browsing("manager"), browsing("street-officer"), browsing("technician")
    lead.post(f"/tasks/{task}/acknowledge")

    def sends(who: httpx.Client, deed: str, **more: object) -> None:
        where = f"/incidents/{incident}?lang=en"
        action, fields = Page(who.get(where).text).form(f"{task}/{deed}")
        kept = {key: value for key, value in fields.items() if key not in {"parties", "capabilities", "public"}}
        answer = who.post(action, data={**kept, **more})
        assert (answer.status_code, answer.headers["location"]) == (303, where), answer.text[:400]

    sends(lead, "help", parties=["lifts", "operator"], note="a hand")
    sends(lead, "ask-for-whistle", ground="joint_enforcement", parties=["committee"])
    sends(street, "whistle", ground="joint_enforcement")
    sends(browsing("officer"), "decline", basis="we assist only")
    sends(street, "judge", consents="true", note="right")
    for deed in ("acknowledge", "arrive", "finish"):
        sends(helper, deed)
    sends(lead, "note", text="for all to read", public="true")
    view = house.services.queries.incident(incident, None)
    found = {part.party.id: str(part.state) for part in view.task.assignments}
    assert found == {
        "property": "accepted",
        "lifts": "done",
        "operator": "requested",
        "committee": "declined",
        "street": "requested",
    }
    assert {note.text for note in view.notes if note.public} == {"for all to read"}
    page = Page(lead.get(f"/incidents/{incident}?lang=zh").text)
    assert page.says("各单位承办时长")
    assert page.says("吹哨，召集居民委员会：需要联合执法")


def test_arbitration_and_merging_have_their_forms_too(house, browsing):
    fault = house.goes_wrong("lift.door-fault", "b1/lift-1")
    other = house.goes_wrong("lift.door-fault", "b3/lift-2")
    where = f"/incidents/{house.services.queries.task(fault, None).incident_id}"
    for member in ("technician", "manager"):
        action, fields = Page(browsing(member).get(where).text).form(f"{fault}/decline")
        assert browsing(member).post(action, data={**fields, "basis": "not ours", "named": ""}).status_code == 303
    street = browsing("street-officer")
    action, fields = Page(street.get(where).text).form(f"{fault}/arbitrate")
    assert street.post(action, data={**fields, "lead": "lifts", "note": "the contract"}).status_code == 303
    assert Page(street.get(f"{where}?lang=en").text).says("It was decided who leads: Lift maintainer")
    action, fields = Page(street.get(where).text).form(f"{fault}/merge")
    assert street.post(action, data={**fields, "into": other}).status_code == 303
    page = Page(street.get(f"{where}?lang=en").text)
    assert page.says("Merged")
    assert f"/incidents/{house.services.queries.task(other, None).incident_id}" in page.links


def test_the_page_offers_an_arbiter_only_whom_it_may_name_to_lead(house, browsing):
    fault = house.goes_wrong("lift.door-fault", "b1/lift-1")
    where = f"/incidents/{house.services.queries.task(fault, None).incident_id}"
    for member in ("technician", "manager"):
        action, fields = Page(browsing(member).get(where).text).form(f"{fault}/decline")
        assert browsing(member).post(action, data={**fields, "basis": "not ours", "named": ""}).status_code == 303
    page = browsing("street-officer").get(where).text
    form = page[page.index(f"{fault}/arbitrate") :]
    offered = set(re.findall(r'<option value="([^"]+)"', form[: form.index("</form>")]))
    assert {"lifts", "property"} <= offered
    assert not {"committee", "grid"} & offered


@pytest.mark.parametrize(
    ("language", "told", "present"),
    [("en", "no sign of work", "said to be on site since"), ("zh", "无进展", "已报到场，自")],
)
def test_a_lead_that_was_there_and_said_nothing_is_seen_as_asked_anew_and_as_present(
    house, browsing, language, told, present
):
    task = house.goes_wrong("lift.entrapment", "b1/lift-1")
    house.services.act.acknowledge(task, "technician")
    house.services.act.start(task, "technician")
    house.time_passes(timedelta(hours=1))
    house.time_passes(timedelta(hours=1))
    incident = house.services.queries.task(task, None).incident_id
    page = Page(browsing("manager").get(f"/incidents/{incident}?lang={language}").text)
    assert page.says(told)
    assert page.says(present)


def test_private_notes_stay_among_the_parties_of_the_task(house, acting):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    lead, stranger = acting("manager"), acting("controller")
    lead.post(f"{API}/tasks/{task}/notes", json={"text": "only between us"})
    lead.post(f"{API}/tasks/{task}/notes", json={"text": "known to all", "public": True})
    where = f"{API}/incidents/{house.services.queries.task(task, None).incident_id}"
    assert [note["text"] for note in stranger.get(where).json()["notes"]] == ["known to all"]
    assert len(lead.get(where).json()["notes"]) == 2
    assert "only between us" not in stranger.get(f"{API}/ledger").text
