"""Shift handovers on pages: what is open goes over, and two people sign it."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from cloud.domain.records.handover import HandoverState

EN = {"lang": "en"}


def known(house):
    return house.services.reach.handovers.listed("example", house.identity("manager")).handovers


def test_a_shift_is_drawn_up_with_what_is_open_and_signed_by_two(house, manager, visitor):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    incident = house.services.queries.task(task, None).incident_id
    drawn = manager.post("/handovers", data={"party": "property", "note": "Key 7 is with the plumber."})
    assert drawn.status_code == 303, drawn.text
    address = drawn.headers["location"]
    page = manager.get(address, params=EN).text
    assert f"/incidents/{incident}" in page
    assert "Not answered yet" in page
    assert "Key 7 is with the plumber." in page
    assert manager.post(f"{address}/sign", data={"side": "leaving"}).status_code == 303
    signed = manager.get(address, params=EN).text
    assert "signed by one side" in signed
    assert "Sign as incoming" not in signed, "one person never signs both"
    again = manager.post(f"{address}/sign", params=EN, data={"side": "coming"})
    assert again.status_code == 403
    assert "two people" in again.text
    assert manager.post(f"{address}/sign", params=EN, data={"side": "leaving"}).status_code == 409
    visitor.cookies.set("tocsin_session", house.session_of("guard"))
    assert "Sign as incoming" in visitor.get(address, params=EN).text
    assert visitor.post(f"{address}/sign", data={"side": "coming"}).status_code == 303
    assert [one.state for one in known(house)] == [HandoverState.SIGNED]
    assert "双方已签字" in visitor.get("/handovers", params={"lang": "zh"}).text


def test_the_register_says_names_where_the_ledger_has_ids(house, manager, visitor):
    house.goes_wrong("access.forced-open", "b5/north-gate")
    address = manager.post("/handovers", data={"party": "property"}).headers["location"]
    manager.post(f"{address}/sign", data={"side": "leaving"})
    for lang, drawn, signed in (
        (
            "en",
            "Property office drew up a shift handover of 1 items",
            "Property office signed a shift handover: outgoing",
        ),
        ("zh", "物业服务中心填写交接班记录：1 项", "物业服务中心交接班签字：交班人"),
    ):
        page = manager.get("/registers/handover", params={"lang": lang}).text.partition('<article class="register">')[2]
        assert drawn in page
        assert signed in page
        assert address.rpartition("/")[2] not in page, "the handover's own id"
        assert "<dd>property</dd>" not in page
        assert "<dd>1</dd>" in page, "how many tasks go over"


def test_a_change_of_shift_that_nobody_signed_is_told(house, manager):
    turn = {"turn": ["guard", "manager"], "starts_on": "2026-01-01", "handoff": "08:00", "every_days": "1"}
    manager.post("/rosters/of/property", data={**turn, "zh": "保安", "en": "Guards"})
    assert "Changes of shift without" not in manager.get("/handovers", params=EN).text, "nobody was on a roster before"
    house.clock.pass_by(timedelta(hours=6))
    manager.cookies.set("tocsin_session", house.session_of("manager"))
    page = manager.get("/handovers", params=EN).text
    assert "Changes of shift without a signed handover" in page
    assert "Duty guard" in page


def test_of_another_party_nothing_is_seen_or_signed(house, manager, visitor):
    address = manager.post("/handovers", data={"party": "property"}).headers["location"]
    visitor.cookies.set("tocsin_session", house.session_of("technician"))
    assert visitor.get(address).status_code == 404
    assert visitor.post(f"{address}/sign", data={"side": "coming"}).status_code == 404
    refused = visitor.post("/handovers", params=EN, data={"party": "property"})
    assert refused.status_code == 403
    assert "people of its own party" in refused.text


def test_older_ones_are_a_page_away(house, manager):
    for number in range(32):
        manager.post("/handovers", data={"party": "property", "note": f"shift {number}"})
        house.clock.pass_by(timedelta(minutes=1))
    assert len(known(house)) == 32
    page = manager.get("/handovers", params=EN).text
    assert "/handovers?before=" in page
    older = manager.get("/handovers", params={**EN, "before": known(house)[29].handover.id}).text
    assert older.count('<tr><td><a href="/handovers/') == 2


def test_by_the_roster_each_side_is_signed_by_its_own_shift(house, manager, visitor):
    """One turn ends now and the other's begins: neither signs for the other, and the page says who would."""
    now = house.clock.now().astimezone(ZoneInfo("Asia/Shanghai"))
    turn = {"turn": ["guard", "manager"], "starts_on": "2026-01-01", "handoff": f"{now:%H}:00", "every_days": "1"}
    manager.post("/rosters/of/property", data={**turn, "zh": "保安", "en": "Guards"})
    address = manager.post("/handovers", data={"party": "property"}).headers["location"]
    shifts = known(house)[0].shifts
    assert set(shifts.leaving + shifts.coming) == {"guard", "manager"}
    mine, other = ("leaving", "coming") if shifts.leaving == ("manager",) else ("coming", "leaving")
    page = manager.get(address, params=EN).text
    assert f'value="{mine}"' in page
    assert f'value="{other}"' not in page
    refused = manager.post(f"{address}/sign", params={"lang": "zh"}, data={"side": other})
    assert (refused.status_code, "按值班表" in refused.text) == (403, True)
    assert manager.post(f"{address}/sign", data={"side": mine}).status_code == 303
