"""Who is to look after a claim says that they go, and who is refused says so: with one tap, and over REST."""

from __future__ import annotations

from cloud.domain.tasks.task import ResolutionReason

EN = {"lang": "en"}


def page_of(house, client, task):
    return client.get(f"/incidents/{house.services.queries.task(task, None).incident_id}", params=EN).text


def test_with_one_tap_somebody_goes_and_looks_and_takes_it_back(house, manager):
    task = house.goes_wrong("lift.entrapment", "b3/lift-2")
    house.services.act.acknowledge(task, "technician")
    house.services.act.acknowledge(task, "guard")
    house.services.act.start(task, "technician")
    house.services.act.resolve(task, "technician", ResolutionReason.FIXED)
    assert "I go and look" in page_of(house, manager, task)
    assert manager.post(f"/tasks/{task}/look").status_code == 303
    page = page_of(house, manager, task)
    assert "goes and looks; others are asked again" in page
    assert "I cannot go and look" in page
    assert manager.post(f"/tasks/{task}/cannot-look").status_code == 303
    assert "others are asked again at" not in page_of(house, manager, task)


def test_over_rest_somebody_goes_and_looks(house, program):
    task = house.goes_wrong("lift.entrapment", "b3/lift-2")
    for deed in (house.services.act.acknowledge, house.services.act.start):
        deed(task, "technician")
    headers = {"authorization": f"Bearer {house.api_token_of('technician')}"}
    assert program.post(f"/api/v1/tasks/{task}/resolve", json={"reason": "fixed"}, headers=headers).status_code == 200
    headers = {"authorization": f"Bearer {house.api_token_of('guard')}"}
    gone = program.post(f"/api/v1/tasks/{task}/look", headers=headers)
    assert (gone.status_code, gone.json()["task"]["look"]["party"]["id"]) == (200, "property")
    back = program.post(f"/api/v1/tasks/{task}/cannot-look", headers=headers)
    assert (back.status_code, back.json()["task"]["look"]) == (200, None)


def test_who_is_refused_says_so_on_the_page_and_over_rest(house, manager, program):
    task = house.goes_wrong("fire.exit-obstructed", "b5/north-gate")
    house.services.act.acknowledge(task, "controller")
    house.services.act.acknowledge(task, "manager")
    assert "They refuse to clear it" in page_of(house, manager, task)
    assert manager.post(f"/tasks/{task}/refused").status_code == 303
    page = page_of(house, manager, task)
    assert "does not clear it, so it goes up at once" in page
    assert "They refuse to clear it" not in page
    headers = {"authorization": f"Bearer {house.api_token_of('manager')}"}
    assert program.post(f"/api/v1/tasks/{task}/refused", headers=headers).status_code == 409
