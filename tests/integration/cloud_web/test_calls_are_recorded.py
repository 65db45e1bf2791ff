"""A call by phone, as programs and the incident page record it."""

from __future__ import annotations


def test_a_program_records_a_call_and_reads_it_on_the_sheet(house, program):
    task = house.goes_wrong("lift.entrapment", "b3/lift-2")
    at = f"/api/v1/tasks/{task}/calls"
    made = program.post(at, json={"number": "96333", "outcome": "reached", "note": "on their way"})
    assert made.status_code == 201
    assert made.json()["task"]["state"] == "new", "nobody has accepted by that"
    shown = program.get(f"/api/v1/incidents/{made.json()['task']['incident_id']}").json()
    (line,) = [call for call in shown["call_sheet"] if call["phone"] == "96333"]
    assert (line["last"]["outcome"], line["last"]["by"]["id"]) == ("reached", "property")
    assert any(one["kind"] == "call-sheet.called" for one in shown["timeline"])
    assert program.post(at, json={"outcome": "reached"}).status_code == 422
    refused = program.post(at, json={"number": "000", "outcome": "reached"})
    assert refused.status_code == 422
    assert "96333" in refused.text


def test_one_tap_beside_the_number_says_what_came_of_it(house, manager):
    task = house.services.queries.task(house.goes_wrong("lift.entrapment", "b3/lift-2"), None)
    page = f"/incidents/{task.incident_id}"
    assert 'value="nobody_answered"' in manager.get(page).text
    form = {"party": "lift-96333", "outcome": "nobody_answered", "back": page}
    sheet = house.services.queries.incident(task.incident_id, None).call_sheet
    form["party"] = next(call.party.id for call in sheet if call.phone == "96333")
    assert manager.post(f"/tasks/{task.id}/calls", data=form).status_code in (200, 303)
    text = manager.get(page, headers={"accept-language": "zh-CN"}).text
    assert "无人接听" in text
    officer = house.services.queries.incident(task.incident_id, None)
    assert officer.call_sheet[0].last is not None
