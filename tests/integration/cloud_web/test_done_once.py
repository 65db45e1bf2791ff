"""A POST with an Idempotency-Key is done once, whoever sends it again and whichever worker hears it."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from cloud.adapters.sealing import FernetSeal
from cloud.application.answer_once import KEPT, UNDER_WAY, AnswerOnce, Known
from cloud.application.once_ports import CARRIED
from tests.integration.cloud_web.serving import served

API = "/api/v1"


@pytest.fixture
def task(house):
    return house.goes_wrong("access.forced-open", "b5/north-gate")


def note(client, task, key, text="the lock is broken"):
    return client.post(f"{API}/tasks/{task}/notes", json={"text": text}, headers={"idempotency-key": key})


def notes(house, task):
    return len(house.services.queries.incident(house.services.queries.task(task, None).incident_id, None).notes)


def test_what_is_sent_again_brings_the_same_answer_and_is_done_once(house, program, task):
    key = str(uuid4())
    first, second = note(program, task, key), note(program, task, key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert (first.content, first.headers["etag"]) == (second.content, second.headers["etag"])
    assert second.headers["idempotency-replayed"] == "true"
    assert notes(house, task) == 1
    assert note(program, task, f'"{uuid4()}"', "so is the hinge").status_code == 201
    assert notes(house, task) == 2


def test_the_key_of_one_body_is_none_for_another(house, program, task):
    key = str(uuid4())
    assert note(program, task, key).status_code == 201
    refused = note(program, task, key, "something else")
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "/problems/idempotency-key-reused"
    assert notes(house, task) == 1


def test_it_holds_across_workers(house, program, task):
    key = str(uuid4())
    first = note(program, task, key)
    with served(house) as other, httpx.Client(base_url=other, headers=program.headers, trust_env=False) as client:
        assert note(client, task, key).content == first.content
    assert notes(house, task) == 1


def test_many_at_once_do_it_once(house, program, task):
    key, answers = str(uuid4()), []
    threads = [threading.Thread(target=lambda: answers.append(note(program, task, key).status_code)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {201, 409}
    assert 201 in answers
    assert notes(house, task) == 1


def test_what_was_refused_may_be_mended_under_the_same_key(house, program, task):
    key = str(uuid4())
    headers = {"idempotency-key": key}
    assert program.post(f"{API}/tasks/{task}/notes", json={"text": ""}, headers=headers).status_code == 422
    assert note(program, task, key).status_code == 201


def test_the_key_of_one_condition_is_none_for_another(house, program, task):
    """Or who saw an older revision would be told that it was done."""
    key, seen = str(uuid4()), house.services.queries.task(task, None).revision
    said = {"json": {"text": "the lock is broken"}}
    for revision, status in ((seen, 201), (seen, 201), (seen + 7, 422)):
        headers = {"idempotency-key": key, "if-match": f'"{revision}"'}
        answer = program.post(f"{API}/tasks/{task}/notes", headers=headers, **said)
        assert answer.status_code == status, answer.text
    assert answer.json()["type"] == "/problems/idempotency-key-reused"
    assert notes(house, task) == 1


def test_nobody_opens_anothers_answer(house, program, visitor, task):
    key = str(uuid4())
    assert note(program, task, key).status_code == 201
    stranger = {"authorization": f"Bearer {house.api_token_of('stranger')}", "idempotency-key": key}
    body = {"text": "the lock is broken"}
    assert visitor.post(f"{API}/tasks/{task}/notes", json=body, headers=stranger).status_code == 404
    assert visitor.post(f"{API}/tasks/{task}/notes", json=body, headers={"idempotency-key": key}).status_code == 401


def test_an_answer_is_kept_for_a_day_and_only_who_has_the_key_can_read_it(house, visitor):
    said = {"estate": "example", "code": "b3/lift-2", "concern": "lift-fault"}
    headers = {"idempotency-key": str(uuid4())}
    first = visitor.post(f"{API}/public/reports", json=said, headers=headers).json()
    assert visitor.post(f"{API}/public/reports", json=said, headers=headers).json() == first
    with house.units.reading() as uow:
        raw = uow._connection.exec_driver_sql("select * from kept_requests").all()
    assert first["token"] not in json.dumps([str(row) for row in raw])
    house.clock.pass_by(KEPT + timedelta(seconds=1))
    house.services.once.tidy()
    with house.units.reading() as uow:
        assert uow._connection.exec_driver_sql("select count(*) from kept_requests").scalar() == 0


@pytest.mark.parametrize("key", ["short", "x" * 129, "with blanks in it ...", ""])
def test_a_key_that_could_be_guessed_is_refused(program, task, key):
    assert note(program, task, key).status_code == 422


def test_too_large_a_body_is_refused_with_a_key_too(program, task):
    def endless():
        for _ in range(20):
            yield b"x" * 8192

    headers = {"idempotency-key": str(uuid4()), "content-type": "application/json"}
    answer = program.post(f"{API}/tasks/{task}/notes", content=endless(), headers=headers)
    assert answer.status_code == 413


def test_wherever_the_worker_dies_it_is_done_once_or_not_at_all(house):
    once = AnswerOnce(house.units, house.clock, FernetSeal())
    key = str(uuid4())

    def begin(name):
        return once.begin(name, key, "digest").known

    assert begin("before") is Known.NEW
    assert begin("before") is Known.UNDER_WAY
    assert begin("after") is Known.NEW
    carried = CARRIED.set("after")
    try:
        with house.units.writing() as uow:
            uow.commit()
    finally:
        CARRIED.reset(carried)
    house.clock.pass_by(UNDER_WAY + timedelta(seconds=1))
    assert begin("before") is Known.NEW, "nothing was committed for it: it may be done"
    assert begin("after") is Known.LOST, "something was: it is not done again"
    house.clock.pass_by(KEPT)
    assert begin("after") is Known.NEW


def test_who_was_one_too_many_may_send_the_same_later(house, visitor):
    def reports(number, key):
        said = {"estate": "example", "code": "b1/garage-door", "concern": "door-open", "words": f"{number}"}
        return visitor.post(f"{API}/public/reports", json=said, headers={"idempotency-key": key})

    for number in range(5):
        assert reports(number, str(uuid4())).status_code == 201
    key = str(uuid4())
    assert reports("six", key).status_code == 429
    house.clock.pass_by(timedelta(minutes=11))
    assert reports("six", key).status_code == 201
