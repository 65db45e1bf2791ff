"""What several decide at one moment is decided once, and nothing that was said yes to is lost: on PostgreSQL as on SQLite."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from functools import partial

import httpx

from cloud.application.exchange.board import Wording
from cloud.domain.accounts.screen import MOST as MOST_SCREENS
from cloud.domain.community.hours import ALWAYS
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Role
from cloud.domain.consultation.roll import Unit
from cloud.domain.consultation.terms import Terms
from cloud.domain.credit.account import ReversalReason
from cloud.domain.exchange.small_task import SmallTaskKind
from cloud.domain.records.ledger import Kind
from cloud.domain.records.ledger_chain import verify
from cloud.errors import CloudError, Conflict
from tests.fakes.at_once import TWENTY, at_once, twenty, went_well
from tests.integration.cloud_web.house import ESTATE, House
from tests.integration.cloud_web.on_both_databases import a_database, house
from tests.integration.cloud_web.serving import served
from tests.integration.cloud_web.test_consultation import people
from tests.integration.cloud_web.test_enrolment_interface import csr, pem

__all__ = ["a_database", "house", "people"]

PATROL = Wording("patrol", "Walk the stairs", "binhai/example/b1", ALWAYS)


def moved_in(house: House) -> list[str]:
    """Twenty who live here."""
    names = [f"neighbour-{n}" for n in range(TWENTY)]
    with house.units.writing() as uow:
        for name in names:
            uow.accounts.add_member(Member(name, "property", Names("住户", "Neighbour"), Role.RESIDENT), [ESTATE])
        uow.commit()
    return names


def told(house: House, kind: Kind) -> int:
    assert verify(house.ledger()) is None
    return sum(entry.kind == kind for entry in house.ledger())


def test_a_claim_code_enrols_one_board(house):
    enrolling = house.services.enrolling
    code = enrolling.issue(ESTATE, "b3-gateway", actor="operator:x").code
    boards = [partial(enrolling.enrol, code, pem(csr()[1]), outbox=None, source=f"s{n}") for n in range(TWENTY)]
    assert len(went_well(at_once(*boards))) == 1
    assert len(enrolling.credentials(ESTATE, None)) == 1
    assert told(house, Kind.NODE_ENROLLED) == 1


def test_a_small_task_is_taken_by_as_many_as_it_wants(house):
    small = house.services.exchange.small_tasks
    task = small.post(ESTATE, SmallTaskKind.PATROL, PATROL, house.identity("manager"))
    helpers = [house.identity(name) for name in moved_in(house)]
    came = at_once(*[partial(small.claim, task.id, helper) for helper in helpers])
    assert len(went_well(came)) == 1
    assert told(house, Kind.SMALL_TASK_CLAIMED) == 1


def test_points_are_taken_back_once(house):
    small, tenant = house.services.exchange.small_tasks, house.identity("tenant")
    task = small.post(ESTATE, SmallTaskKind.PATROL, PATROL, house.identity("manager"))
    small.claim(task.id, tenant)
    small.finish(task.id, tenant)
    officer = house.identity("officer")
    assert len(went_well(twenty(lambda: small.confirm(task.id, officer)))) == 1
    credit, manager = house.services.credit, house.identity("manager")
    (entry,) = credit.statement(ESTATE, tenant, limit=9).entries
    came = twenty(lambda: credit.reverse(entry.id, manager, ReversalReason.NOT_DONE))
    assert len(went_well(came)) == 1
    assert sum(one.points for one in credit.statement(ESTATE, tenant, limit=9).entries) == 0


def test_no_signature_is_lost_and_enough_of_them_open_one_topic(house):
    petitions, names = house.services.consulting.petitions, moved_in(house)
    petition = petitions.start(ESTATE, "keep the door shut", house.identity("tenant"))
    signers = [house.identity(name) for name in names]
    came = at_once(*[partial(petitions.sign, petition.id, signer) for signer in signers])
    signed = house.services.consulting.ask.petition(petition.id, house.identity("tenant")).signatures
    assert signed == 1 + len(went_well(came)) == petition.needed
    assert told(house, Kind.PETITION_SIGNED) == petition.needed - 1
    assert told(house, Kind.TOPIC_OPENED) == 1


def test_of_twenty_roles_and_terms_that_rest_on_the_same_one_is_taken(people):
    roll, chair = people.services.consulting.roll, people.identity("chair")

    def unchanged(seen: object) -> Callable[[object], None]:
        def check(standing: object) -> None:
            if standing != seen:
                raise Conflict("changed")

        return check

    rolls = [
        partial(roll.replace, ESTATE, [Unit("u1", "o1", Decimal(n + 1))], {}, chair, check=unchanged([]))
        for n in range(TWENTY)
    ]
    assert len(went_well(at_once(*rolls))) == 1
    assert told(people, Kind.ROLL_KEPT) == 1
    terms = [
        partial(roll.set_terms, ESTATE, replace(Terms(), review_after_days=n + 100), chair, check=unchanged(Terms()))
        for n in range(TWENTY)
    ]
    assert len(went_well(at_once(*terms))) == 1
    assert told(people, Kind.TERMS_SET) == 1


def test_of_twenty_edits_of_one_roster_none_is_lost(house):
    house.keeps_a_roster()
    rosters, manager = house.services.reach.rosters, house.identity("manager")
    known = house.services.reach.questions.roster(ESTATE, "guards", manager).roster
    edits = [
        partial(
            rosters.put, replace(known, names=Names("保安", f"Guards {n}")), manager, new=False, seen=known.revision
        )
        for n in range(TWENTY)
    ]
    assert len(went_well(at_once(*edits))) == 1


def test_of_twenty_configurations_that_rest_on_the_same_one_is_issued(house):
    house.node_is_configured()
    configure, engineer = house.services.configure, house.identity("engineer").member
    seen = house.services.nodes.configuration(ESTATE, "b3-gateway", house.identity("engineer")).latest
    edits = [
        partial(
            configure.put, ESTATE, "b3-gateway",
            {"equipment": [{"id": "b3/lift-2", "kind": "lift", "controller": {"host": f"192.0.2.{n + 1}"}}]},
            engineer, reason="x", seen=seen.version,
        )
        for n in range(TWENTY)
    ]  # fmt: skip
    assert len(went_well(at_once(*edits))) == 1


def test_of_twenty_changes_of_a_webhook_that_rest_on_the_same_one_is_made(house):
    webhooks = house.services.messaging.webhooks
    hook = webhooks.add(ESTATE, "https://receiver.example/hook", [], "manager").webhook

    def check(standing: object) -> None:
        if standing != hook:
            raise Conflict("changed")

    came = at_once(
        *[
            partial(webhooks.change, ESTATE, hook.id, "manager", url=f"https://receiver.example/{n}", check=check)
            for n in range(TWENTY)
        ]
    )
    assert len(went_well(came)) == 1


def test_a_code_of_a_way_to_be_reached_is_guessed_five_times(house):
    contacts, tenant = house.services.reach.contacts, house.identity("tenant")
    way = contacts.add("tenant", "sms", "138 0000 0000", tenant)
    contacts.send_code("tenant", way.key, tenant)
    came = [one for _ in range(2) for one in twenty(lambda: contacts.verify("tenant", way.key, "000000x", tenant))]
    assert Counter(type(one).__name__ for one in came)["Invalid"] == 5


def test_no_way_to_be_reached_that_was_added_is_lost(house):
    contacts, tenant = house.services.reach.contacts, house.identity("tenant")
    came = at_once(*[partial(contacts.add, "tenant", "sms", f"138 0000 00{n:02}", tenant) for n in range(TWENTY)])
    assert len(house.services.reach.contacts.of_member("tenant", tenant).contacts) == len(went_well(came))


def test_there_are_no_more_screens_than_there_may_be(house):
    screens, manager = house.services.accounts.screens, house.identity("manager")
    for n in range(MOST_SCREENS - 1):
        screens.make(manager, ESTATE, "property", f"Wall {n}")
    assert len(went_well(twenty(lambda: screens.make(manager, ESTATE, "property", "One more")))) == 1


def test_a_task_is_accepted_once_and_closed_once(house):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    act = house.services.act
    at_once(*[partial(act.acknowledge, task, who) for who in ("guard", "manager")] * 10)
    assert told(house, Kind.TASK_ACKNOWLEDGED) == 1


def test_a_request_with_one_key_is_done_once_by_whichever_worker(house):
    """Two servers, one database: as two workers behind one address."""
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    token = house.api_token_of("guard")
    headers = {"authorization": f"Bearer {token}", "idempotency-key": "the-same-key-for-all-of-them"}
    with served(house) as first, served(house) as second, ThreadPoolExecutor(TWENTY) as threads:

        def notes(n: int) -> httpx.Response:
            address = (first, second)[n % 2]
            return httpx.post(
                f"{address}/api/v1/tasks/{task}/notes",
                json={"text": "seen"},
                headers=headers,
                timeout=30,
                trust_env=False,
            )

        came = list(threads.map(notes, range(TWENTY)))
    assert {one.status_code for one in came} <= {200, 201, 409}
    assert {one.json()["type"] for one in came if one.status_code == 409} <= {"/problems/request-under-way"}
    assert told(house, Kind.NOTE_ADDED) == 1


def test_of_twenty_matrices_tried_on_the_same_one_is_put_in_force(house):
    duties, manager = house.services.duties, house.identity("officer").member
    now = duties.export(ESTATE)
    edits = [
        partial(
            duties.replace, ESTATE, now.text.replace("10", f"{n + 20}", 1), manager,
            replayed="none", seen=now.version,
        )
        for n in range(TWENTY)
    ]  # fmt: skip
    came = at_once(*edits)
    assert len(went_well(came)) == 1, [str(one) for one in came if isinstance(one, CloudError)][:3]
