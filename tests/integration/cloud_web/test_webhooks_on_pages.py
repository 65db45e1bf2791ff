"""Who runs an estate keeps its webhooks on a page: adds them, sees how they fare, tries them, switches them off and on."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import httpx
import pytest

from cloud.application.identifiers import RandomIds
from cloud.application.messages import NotTaken
from cloud.application.notices.send_webhooks import SendWebhooks
from cloud.domain.community.faults import fault
from cloud.domain.records.ledger import Kind
from cloud.domain.records.webhook import MOST_ATTEMPTS, SECRET_PREFIX
from cloud.entrypoints.web.webhook_words import SUBJECTS, kinds_of, subject_of, told
from tests.integration.cloud_web.house import ESTATE, House

PAGE = "/webhooks"
URL = "https://hooks.example/secret-path"
EN = {"lang": "en"}


def text(answer: httpx.Response) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def added(house: House, client: httpx.Client, url: str = URL, **form) -> str:
    """Its id."""
    before = {one.id for one in house.services.messaging.webhooks.all(ESTATE, "manager")}
    answer = client.post(PAGE, params=EN, data={"url": url, **form})
    assert answer.status_code == 200, text(answer)
    (hook,) = {one.id for one in house.services.messaging.webhooks.all(ESTATE, "manager")} - before
    return hook


def sends(house: House) -> None:
    SendWebhooks(house.units, house.clock, RandomIds(), house.poster)()


def goes_wrong_and_is_given_up(house: House) -> None:
    house.goes_wrong("access.forced-open", "b5/north-gate")
    house.poster.goes_down()
    for _ in range(MOST_ATTEMPTS):
        sends(house)
        house.clock.pass_by(timedelta(hours=25))
    house.poster.comes_back()


def test_one_is_added_with_its_secret_shown_once(house, manager):
    answer = manager.post(PAGE, params=EN, data={"url": f" {URL} ", "subjects": ["people"]})
    (one,) = house.services.messaging.webhooks.all(ESTATE, "manager")
    assert one.url == URL
    assert one.secret.startswith(SECRET_PREFIX)
    assert one.secret in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert set(one.kinds) == set(kinds_of(["people"]))
    page = manager.get(PAGE, params=EN)
    assert one.secret not in page.text
    assert "hooks.example" in text(page)
    assert "Is told : Members, their contacts and personal data accepted nothing yet" in text(page).replace(
        "told:", "told :"
    )


def test_without_a_choice_it_is_told_everything_its_party_sees(house, manager):
    added(house, manager)
    assert house.services.messaging.webhooks.all(ESTATE, "manager")[0].kinds == frozenset()
    assert "everything its party sees" in text(manager.get(PAGE, params=EN))


def test_kinds_that_were_named_over_rest_are_said_by_what_they_are_about_and_by_name_behind_it(house, manager):
    book, some = house.services.messaging.webhooks, ["task.routed", "incident.opened"]
    book.add(ESTATE, URL, [*kinds_of(["duties"]), *some], "manager")
    page = text(manager.get(PAGE, params=EN))
    whole = len(kinds_of(["matters"]))
    assert f"Duties, rosters, exercises and maintenance · Incidents, tasks and reports (2 of {whole} kinds)" in page
    assert "as the interface names them incident.opened, task.routed" in page
    assert f"{whole}类中的2类" in text(manager.get(PAGE, params={"lang": "zh"}))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_address_that_cannot_be_is_refused_in_the_readers_language_and_kept_to_correct(house, manager, lang):
    answer = manager.post(PAGE, params={"lang": lang}, data={"url": "ftp://hooks.example/"})
    assert answer.status_code == 422
    assert 'value="ftp://hooks.example/"' in answer.text
    assert house.services.messaging.webhooks.all(ESTATE, "manager") == []
    added(house, manager)
    twice = manager.post(PAGE, params={"lang": lang}, data={"url": URL})
    assert twice.status_code == 409
    assert {"zh": "该地址已登记", "en": "This address is told of that already"}[lang] in text(twice)


def test_how_it_fares_stands_there_and_what_was_given_up_is_sent_again_from_there(house, manager):
    hook = added(house, manager, subjects=["matters"])
    goes_wrong_and_is_given_up(house)
    manager.cookies.set("tocsin_session", house.session_of("manager"))
    page = manager.get(PAGE, params=EN)
    assert re.search(r"\d+ given up", text(page))
    assert "it answered 503" in text(page)
    for path in (PAGE, "/dead-letters"):
        assert "对方答复 503" in text(manager.get(path, params={"lang": "zh"}))
    (path, *_) = re.findall(rf'action="(/webhooks/{hook}/deliveries/[^"]+/again)"', page.text)
    back = manager.post(path, data={"back": PAGE})
    assert (back.status_code, back.headers["location"]) == (303, PAGE)
    assert "1 on the way" in text(manager.get(PAGE, params=EN))
    sends(house)
    assert [event.id for event in house.poster.posted] == [path.split("/")[4]]
    assert "last accepted just now" in text(manager.get(PAGE, params=EN))


def test_a_test_says_at_once_what_came_of_it(house, manager):
    hook = added(house, manager)
    assert "hooks.example took the test." in text(manager.post(f"{PAGE}/{hook}/test", params=EN))
    assert house.poster.posted[0].document["type"] == "org.tocsin.test"
    house.poster.goes_down(fault("answered", status=404))
    answer = text(manager.post(f"{PAGE}/{hook}/test", params=EN))
    assert "hooks.example did not take the test: it answered 404" in answer
    assert "hooks.example 未收下测试消息：" in text(manager.post(f"{PAGE}/{hook}/test", params={"lang": "zh"}))


def test_it_is_switched_off_and_on_given_a_secret_and_removed(house, manager):
    book, hook = house.services.messaging.webhooks, added(house, manager)
    assert manager.post(f"{PAGE}/{hook}/switch", data={"active": "false"}).headers["location"] == PAGE
    assert "switched off" in text(manager.get(PAGE, params=EN))
    house.goes_wrong("access.forced-open", "b5/north-gate")
    sends(house)
    assert house.poster.posted == []
    assert manager.post(f"{PAGE}/{hook}/switch", data={"active": "true"}).status_code == 303
    assert "switched off" not in text(manager.get(PAGE, params=EN))
    former = book.one(ESTATE, hook, "manager").secret
    answer = manager.post(f"{PAGE}/{hook}/secret", params=EN)
    assert book.one(ESTATE, hook, "manager").secret in answer.text
    assert former not in answer.text
    assert "For 24 hours what is sent is signed with the former secret too." in text(answer)
    assert manager.post(f"{PAGE}/{hook}/remove").status_code == 303
    assert book.all(ESTATE, "manager") == []
    assert "No other system receives events." in text(manager.get(PAGE, params=EN))
    kinds = [entry.kind for entry in house.ledger() if entry.kind.startswith("webhook.")]
    assert kinds == [
        Kind.WEBHOOK_ADDED, Kind.WEBHOOK_CHANGED, Kind.WEBHOOK_CHANGED, Kind.WEBHOOK_SECRET_ROTATED, Kind.WEBHOOK_REMOVED
    ]  # fmt: skip


def test_one_that_is_gone_says_so_until_it_is_woken(house, manager):
    hook = added(house, manager)
    house.poster.answers(NotTaken(fault("answered", status=410), gone=True))
    house.goes_wrong("access.forced-open", "b5/north-gate")
    sends(house)
    page = manager.get(PAGE, params=EN)
    assert "there is nothing at this address any more" in text(page)
    assert "/again" not in page.text, "it would be refused"
    manager.post(f"{PAGE}/{hook}/switch", data={"active": "true"})
    assert "there is nothing at this address any more" not in text(manager.get(PAGE, params=EN))


def test_who_does_not_run_the_estate_sees_and_changes_none(house, visitor):
    hook = house.services.messaging.webhooks.add(ESTATE, URL, [], "manager").webhook.id
    for member in ("technician", "tenant", "officer"):
        visitor.cookies.set("tocsin_session", house.session_of(member))
        assert visitor.get(PAGE).status_code == 403
        for what in ("test", "secret", "remove", "switch"):
            assert visitor.post(f"{PAGE}/{hook}/{what}", data={"active": "false"}).status_code == 403
    visitor.cookies.set("tocsin_session", house.session_of("manager"))
    for what in ("test", "secret", "remove", "switch"):
        assert visitor.post(f"{PAGE}/none/{what}", data={"active": "false"}).status_code == 404
    assert house.services.messaging.webhooks.one(ESTATE, hook, "manager").active
    assert house.poster.posted == []


def test_every_kind_of_entry_is_about_one_subject():
    assert {kind for kind in Kind if subject_of(kind) not in SUBJECTS} == set(), (
        "say what these are about in cloud.entrypoints.web.webhook_words"
    )
    assert told(kinds_of(SUBJECTS)) == (list(SUBJECTS), [])
    assert kinds_of([]) == []
