"""An operator shuts a node out and replaces its board on plain pages, without JavaScript, in either language."""

from __future__ import annotations

import re

import pytest

from cloud.domain.fleet.credential import CredentialState
from tests.integration.cloud_web.test_enrolment_interface import csr, pem

NODE = "b3-gateway"
PAGE = f"/nodes/{NODE}/revocations"


@pytest.fixture
def operator(visitor, house):
    visitor.cookies.set("tocsin_session", house.session_of("engineer"))
    return visitor


def enrol(house, *, replaces=False):
    enrolling = house.services.enrolling
    code = enrolling.issue("example", NODE, actor="operator:test", replaces=replaces).code
    return enrolling.enrol(code, pem(csr()[1]), outbox=None, source="test").credential.id


def states(house):
    return [one.state for one in house.services.enrolling.credentials("example", None)]


def test_the_fleet_page_leads_to_a_second_look_and_that_shuts_the_node_out(house, operator):
    enrol(house)
    fleet = operator.get("/fleet", params={"lang": "en"}).text
    assert f'href="{PAGE}' in fleet
    asked = operator.get(PAGE, params={"lang": "en"})
    assert asked.status_code == 200
    assert "is not watched until another board is enrolled" in asked.text
    assert states(house) == [CredentialState.ACTIVE], "looking does nothing"
    done = operator.post(PAGE, data={"reason": "stolen", "confirmed": "true"})
    assert (done.status_code, done.headers["location"]) == (303, f"/fleet?estate=example#node-{NODE}")
    assert states(house) == [CredentialState.REVOKED]
    entry = house.services.queries.ledger_entries("example", 0, None)[-1]
    assert (entry.kind, entry.actor, entry.data["reason"]) == ("node.revoked", "member:engineer", "stolen")


@pytest.mark.parametrize("form", [{"reason": "stolen"}, {"confirmed": "true"}, {"reason": "x", "confirmed": "true"}])
def test_without_a_reason_or_the_tick_nothing_is_done_and_the_page_says_so(house, operator, form):
    enrol(house)
    refused = operator.post(PAGE, data=form)
    assert refused.status_code == 422
    assert states(house) == [CredentialState.ACTIVE]


def test_only_the_old_board_may_be_shut_out(house, operator):
    enrol(house)
    enrol(house, replaces=True)
    assert "旧主板正在补传" in operator.get("/fleet", params={"lang": "zh"}).text
    assert 'name="old_board"' in operator.get(PAGE).text
    operator.post(PAGE, data={"reason": "replaced", "confirmed": "true", "old_board": "true"})
    assert sorted(states(house)) == [CredentialState.ACTIVE, CredentialState.REVOKED]


def test_a_board_is_replaced_with_the_button_of_its_row(house, operator):
    enrol(house)
    fleet = operator.get("/fleet", params={"lang": "zh"}).text
    (form,) = re.findall(rf'<form method="post" action="(/nodes/{NODE}/claims[^"]*)">(.*?)</form>', fleet, re.DOTALL)
    assert 'name="replaces" value="true"' in form[1]
    assert "更换主板" in form[1]
    given = operator.post(form[0].replace("&amp;", "&"), data={"replaces": "true"})
    assert given.status_code == 200
    assert "旧主板" in given.text


def test_a_node_that_was_never_enrolled_offers_nothing_to_take_back(house, operator):
    assert "never enrolled" in operator.get(PAGE, params={"lang": "en"}).text
    assert f'href="{PAGE}' not in operator.get("/fleet").text
    assert operator.get("/nodes/nobody/revocations").status_code == 404


def test_who_may_not_enrol_may_not_look_either(house, manager):
    enrol(house)
    assert manager.get(PAGE).status_code == 403
    assert manager.post(PAGE, data={"reason": "stolen", "confirmed": "true"}).status_code == 403
    assert f'href="{PAGE}' not in manager.get("/fleet").text
