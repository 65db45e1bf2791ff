"""A lift's papers, points taken back and personal data erased, each on a page by who may."""

from __future__ import annotations

import re

import pytest

from cloud.application.exchange.board import Wording
from cloud.domain.community.hours import ALWAYS
from cloud.domain.exchange.small_task import SmallTaskKind
from cloud.domain.records.ledger import Kind

LIFT = "/equipment/b3/lift-2?lang=en"


def signed_in(client, house, member: str):
    client.cookies.set("tocsin_session", house.session_of(member))
    return client


def kinds(house) -> set[str]:
    return {str(entry.kind) for entry in house.ledger()}


def test_what_a_lifts_papers_say_is_noted_on_its_page(house, manager):
    assert "not known; nothing is raised by it" in manager.get(LIFT).text
    said = {"equipment": "b3/lift-2", "inspected_until": "2027-03-01", "maintained_on": ""}
    sent = manager.post("/upkeep", data=said, follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, "/equipment/b3/lift-2")
    assert "2027" in re.search(r"Inspection holds until</dt><dd>([^<]+)", manager.get(LIFT).text)[1]
    assert Kind.UPKEEP_NOTED in kinds(house)
    for wrong in ({"maintained_on": "soon"}, {}, {"maintained_on": "2099-01-01"}):
        assert manager.post("/upkeep", data={"equipment": "b3/lift-2", **wrong}).status_code == 422


def test_who_does_not_run_the_estate_reads_the_papers_only(house, visitor):
    technician = signed_in(visitor, house, "technician")
    page = technician.get(LIFT).text
    assert ("Papers of this lift" in page, 'action="/upkeep' in page) == (True, False)
    assert (
        technician.post("/upkeep", data={"equipment": "b3/lift-2", "inspected_until": "2027-03-01"}).status_code == 403
    )


@pytest.fixture
def paid(house) -> int:
    """A small task that the tenant has done and was paid for."""
    tasks = house.services.exchange.small_tasks
    words = Wording("patrol", "Once around", "binhai/example/b1", ALWAYS)
    one = tasks.post("example", SmallTaskKind.PATROL, words, house.identity("manager"))
    tasks.claim(one.id, house.identity("tenant"))
    tasks.finish(one.id, house.identity("tenant"))
    tasks.confirm(one.id, house.identity("manager"))
    return balance(house)


def balance(house) -> int:
    return house.services.credit.account("example", house.identity("tenant")).balance


def test_points_are_taken_back_with_a_reason_and_nobody_reads_whose(house, manager, paid):
    assert paid > 0
    page = manager.get("/credit?lang=en").text
    (action,) = re.findall(r'action="(/credit/entries/[^"]+/reverse)"', page)
    part = page[page.index('id="paid"') :]
    assert "tenant" not in part
    assert manager.post(action).status_code == 422, "without a reason"
    assert manager.post(action, data={"reason": "mistaken"}, follow_redirects=False).status_code == 303
    assert balance(house) == 0
    assert 'id="paid"' not in manager.get("/credit").text
    assert manager.post(action, data={"reason": "mistaken"}).status_code == 409


def test_who_keeps_no_points_is_shown_nothing_to_take_back(house, visitor, paid):
    entry = house.services.credit.paid("example", house.identity("manager"))[0].id
    tenant = signed_in(visitor, house, "tenant")
    assert "/reverse" not in tenant.get("/credit").text
    guard = signed_in(visitor, house, "guard")
    assert "/reverse" not in guard.get("/credit").text
    assert guard.post(f"/credit/entries/{entry}/reverse", data={"reason": "misused"}).status_code in {403, 404}
    assert balance(house) == paid


def test_what_would_be_erased_is_shown_and_confirmed_first(house, visitor):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    house.services.act.note(task, "guard", "the words")
    chief = signed_in(visitor, house, "administrator")
    listed = chief.get("/personal?lang=en").text
    assert 'subject=member%3Aguard"' in listed
    assert "the words" not in listed
    shown = chief.get("/personal", params={"subject": "member:guard", "lang": "en"}).text
    assert "This would be erased: 1 pieces" in shown
    asked = {"subject": "member:guard", "pieces": "1", "ground": "asked"}
    assert chief.post("/personal/erase", data=asked).status_code in {409, 422}
    assert chief.post("/personal/erase", data={**asked, "pieces": "9", "sure": "true"}).status_code in {409, 422}
    assert Kind.PERSONAL_ERASED not in kinds(house)
    done = chief.post("/personal/erase", data={**asked, "sure": "true"}, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, "/personal?erased=1")
    assert "Erased: 1 pieces" in chief.get("/personal?erased=1&lang=en").text
    assert Kind.PERSONAL_ERASED in kinds(house)
    assert (
        house.services.queries.incident(house.services.queries.task(task, None).incident_id, None).notes[0].text
        != "the words"
    )


def test_nobody_else_erases_or_reads_what_is_kept(house, visitor):
    for member in ("manager", "guard", "officer", "tenant"):
        client = signed_in(visitor, house, member)
        assert client.get("/personal").status_code == 403
        assert (
            client.post("/personal/erase", data={"subject": "member:guard", "pieces": "0", "sure": "true"}).status_code
            == 403
        )
