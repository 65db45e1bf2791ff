"""Offers, needs and small tasks on pages, without a script: posted, answered, claimed, done and confirmed by another."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from cloud.application.exchange.board import MAX_OPEN
from cloud.domain.exchange.posting import Side
from cloud.entrypoints.web.neighbours import AT_ONCE

PAGE = "/neighbours?lang=en"
WORDS = {"capability": "ladder", "text": "A ladder for the lamp", "place": "binhai/example/b1", "good": "tool"}
LIFTS = {"capability": "other", "text": "会修电梯", "place": "binhai/example/b1"}


@pytest.fixture
def people(house, address):
    """A browser for each member, as they are asked for."""
    browsers: dict[str, httpx.Client] = {}

    def as_member(name: str) -> httpx.Client:
        if name not in browsers:
            browsers[name] = httpx.Client(
                base_url=address, headers={"sec-fetch-site": "same-origin"}, trust_env=False, timeout=30,
                cookies={"tocsin_session": house.session_of(name)},
            )  # fmt: skip
        return browsers[name]

    yield as_member
    for browser in browsers.values():
        browser.close()


def posts(browser: httpx.Client, side: str, **other: object) -> str:
    answer = browser.post("/neighbours/postings", data={"posted_as": side, **WORDS, **other})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def asks(browser: httpx.Client, **other: object) -> None:
    asked = {**WORDS, "text": "Walk the stairs", "capability": "patrol", "kind": "patrol", **other}
    assert browser.post("/neighbours/small-tasks", data=asked).status_code == 303


def deeds(page: str) -> dict[str, str]:
    """What the page lets one do about small tasks: the deed and its address."""
    return {found[2]: found[1] for found in re.finditer(r'action="(/neighbours/small-tasks/[^/"]+/([a-z-]+))', page)}


def test_a_need_is_posted_answered_and_met_and_only_its_owner_sees_who_can_help(people):
    tenant, lodger = people("tenant"), people("lodger")
    need = posts(tenant, "need")
    seen = lodger.get(need, params={"lang": "en"}).text
    assert "A neighbour needs" in seen
    assert "Resident" not in seen, "a neighbour's name is theirs to give"
    answered = lodger.post(f"{need}/answer", data={"text": "I have one"})
    assert answered.status_code == 303
    assert answered.headers["location"].startswith("/neighbours/offers/")
    own = tenant.get(need, params={"lang": "en"}).text
    assert "Another resident" in own
    assert "I have one" in own
    assert "1 can help" in tenant.get(PAGE).text
    assert tenant.post(f"{need}/meet").status_code == 303
    assert "A ladder for the lamp" not in lodger.get(PAGE).text
    assert "met" in tenant.get(need, params={"lang": "en"}).text


def test_an_offer_is_asked_for_and_who_needs_it_sees_whose_it_is(people):
    offer = posts(people("lodger"), "offer")
    answered = people("tenant").post(f"{offer}/answer", data={"text": "My lamp is broken"})
    need = people("tenant").get(answered.headers["location"], params={"lang": "en"}).text
    assert "You need" in need
    assert "Another resident" in need


def test_ones_own_is_said_anew_and_withdrawn_and_nobody_else_may(people):
    offer = posts(people("tenant"), "offer")
    for path, form in (("change", WORDS), ("withdraw", {})):
        refused = people("lodger").post(f"{offer}/{path}", data=form)
        assert refused.status_code == 403, path
    assert "/withdraw" not in people("lodger").get(offer).text
    changed = {**WORDS, "text": "Two ladders", "days": ["6", "7"], "start": "09:00", "end": "18:00"}
    assert people("tenant").post(f"{offer}/change", data=changed).status_code == 303
    page = people("lodger").get(PAGE).text
    assert "Two ladders" in page
    assert "Sat, Sun 09:00–18:00" in page
    assert people("tenant").post(f"{offer}/withdraw").status_code == 303
    assert "Two ladders" not in people("lodger").get(PAGE).text
    assert "withdrawn" in people("tenant").get(PAGE).text


@pytest.mark.parametrize(("lang", "reason", "whom"), [("en", "Special Equipment Safety Law", "Property office"), ("zh", "特种设备安全法", "物业服务中心")])  # fmt: skip
def test_regulated_work_is_refused_with_its_basis_and_whom_to_ask_and_the_words_stay(people, lang, reason, whom):
    tenant = people("tenant")
    answer = tenant.post(f"/neighbours/postings?lang={lang}", data={"posted_as": "offer", **LIFTS})
    assert answer.status_code == 422
    for said in (reason, whom, "tel:022-0000-0001", "会修电梯"):
        assert said in answer.text
    assert 'value="offer" required checked' in answer.text
    other = "zh" if lang == "en" else "en"
    assert {"en": "Basis", "zh": "依据"}[other] not in answer.text, "each reads one language"
    assert tenant.get("/neighbours/postings").headers["location"] == "/neighbours"
    asked = people("manager").post("/neighbours/small-tasks?lang=en", data=LIFTS)
    assert (asked.status_code, "tel:022-0000-0001" in asked.text) == (422, True)
    need = posts(tenant, "need")
    answered = people("lodger").post(f"{need}/answer?lang={lang}", data={"text": "会修电梯"})
    assert (answered.status_code, reason in answered.text, "会修电梯</textarea>" in answered.text) == (422, True, True)


def test_a_small_task_is_claimed_done_and_confirmed_by_another_and_earns(people):
    tenant, manager = people("tenant"), people("manager")
    asks(manager)
    assert set(deeds(manager.get(PAGE).text)) == {"withdraw"}
    assert set(deeds(tenant.get(PAGE).text)) == {"claim"}
    tenant.post(deeds(tenant.get(PAGE).text)["claim"])
    assert deeds(people("lodger").get(PAGE).text) == {}, "it has its one helper"
    assert set(deeds(tenant.get(PAGE).text)) == {"finish", "release"}
    tenant.post(deeds(tenant.get(PAGE).text)["finish"])
    assert deeds(tenant.get(PAGE).text) == {}, "who did it never confirms it"
    page = manager.get(PAGE).text
    assert set(deeds(page)) == {"confirm", "send-back"}
    assert "Helpers: Resident" in " ".join(page.split()), "who judges knows whom"
    assert "Helpers: Resident" not in " ".join(people("lodger").get(PAGE).text.split())
    assert people("lodger").post(deeds(page)["confirm"]).status_code == 403
    assert people("officer").post(deeds(page)["confirm"]).status_code == 303
    page = tenant.get(PAGE).text
    assert "Your points: 10" in page
    assert "Yours that are over: 1" in page


def test_every_deed_that_is_shown_is_taken_and_every_other_is_refused(people):
    asks(people("manager"))
    one = next(iter(deeds(people("manager").get(PAGE).text).values())).rpartition("/")[0]
    every = ("claim", "finish", "release", "send-back", "confirm", "withdraw")
    for before, who in (((), "tenant"), (("claim",), "tenant"), (("claim", "finish"), "manager")):
        asks(people("manager"), text=f"Round {len(before)}")
        page = people("tenant").get(PAGE).text
        task = deeds(page)["claim"].rpartition("/")[0]
        for deed in before:
            assert people("tenant").post(f"{task}/{deed}").status_code == 303
        page = people(who).get(PAGE).text
        for deed in set(every) - {found.rpartition("/")[2] for found in deeds(page).values() if task in found}:
            if f"{task}/{deed}" not in page:
                assert people(who).post(f"{task}/{deed}").status_code in {403, 409}, deed
    assert people("tenant").post(f"{one}/nonsense").status_code == 404


def test_only_an_organisation_asks_for_small_tasks(people):
    assert "Ask neighbours for a small task" in people("manager").get(PAGE).text
    assert "Ask neighbours for a small task" not in people("tenant").get(PAGE).text
    assert people("tenant").post("/neighbours/small-tasks", data=WORDS).status_code == 403


def test_hostile_words_stay_words_and_nonsense_is_refused(people):
    posts(people("tenant"), "offer", text="<script>alert(1)</script>")
    page = people("lodger").get(PAGE).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    for bad in ({"place": "binhai"}, {"text": " "}, {"text": "x" * 501}, {"capability": "No Word"}, {"days": "8"}, {"posted_as": "gift"}):  # fmt: skip
        answer = people("tenant").post("/neighbours/postings", data={"posted_as": "offer", **WORDS, **bad})
        assert answer.status_code == 422, bad


def test_older_ones_are_one_link_away(house, people):
    for number in range(AT_ONCE + 1):
        house.clock.pass_by(timedelta(seconds=1))
        who = "tenant" if number < MAX_OPEN else "lodger"
        posts(people(who), "offer", text=f"Ladder {number}")
    first = people("guard").get(PAGE).text
    (older,) = set(re.findall(r'href="(/neighbours\?[^"]*offers=[^"#]+)#offers"', first))
    assert "Ladder 0<" in people("guard").get(older.replace("&amp;", "&")).text
    assert "Ladder 0<" not in first


def test_of_another_estate_there_is_nothing(people):
    offer = posts(people("tenant"), "offer")
    stranger = people("stranger")
    assert stranger.get(offer).status_code == 404
    assert stranger.post(f"{offer}/answer", data={"text": "me"}).status_code == 404
    assert stranger.get("/neighbours?estate=example").status_code in {403, 404}
    assert people("tenant").get(offer.replace(f"/{Side.OFFER}s/", "/gifts/")).status_code == 404


def test_it_stands_in_the_navigation_where_each_would_look(people):
    for member in ("tenant", "guard", "officer"):
        assert 'href="/neighbours"' in people(member).get("/topics").text.partition("</nav>")[0], member
    assert 'href="/neighbours"' in people("manager").get("/topics").text
    assert 'href="/credit"' in people("tenant").get("/topics").text.partition("</nav>")[0]
