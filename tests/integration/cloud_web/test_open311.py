"""GeoReport v2 as other civic systems speak it, held to its schemas."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from pathlib import Path
from uuid import uuid4
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

SHARED = Path(__file__).parents[4] / "shared/data/open311"
V2 = "/open311/v2"
HERE = {"jurisdiction_id": "example"}
TRAPPED = {**HERE, "service_code": "trapped", "address_id": "b3/lift-2"}


@cache
def schema(name):
    """One of the samples (`requests.json`), or a definition of the Swagger description (`#Request`)."""
    swagger = json.loads((SHARED / "swagger.json").read_text(encoding="utf-8"))
    if name.startswith("#"):
        return {
            "definitions": swagger["definitions"],
            "type": "object",
            "allOf": [{"$ref": f"#/definitions/{name[1:]}"}],
        }
    return json.loads((SHARED / name).read_text(encoding="utf-8"))


def valid(body, name):
    files = [
        (path.name, Resource.from_contents(json.loads(path.read_text(encoding="utf-8")), default_specification=DRAFT7))
        for path in SHARED.glob("*.json")
    ]
    checker = jsonschema.Draft7Validator(schema(name), registry=Registry().with_resources(files))
    assert [error.message for error in checker.iter_errors(body)] == []


def posted(client, **fields):
    return client.post(f"{V2}/requests.json", data={**TRAPPED, **fields})


def test_services_and_their_definitions(visitor):
    services = visitor.get(f"{V2}/services.json", params=HERE).json()
    valid(services, "services.json")
    assert {one["service_code"] for one in services} >= {"trapped", "smoke", "door-open"}
    assert "96333" in next(one["description"] for one in services if one["service_code"] == "trapped")
    for one in services:
        valid(one, "#Service")
        definition = visitor.get(f"{V2}/services/{one['service_code']}.json", params=HERE).json()
        valid(definition, "service-definition.json")
        valid(definition, "#ServiceDefinition")
    xml = ET.fromstring(visitor.get(f"{V2}/services/trapped.xml", params=HERE).text)
    assert (xml.tag, xml.findtext("attributes/attribute/code")) == ("service_definition", "emergency")
    assert ET.fromstring(visitor.get(f"{V2}/services.xml", params=HERE).text).findtext("service/metadata") == "true"


def test_a_report_raises_a_task_and_its_token_leads_to_it(house, visitor):
    answer = posted(visitor, description="we hear knocking", email="somebody@example.org", first_name="Ming")
    (made,) = answer.json()
    valid(made, "#RequestResponse")
    (token,) = visitor.get(f"{V2}/tokens/{made['token']}.json", params=HERE).json()
    valid(token, "#TokenResponse")
    (request,) = visitor.get(f"{V2}/requests/{token['service_request_id']}.json", params=HERE).json()
    valid([request], "requests.json")
    assert (request["status"], request["service_code"]) == ("open", "trapped")
    assert request["requested_datetime"].endswith("+08:00")
    assert len(house.services.queries.tasks("example", None)) == 1
    single = visitor.get(f"{V2}/request/{token['service_request_id']}.json", params=HERE).json()
    valid(single, "#Request")
    valid(single, "request.json")
    assert single == request
    followed = visitor.get(f"/api/v1/public/reports/{made['token']}").json()
    assert followed["id"] == token["service_request_id"]


def test_nobody_learns_who_said_it_or_how(house, visitor):
    posted(visitor, description="zwo-neun-sieben", email="somebody@example.org", phone="5550100")
    for form in ("json", "xml"):
        told = visitor.get(f"{V2}/requests.{form}", params=HERE).text
        assert "lift-2" in told
        for private in ("zwo-neun-sieben", "somebody", "5550100"):
            assert private not in told


def test_xml_tells_the_same_as_json(visitor):
    made = ET.fromstring(visitor.post(f"{V2}/requests.xml", data=TRAPPED).text)
    assert made.findtext("request/token")
    xml = ET.fromstring(visitor.get(f"{V2}/requests.xml", params=HERE).text)
    (request,) = visitor.get(f"{V2}/requests.json", params=HERE).json()
    assert xml.tag == "service_requests"
    assert {child.tag: child.text for child in xml.find("request")} == request


def test_requests_are_found_by_id_code_state_and_time(house, visitor):
    posted(visitor)
    posted(visitor, service_code="lift-fault", address_id="b1/lift-1")

    def codes(**query):
        answer = visitor.get(f"{V2}/requests.json", params={**HERE, **query})
        assert answer.status_code == 200, answer.text
        return [one["service_code"] for one in answer.json()]

    assert sorted(codes()) == ["lift-fault", "trapped"]
    assert codes(service_code="trapped,smoke") == ["trapped"]
    assert codes(status="closed") == []
    assert len(codes(status="open,closed")) == 2
    now = house.clock.now()
    assert codes(start_date=(now + timedelta(minutes=1)).isoformat()) == []
    assert codes(end_date=(now - timedelta(minutes=1)).isoformat()) == []
    assert len(codes(start_date=(now - timedelta(days=1)).isoformat())) == 2
    first = visitor.get(f"{V2}/requests.json", params=HERE).json()[1]["service_request_id"]
    assert len(codes(service_request_id=f"{first},nothing")) == 1


def test_a_door_that_stands_open_is_not_listed_while_it_does(visitor):
    (made,) = posted(visitor, service_code="door-open", address_id="b5/north-gate").json()
    assert visitor.get(f"{V2}/requests.json", params=HERE).json() == []
    (token,) = visitor.get(f"{V2}/tokens/{made['token']}.json", params=HERE).json()
    assert visitor.get(f"{V2}/requests/{token['service_request_id']}.json", params=HERE).status_code == 200


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("services.json", {}, 400),
        ("services.json", {"jurisdiction_id": "elsewhere"}, 404),
        ("services/nothing.xml", HERE, 404),
        ("services.yaml", HERE, 404),
        ("requests.json", {**HERE, "status": "later"}, 400),
        ("requests.xml", {**HERE, "start_date": "yesterday"}, 400),
        ("requests.json", {**HERE, "start_date": "2026-01-01T00:00:00Z", "end_date": "2026-05-01T00:00:00Z"}, 400),
        ("requests.json", {**HERE, "end_date": "0001-01-01T00:00:00Z"}, 400),
        ("requests.json", {"jurisdiction_id": "x" * 99}, 400),
        ("requests/nothing.json", HERE, 404),
        ("tokens/nothing.json", HERE, 404),
        ("nothing.json", HERE, 404),
    ],
)
def test_errors_come_in_open311s_form(visitor, path, query, status):
    answer = visitor.get(f"{V2}/{path}", params=query)
    assert answer.status_code == status
    if path.endswith(".xml"):
        assert ET.fromstring(answer.text).findtext("error/code") == str(status)
    else:
        (error,) = answer.json()
        assert error["code"] == status
        assert error["description"]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"service_code": "moon"}, 404),
        ({"address_id": ""}, 400),
        ({"address_id": "b9/lift-9"}, 404),
        ({"service_code": "door-open"}, 400),
        ({"description": "x" * 2001}, 400),
        ({"email": "x" * 201}, 400),
        ({"jurisdiction_id": ""}, 400),
        ({"jurisdiction_id": "elsewhere"}, 404),
    ],
)
def test_what_cannot_be_taken_is_said_and_raises_nothing(house, visitor, fields, status):
    answer = posted(visitor, **fields)
    assert (answer.status_code, answer.json()[0]["code"]) == (status, status)
    assert house.services.queries.tasks("example", None) == []


def test_a_body_of_another_kind_is_refused(visitor):
    assert visitor.post(f"{V2}/requests.json", params=TRAPPED, json={"a": 1}).json()[0]["code"] == 400
    assert visitor.post(f"{V2}/requests.json", params=TRAPPED).status_code == 200


def test_too_many_reports_are_refused_and_life_is_not(house, visitor):
    # Each about something else, so that none is the repeat of another.
    for _ in range(5):
        posted(visitor, service_code="exit-obstructed", address_id="b1/garage-door")
    answer = posted(visitor, service_code="door-forced", address_id="b5/north-gate")
    assert answer.status_code == 429
    assert answer.headers["retry-after"]
    assert "119" in answer.json()[0]["description"]
    assert posted(visitor).status_code == 200
    (folded,) = posted(visitor, description="once more").json()
    assert "token" not in folded, "it counts with what is known, without a report of its own"
    assert "已知" in folded["service_notice"]
    valid(folded, "#RequestResponse")
    (known,) = visitor.get(f"{V2}/requests/{folded['service_request_id']}.json", params=HERE).json()
    assert (known["service_code"], known["address_id"]) == ("trapped", "b3/lift-2")
    assert ET.fromstring(visitor.post(f"{V2}/requests.xml", data=TRAPPED | {"description": "xml"}).text).findtext(
        "request/service_request_id"
    )


def test_what_only_a_sensor_has_said_until_now_is_a_request_of_its_own_at_first(house, visitor):
    house.goes_wrong("lift.entrapment", "b3/lift-2")
    for _ in range(5):
        posted(visitor, service_code="exit-obstructed", address_id="b1/garage-door")
    (first,) = posted(visitor).json()
    (token,) = visitor.get(f"{V2}/tokens/{first['token']}.json", params=HERE).json()
    (folded,) = posted(visitor, description="once more").json()
    assert folded["service_request_id"] == token["service_request_id"]


def test_a_report_that_is_sent_again_under_its_key_is_one(house, visitor):
    headers = {"idempotency-key": str(uuid4())}
    first, again = (visitor.post(f"{V2}/requests.json", data=TRAPPED, headers=headers) for _ in range(2))
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert len(visitor.get(f"{V2}/requests.json", params=HERE).json()) == 1
    other = visitor.post(f"{V2}/requests.json", data=TRAPPED | {"description": "other"}, headers=headers)
    assert (other.status_code, other.json()[0]["code"]) == (400, 400)
    bad = visitor.post(f"{V2}/requests.xml", data=TRAPPED, headers={"idempotency-key": "short"})
    assert bad.status_code == 400
    assert "Idempotency-Key" in ET.fromstring(bad.text).findtext("error/description")


def test_who_knows_the_host_alone_finds_the_interface(visitor):
    found = visitor.get("/open311/discovery.json").json()
    (endpoint,) = found["endpoints"]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["formats"] == ["text/xml", "application/json"]
    assert visitor.get(f"{endpoint['url']}/services.json", params=HERE).status_code == 200
    xml = ET.fromstring(visitor.get("/open311/discovery.xml").text)
    assert xml.tag == "discovery"
    assert xml.findtext("endpoints/endpoint/url") == endpoint["url"]
    assert [one.text for one in xml.iterfind("endpoints/endpoint/formats/format")] == endpoint["formats"]
    assert {child.tag for child in xml} == set(found)
