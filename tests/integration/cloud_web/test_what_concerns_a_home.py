"""Over the interface and on pages, what concerns a home is not there for who has no part in it."""

from __future__ import annotations

import httpx
import pytest

from tests.integration.cloud_web.test_interface import API, problem
from tests.integration.cloud_web.test_live import first_beat, lines, stream


@pytest.fixture
def acting(address, house):
    """A program that acts as this member."""
    clients = []

    def client(member):
        headers = {"authorization": f"Bearer {house.api_token_of(member)}"}
        clients.append(httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30))
        return clients[-1]

    yield client
    for one in clients:
        one.close()


def test_it_is_on_no_list_page_stream_or_export_of_others(house, acting):
    task = house.goes_wrong("welfare.no-activity", "b5/north-gate")
    technician, street, tenant = acting("technician"), acting("street-officer"), acting("tenant")
    shown = street.get(f"{API}/tasks/{task}").json()
    incident = shown["incident_id"]
    for path in (f"tasks/{task}", f"incidents/{incident}"):
        problem(technician.get(f"{API}/{path}"), 404, "not-found")
        problem(tenant.get(f"{API}/{path}"), 403, "forbidden")
        assert street.get(f"{API}/{path}").status_code == 200
    problem(technician.post(f"{API}/tasks/{task}/acknowledge"), 404, "not-found")
    listed = [one.get(f"{API}/incidents").json()["items"] for one in (technician, street)]
    assert [incident in {item["incident_id"] for item in items} for items in listed] == [False, True]
    assert technician.get(f"{API}/alerts").json() == []
    assert [one["hazard"] for one in street.get(f"{API}/alerts").json()] == ["welfare.no-activity"]
    for path in ("ledger/lines", "ledger"):
        assert incident not in technician.get(f"{API}/{path}").text
        assert incident in street.get(f"{API}/{path}").text
    problem(technician.get(f"{API}/ledger/export"), 403, "not-allowed")
    assert incident in street.get(f"{API}/ledger/export").text
    assert "welfare" not in technician.get(f"{API}/public/example/rates").text


def test_the_live_stream_passes_it_over(house, acting):
    seen = {}
    house.goes_wrong("welfare.no-activity", "b5/north-gate")
    house.goes_wrong("access.forced-open", "b5/north-gate")
    last = house.services.queries.ledger_head("example", None).seq
    for member in ("controller", "street-officer"):
        with stream(acting(member), since="0") as found:
            first_beat(found)
            seen[member] = []
            for line in lines(found):
                seen[member].append(line)
                if line["seq"] == last:
                    break
    assert not any(line["private"] for line in seen["controller"])
    assert any(line["private"] for line in seen["street-officer"])
    assert [line["seq"] for line in seen["controller"]] == [
        line["seq"] for line in seen["street-officer"] if not line["private"]
    ]


def seqs_until(found, last: int, stop) -> list[int]:
    """The sequences that come, until one that `stop` knows or the last."""
    seen = []
    for line in lines(found):
        seen.append(line["seq"])
        if stop(line) or line["seq"] >= last:
            break
    return seen


def test_a_lift_firms_stream_tells_of_the_lift_and_of_a_gate_once_it_is_asked_for_help(house, acting):
    gate = house.goes_wrong("access.forced-open", "b5/north-gate")
    lift = house.goes_wrong("lift.entrapment", "b3/lift-2")
    about = {one: house.services.queries.task(one, None).incident_id for one in (gate, lift)}
    entries = house.ledger()
    the_lifts = [entry.seq for entry in entries if entry.incident_id == about[lift]]
    the_gates = {entry.seq for entry in entries if entry.incident_id == about[gate]}
    with stream(acting("technician"), since="0") as found:
        first_beat(found)
        seen = seqs_until(found, the_lifts[-1], lambda _: False)
        assert set(the_lifts) <= set(seen)
        assert not the_gates & set(seen)
        manager = acting("manager")
        for deed, body in (("acknowledge", {}), ("help", {"parties": ["lifts"]})):
            assert manager.post(f"{API}/tasks/{gate}/{deed}", json=body).status_code == 200
        matters = (line["incident_id"] for line in lines(found) if line["incident_id"])
        assert next(matters) == about[gate], "it is the firm's as well from now on"
    with stream(acting("technician"), since=str(the_lifts[0])) as found:
        first_beat(found)
        resumed = seqs_until(found, house.ledger()[-1].seq, lambda _: False)
    assert resumed[0] > the_lifts[0]
    assert set(the_lifts[1:]) <= set(resumed)
