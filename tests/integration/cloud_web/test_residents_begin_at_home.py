"""A resident begins with their own reports and their building; what they follow from afar follows by itself."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from cloud.application.intake.report_hazard import Given
from cloud.domain.incidents.report import Concern
from cloud.domain.tasks.task import ResolutionReason
from tests.integration.cloud_web.house_home import MEMBER, moves_in
from tests.integration.cloud_web.test_hostile_strings import HOSTILE, Elements
from tests.integration.cloud_web.test_labels import codes

EN = {"lang": "en"}


def comes(house, visitor, member="tenant"):
    visitor.cookies.set("tocsin_session", house.session_of(member))
    return visitor


def reported(house, member="tenant", equipment="b1/lift-1", concern=Concern.LIFT_FAULT, **more):
    return house.services.report(Given("example", equipment, concern, member_id=member, **more))


def test_ones_own_reports_stand_newest_first_with_their_state_and_lead_to_a_page_of_ones_own(house, visitor):
    first = reported(house)
    house.clock.pass_by(timedelta(minutes=1))
    second = reported(house, equipment="b3/lift-2")
    another = reported(house, "lodger", "b5/north-gate", Concern.DOOR_FORCED)
    page = comes(house, visitor).get("/", params=EN).text
    assert re.findall(r'href="/reports/([^"]+)"', page) == [second.report_id, first.report_id]
    assert another.report_id not in page
    assert page.count("Not answered yet") >= 2
    own = visitor.get(f"/reports/{first.report_id}", params=EN)
    assert "You reported it" in own.text
    assert "Keep this page" not in own.text, "their account leads there"
    assert visitor.get(f"/reports/{another.report_id}").status_code == 404
    for deed, form in (("", {"verdict": "good"}), ("/words", {"words": "mine"})):
        assert visitor.post(f"/reports/{another.report_id}{deed}", data=form).status_code == 404


def test_the_result_is_judged_from_there(house, visitor):
    made = reported(house)
    task = house.services.queries.incident(made.incident_id, None).task.id
    house.services.act.acknowledge(task, "technician")
    house.services.act.resolve(task, "technician", ResolutionReason.FIXED)
    assert "Please tell us" in comes(house, visitor).get("/", params=EN).text
    there = visitor.post(f"/reports/{made.report_id}", data={"verdict": "good"}, follow_redirects=False)
    assert (there.status_code, there.headers["location"]) == (303, f"/reports/{made.report_id}")
    assert "Please tell us" not in visitor.get("/", params=EN).text


def test_older_reports_are_a_page_further(house, visitor):
    for number in range(12):
        house.clock.pass_by(timedelta(minutes=11))
        reported(house, words=f"again {number}")
    first = comes(house, visitor).get("/", params=EN).text
    older = re.search(r'href="(/\?cursor=[^"]+)"', first)
    assert older is not None
    rest = visitor.get(older[1], params=None).text
    both = [set(re.findall(r'href="/reports/([^"]+)"', page)) for page in (first, rest)]
    assert [len(one) for one in both] == [10, 2]
    assert not both[0] & both[1]


def test_programs_of_a_resident_list_the_same(house, visitor):
    made = [reported(house), reported(house, equipment="b3/lift-2")]
    visitor.headers["authorization"] = f"Bearer {house.api_token_of('tenant')}"
    first = visitor.get("/api/v1/reports/mine", params={"limit": 1})
    rest = visitor.get(re.search("<([^>]+)>", first.headers["link"])[1])
    assert {one["id"] for one in (*first.json(), *rest.json())} == {one.report_id for one in made}
    assert len(first.json()) == 1


def test_open_matters_of_their_building_stand_there_and_nothing_of_a_home_nor_an_open_door(house, visitor):
    moves_in(house)
    house.goes_wrong("lift.out-of-service", "b3/lift-2")
    house.goes_wrong("access.held-open", "b3/flat-door")
    codes(house)
    page = comes(house, visitor, MEMBER).get("/", params=EN).text
    assert "Building 3" in page
    assert "Building 1" not in page
    assert "out of service" in page.lower()
    assert "Flat door" not in page, "a door stands open, and it is somebody's home"
    assert f"/at/{codes(house)['b3/lift-2']}" in page
    assert codes(house)["b1/lift-1"] not in page


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_who_has_reported_nothing_and_has_no_labels_is_told_what_to_do(house, visitor, lang):
    page = comes(house, visitor).get("/", params={"lang": lang}).text
    assert ("您还没有报告过问题" if lang == "zh" else "You have reported nothing yet") in page
    assert ("请扫描电梯或门上的二维码" if lang == "zh" else "Scan the label on the lift or door") in page


def test_the_navigation_of_a_resident_begins_at_home(house, visitor):
    page = comes(house, visitor).get("/buildings", params=EN).text
    assert re.search(r'<nav[^>]*>.*?href="/"[^>]*>Home<', page, re.DOTALL)
    assert ">Board<" not in page


@pytest.mark.parametrize(
    ("member", "path", "way"),
    [("tenant", "/duty-room", "/"), ("technician", "/members", "/"), (None, "/nothing-here", "/")],
)
def test_what_is_refused_leads_where_they_may_go(house, visitor, member, path, way):
    if member:
        comes(house, visitor, member)
    refused = visitor.get(path, params=EN)
    assert refused.status_code in {403, 404}
    assert f'class="button" href="{way}"' in refused.text
    assert visitor.get(way).status_code == (200 if member else 401)


def parts_of(house, visitor):
    """Each page that follows by itself, and what happens that it is to say."""
    code = codes(house)["b3/lift-2"]
    made = reported(house)
    comes(house, visitor)
    return {
        f"/follow/{made.token}": f"/follow/{made.token}/now",
        f"/reports/{made.report_id}": f"/reports/{made.report_id}/now",
        f"/at/{code}": f"/at/{code}/now",
        "/public/example": "/public/example/now",
        "/": "/home/now",
    }


def test_pages_that_are_followed_name_their_part_and_nothing_comes_while_nothing_changes(house, visitor):
    for page, part in parts_of(house, visitor).items():
        text = visitor.get(page, params=EN).text
        assert f'data-part="{part}?' in text, page
        assert 'data-every="10"' in text
        first = visitor.get(part, params=EN)
        assert (first.status_code, first.headers["cache-control"]) == (200, "no-store")
        assert "<html" not in first.text
        seen = {"if-none-match": first.headers["etag"]}
        house.clock.pass_by(timedelta(seconds=10))
        again = visitor.get(part, params=EN, headers=seen)
        assert (again.status_code, again.content) == (304, b""), part
        assert visitor.get(part, params={"lang": "zh"}, headers=seen).status_code == 200
        regions = [set(re.findall(r'data-live="([^"]+)"', one)) for one in (text, first.text)]
        assert regions[0] == regions[1], page


def test_what_happens_comes_with_the_part(house, visitor):
    parts = parts_of(house, visitor)
    before = {part: visitor.get(part, params=EN) for part in parts.values()}
    task = house.services.queries.board("example", None).tasks[0].id
    house.services.act.acknowledge(task, "technician")
    house.goes_wrong("lift.out-of-service", "b3/lift-2")
    for part, first in before.items():
        now = visitor.get(part, params=EN, headers={"if-none-match": first.headers["etag"]})
        assert now.status_code == 200, part
        assert now.text != first.text


def test_a_part_of_what_opens_nothing_is_refused(visitor):
    for part in ("/follow/nothing/now", "/at/nothing/now", "/public/nothing/now"):
        assert visitor.get(part).status_code == 404, part


def test_words_that_are_added_stand_on_the_timeline_for_the_parties_and_stay_words(house, visitor, manager):
    made = reported(house, None, "b3/lift-2", Concern.TRAPPED, device="phone")
    assert (
        visitor.post(f"/follow/{made.token}/words", data={"words": HOSTILE}, follow_redirects=False).status_code == 303
    )
    incident = manager.get(f"/incidents/{made.incident_id}", params=EN).text
    assert "the reporter said more" in incident
    for html in (incident, visitor.get(f"/follow/{made.token}").text, visitor.get(f"/follow/{made.token}/now").text):
        page = Elements(html)
        assert "&lt;script&gt;alert(1)" in html
        assert (page.images, page.handlers) == (0, [])
    assert HOSTILE not in str([entry.data for entry in house.ledger()])
    reads = [entry for entry in house.ledger() if entry.kind == "personal.accessed"]
    assert reads, "that the manager read what a reporter wrote is told"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_words_that_are_not_taken_are_still_there(house, visitor, lang):
    made = reported(house, None, device="phone")
    task = house.services.queries.incident(made.incident_id, None).task.id
    house.services.act.acknowledge(task, "technician")
    house.services.act.resolve(task, "technician", ResolutionReason.FIXED)
    late = visitor.post(f"/follow/{made.token}/words", params={"lang": lang}, data={"words": "it still hums"})
    assert late.status_code == 409
    assert ("请在评价中说明" if lang == "zh" else "say in your verdict what is missing") in late.text
    assert ">it still hums</textarea>" in late.text


def test_words_over_rest_are_taken_by_the_link(house, visitor):
    made = reported(house, None, "b3/lift-2", Concern.TRAPPED, device="phone")
    link = f"/api/v1/public/reports/{made.token}/words"
    said = visitor.post(link, json={"words": "two people"})
    assert (said.status_code, [one["words"] for one in said.json()["said"]]) == (201, ["two people"])
    assert visitor.post(link, json={"words": ""}).status_code == 422
    for number in range(5):
        visitor.post(link, json={"words": f"more {number}"})
    assert visitor.post(link, json={"words": "and more"}).status_code == 429


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_number_of_the_estates_country_stands_under_its_public_pages(house, visitor, lang):
    foot = visitor.get("/public/example", params={"lang": lang}).text.partition('<footer class="foot">')[2]
    assert "119" in foot
    assert "999" not in foot
