"""Rules on pages: what is in force, a trial on history, and what saving makes of it - without a script."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from cloud.application.fleet.follow_node import FollowNode
from cloud.domain.tasks.task import ResolutionReason
from schemas.commands import ConfigurationReceipt
from schemas.topics import NodeAddress
from tests.integration.cloud_web.house import ESTATE, House

RULE = "b1/detector-7a/smoke-obscuration"
PAGE = f"/nodes/b3-gateway/rules/{RULE}"


@pytest.fixture
def configured(house: House) -> House:
    house.node_connects()
    house.node_is_configured()
    house.smoke_grows("b1/detector-7a", minutes_ago=3)
    return house


def text(answer: httpx.Response) -> str:
    assert answer.status_code in {200, 422}, answer.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def tuned(**given: str) -> dict:
    ways = {"above": "when.above", "deadband": "when.deadband"}
    named = {ways.get(key, key): value for key, value in given.items() if key not in {"enabled", "severity", "days"}}
    rest = {key: value for key, value in given.items() if key in {"enabled", "severity", "days"}}
    return {"way": list(named), "value": list(named.values()), "lang": "en", **rest}


def compared(page: str) -> list[str]:
    return re.findall(r'Alarms raised</th><td class="number">(\d+)</td><td class="number">(\d+)<', page)[0]


def test_the_rules_in_force_are_told_by_equipment(configured, manager):
    page = text(manager.get("/rules", params={"lang": "en"}))
    assert "Obscuration per metre ≥ 5 %/m (deadband 1 %/m)" in page
    assert "Corridor detector" in page
    assert "减光率 ≥ 5 %/m（回差 1 %/m）" in text(manager.get("/rules", params={"lang": "zh"}))


def test_a_node_of_which_nothing_is_known_says_what_to_do(manager):
    assert "not known here yet" in text(manager.get("/rules", params={"lang": "en"}))


def test_a_trial_stands_beside_the_rule_in_force_with_its_chart(configured, manager):
    page = manager.get(PAGE, params=tuned(above="50", days="1"))
    assert compared(page.text) == ("1", "0")
    assert "1 alarms of the rule as it is would not have been raised" in text(page)
    assert page.text.count('<svg class="chart"') == 2
    assert "as it is 5" in page.text
    assert "as proposed 50" in page.text
    assert "c-deadband" in page.text
    assert 'class="c-span"' in page.text


def test_a_trial_changes_nothing(configured, manager):
    before = configured.services.nodes.configuration(ESTATE, "b3-gateway", None)
    manager.get(PAGE, params=tuned(above="6"))
    assert configured.services.nodes.configuration(ESTATE, "b3-gateway", None) == before


@pytest.mark.parametrize(("given", "said"), [({"above": "much"}, "is no number"), ({"on_delay_s": "-1"}, "on_delay_s")])
def test_what_cannot_be_is_named_and_what_was_typed_stays(configured, manager, given, said):
    page = manager.get(PAGE, params=tuned(**given))
    assert page.status_code == 422
    assert said in text(page)
    assert f'value="{next(iter(given.values()))}"' in page.text


def test_saving_makes_a_new_version_whose_fate_is_shown(configured, manager):
    saved = manager.post(PAGE, data={**tuned(above="6,5"), "seen": "4", "reason": "too nervous"})
    assert (saved.status_code, saved.headers["location"]) == (303, PAGE)
    page = text(manager.get(PAGE, params={"lang": "en"}))
    assert page[page.index("Version 5") :].startswith("Version 5: sent, no answer yet"), page[
        page.index("Version 5") :
    ][:80]
    latest = configured.services.nodes.configuration(ESTATE, "b3-gateway", None)
    assert latest.latest.reason == "too nervous"
    (rule,) = latest.document["rules"]
    assert (rule["when"]["above"], rule["when"]["deadband"]) == (0.065, 0.01)
    receipt = ConfigurationReceipt(
        configuration_version=5, configuration_hash=latest.latest.digest, outcome="refused", detail="no such channel"
    )
    FollowNode(configured.units, configured.clock).receipt(NodeAddress(ESTATE, "b3-gateway"), receipt)
    page = text(manager.get(PAGE, params={"lang": "en"}))
    assert "the new one was refused" in page
    assert "no such channel" in page
    assert "node.configuration-issued" in {entry.kind for entry in configured.ledger()}


def test_who_was_slower_is_told(configured, manager):
    form = {**tuned(above="6"), "seen": "3"}
    assert manager.post(PAGE, data=form).status_code == 409


def test_nothing_changed_is_nothing_saved(configured, manager):
    answer = manager.post(PAGE, params={"lang": "en"}, data={**tuned(above="5"), "seen": "4"})
    assert answer.status_code == 422
    assert "change a figure first" in text(answer)


def test_a_manager_does_not_switch_off_what_guards_life(configured, manager):
    answer = manager.post(PAGE, data={**tuned(enabled="no"), "seen": "4"})
    assert answer.status_code == 403


def test_old_readings_make_a_trial_no_slower_than_new_ones(configured, manager, monkeypatch):
    """Of more readings than are tried at once the newest count, and the page says so."""
    monkeypatch.setattr("cloud.application.fleet.rule_questions.MOST_READINGS", 60)
    page = text(manager.get(PAGE, params=tuned(days="1")))
    assert "only the newest count" in page
    configured.clock.pass_by(timedelta(days=2))
    manager.cookies.set("tocsin_session", configured.session_of("manager"))
    assert "no readings of its points" in text(manager.get(PAGE, params=tuned(days="1")))


def test_who_only_responds_sees_no_rules(configured, visitor):
    visitor.cookies.set("tocsin_session", configured.session_of("guard"))
    assert visitor.get("/rules").status_code == 403
    assert visitor.get(PAGE).status_code == 403


def chatters(house: House) -> None:
    """A gate that comes and goes, whose alarm people find to be false."""
    for _ in range(7):
        task = house.goes_wrong("access.forced-open", "b5/north-gate")
        house.goes_right("access.forced-open", "b5/north-gate")
        house.clock.pass_by(timedelta(minutes=1))
    house.services.act.acknowledge(task, "guard")
    house.services.act.resolve(task, "guard", ResolutionReason.FALSE_ALARM)
    house.services.act.close(task, "manager")


def test_how_good_the_alarms_are_stands_on_the_page(configured, manager):
    chatters(configured)
    page = text(manager.get("/rules", params={"lang": "en", "days": "1"}))
    assert re.search(r"Alarms a day 7\.0 target: at most 150", page)
    assert re.search(r"Chattering alarms 1 beyond it target: none", page)
    assert re.search(r"Judged false 100\.0 % of 1 that people judged", page)
    assert "Door forced open · North gate" in page
    other = text(manager.get("/rules", params={"lang": "en", "building": "binhai/example/b3"}))
    assert "No alarm was raised in this time." in other


def test_the_same_figures_are_in_the_interface(configured, program):
    chatters(configured)
    path = "/api/v1/estates/example/alarm-quality"
    found = program.get(path, params={"building": "binhai/example/b5"}).json()
    assert (found["count"], found["chattering"], found["nuisance"], found["acted_on"]) == (7, 1, 1.0, 1.0)
    assert found["worst"][0] == {
        "hazard": "access.forced-open", "equipment": "b5/north-gate", "count": 7, "share": 1.0, "chattered": 1, "false": 1
    }  # fmt: skip
    assert program.get(path, params={"building": "nowhere"}).status_code == 404
    assert program.get(path, params={"from": "2026-05-12T00:00:00Z", "to": "2026-05-01T00:00:00Z"}).status_code == 422
    assert program.get(path, params={"to": "0001-01-01T00:00:00Z"}).status_code == 422
    assert program.get("/api/v1/estates/other/alarm-quality").status_code == 404


def test_nothing_is_run_over_until_it_is_asked_for_and_the_page_is_live_meanwhile(configured, manager):
    before, tried = manager.get(PAGE).text, manager.get(PAGE, params={"days": "1"}).text
    assert "data-live-from" in before
    assert 'id="trial"' not in before
    assert "data-live-from" not in tried
    assert compared(manager.get(PAGE, params={"days": "1", "lang": "en"}).text) == ("1", "1")
