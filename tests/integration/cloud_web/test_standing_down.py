"""Over the interface and with plain forms: an officer cancels a task, a lead lets a helper go, a second person verifies."""

from __future__ import annotations

import pytest

from tests.integration.cloud_web.test_interface import API, problem
from tests.integration.cloud_web.test_joint_work import acting, browsing, states
from tests.integration.cloud_web.test_pages import Page

__all__ = ["acting", "browsing"]

GATE = ("access.forced-open", "b5/north-gate")


def helped(house, acting):
    """A gate was forced; the property leads and has asked the lift firm for help."""
    task = house.goes_wrong(*GATE)
    lead = acting("manager")
    lead.post(f"{API}/tasks/{task}/acknowledge")
    asked = lead.post(f"{API}/tasks/{task}/help", json={"parties": ["lifts"]})
    assert asked.status_code == 200, asked.text
    return task


def test_a_lead_lets_a_helper_go_over_the_interface(house, acting):
    task = helped(house, acting)
    at, lead, helper = f"{API}/tasks/{task}", acting("manager"), acting("technician")
    problem(lead.post(f"{at}/release", json={"party": "lifts"}), 422, "invalid")
    problem(helper.post(f"{at}/release", json={"party": "lifts", "note": "no"}), 403, "not-allowed")
    shown = lead.get(at).json()
    assert {"release", "cancel"} <= set(shown["allowed"])
    incident = lead.get(f"{API}/incidents/{shown['incident_id']}").json()
    assert [party["id"] for party in incident["releasable"]] == ["lifts"]
    answer = lead.post(f"{at}/release", json={"party": "lifts", "note": "the gate has closed"})
    assert answer.status_code == 200, answer.text
    assert states(answer.json()["task"])["lifts"] == "released"
    (call,) = lead.get(f"{API}/incidents/{shown['incident_id']}").json()["calls"]
    assert call["released_at"] is not None


def test_an_officer_cancels_over_the_interface_and_life_safety_never_is(house, acting):
    task = house.goes_wrong(*GATE)
    manager = acting("manager")
    problem(acting("controller").post(f"{API}/tasks/{task}/cancel", json={"note": "no"}), 403, "not-allowed")
    problem(acting("technician").post(f"{API}/tasks/{task}/cancel", json={"note": "no"}), 404, "not-found")
    problem(manager.post(f"{API}/tasks/{task}/cancel", json={}), 422, "invalid")
    answer = manager.post(f"{API}/tasks/{task}/cancel", json={"note": "the gate is being replaced"})
    assert (answer.status_code, answer.json()["task"]["state"]) == (200, "cancelled"), answer.text
    lift = house.goes_wrong("lift.entrapment", "b1/lift-1")
    refused = manager.post(f"{API}/tasks/{lift}/cancel", json={"note": "no"})
    problem(refused, 403, "not-allowed")
    assert "never cancelled" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("language", "words"), [("zh", ("解除协办", "取消任务")), ("en", ("Let a helper go", "Cancel the task"))]
)
def test_forms_on_the_page_release_and_cancel(house, acting, browsing, language, words):
    task = helped(house, acting)
    queries, browser = house.services.queries, browsing("manager")
    where = f"/incidents/{queries.task(task, None).incident_id}?lang={language}"
    page = Page(browser.get(where).text)
    assert all(page.says(word) for word in words)
    action, fields = page.form(f"{task}/release")
    assert browser.post(action, data={**fields, "party": "lifts", "note": "the gate has closed"}).status_code == 303
    page = Page(browser.get(where).text)
    action, fields = page.form(f"{task}/cancel")
    assert browser.post(action, data={**fields, "note": "the gate is being replaced"}).status_code == 303
    assert queries.task(task, None).state == "cancelled"
