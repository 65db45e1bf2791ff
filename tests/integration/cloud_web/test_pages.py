from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from cloud.domain.community.names import Names

MINUTES = timedelta(minutes=1)
PAGES = [
    "/",
    "/?mine=1&hazard=lift&place=binhai/example/b3",
    "/?hazard=welfare",
    "/fleet",
    "/dead-letters",
    "/webhooks",
    "/sign-in",
    "/account",
    "/members",
]


class Page(HTMLParser):
    """What a browser without scripts makes of a page: its texts, links and forms."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.lang = ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "html":
            self.lang = given["lang"]
        if tag == "a":
            self.links.append(given["href"])
        if tag == "form":
            self.forms.append((given["action"], {}))
        if tag in {"input", "select", "textarea"} and self.forms and "name" in given:
            self.forms[-1][1][given["name"]] = given.get("value", "")

    def handle_data(self, data):
        if data.strip():
            self.texts.append(" ".join(data.split()))

    def form(self, ending: str) -> tuple[str, dict[str, str]]:
        return next(form for form in self.forms if form[0].endswith(ending))

    def says(self, words: str) -> bool:
        return words in " ".join(self.texts)


@pytest.fixture
def busy(house):
    """A building in which things go wrong in many ways."""
    house.node_connects()
    held = house.goes_wrong("access.held-open", "b1/garage-door")
    house.goes_right("access.held-open", "b1/garage-door")
    house.goes_wrong("access.held-open", "b1/garage-door")
    house.services.act.acknowledge(held, "manager")
    house.services.act.note(held, "guard", "闭门器松动 closer loose")
    house.time_passes(6 * MINUTES)
    house.smoke_grows("b1/detector-7a", minutes_ago=2)
    point = {"point": "obscuration-per-metre", "value": 0.052, "threshold": 0.05}
    house.goes_wrong("fire.smoke", "b1/detector-7a", **point)
    entrapment = house.goes_wrong("lift.entrapment", "b3/lift-2")
    house.services.act.acknowledge(entrapment, "technician")
    house.goes_wrong("lift.not-yet-invented", "b9/nobody-knows-it")
    house.nonsense_arrives(b"\xff\x00{", "is not JSON")
    return house


def incidents(house):
    return [f"/incidents/{task.incident_id}" for task in house.services.queries.tasks("example", None)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_whole_in_both_languages(busy, manager, language):
    for path in [*PAGES, *incidents(busy), "/nowhere", "/incidents/none", f"/enter/{busy.link_for('guard')}"]:
        separator = "&" if "?" in path else "?"
        answer = manager.get(f"{path}{separator}lang={language}")
        assert answer.status_code in {200, 404}, f"{path}: {answer.text[:300]}"
        page = Page(answer.text)
        assert page.lang == {"zh": "zh-CN", "en": "en"}[language]
        assert page.says("119")


def test_a_board_with_nothing_on_it_says_what_to_expect(house, manager):
    house.node_connects()
    page = Page(manager.get("/?lang=en").text)
    assert page.says("All is quiet")
    assert page.says("appears here by itself within a second")


def test_a_board_whose_nodes_are_away_does_not_call_it_quiet(house, manager):
    """No alarm from a node that nobody hears says nothing about its building."""
    page = Page(manager.get("/?lang=en").text)
    assert not page.says("All is quiet")
    assert page.says("No alarm, but not everything is heard")
    assert page.says("Nodes not online: 1.")
    assert "/fleet" in page.links
    assert Page(manager.get("/?lang=zh").text).says("没有报警，但有节点不在线")


def test_an_estate_without_a_node_is_not_called_quiet(house, manager):
    """Nothing can ring where nothing is watched."""
    with house.units.writing() as uow:
        register = uow.registers.find("example")
        uow.registers.store(replace(register, version=register.version + 1, nodes={}, equipment={}), "without a node")
        uow.commit()
    for path in ("/?lang=en", "/duty-room?lang=en"):
        page = Page(manager.get(path).text)
        assert page.says("Nothing is watched yet"), path
        assert not page.says("All is quiet"), path


def test_a_page_that_failed_leads_back_to_where_the_form_stood(busy, manager):
    incident = incidents(busy)[0]
    sent = {"referer": f"{manager.base_url.join(incident)}?lang=en"}
    page = Page(manager.post("/tasks/none/acknowledge?lang=en", headers=sent).text)
    assert page.says("Back to where you were")
    assert f"{incident}?lang=en" in page.links
    elsewhere = Page(manager.post("/tasks/none/acknowledge?lang=en", headers={"referer": "http://evil.example/x"}).text)
    assert not elsewhere.says("Back to where you were")


def test_once_somebody_leads_the_others_are_asked_to_join(busy, manager):
    """A red button for what is in hand already would be pressed before one for what nobody has answered."""
    trapped = next(t for t in busy.services.queries.tasks("example", None) if t.hazard == "lift.entrapment")
    for path in ("/?lang=en", f"/incidents/{trapped.incident_id}?lang=en"):
        answer = manager.get(path).text
        form = answer[answer.index(f'action="/tasks/{trapped.id}/acknowledge"') :]
        button = form[form.index("<button") : form.index("</button>")]
        assert button.endswith(">Join in")
        assert "life" not in button


def test_an_alarms_value_is_written_as_people_read_it(busy, manager):
    fire = next(t for t in busy.services.queries.tasks("example", None) if t.hazard == "fire.smoke")
    assert Page(manager.get(f"/incidents/{fire.incident_id}?lang=en").text).says("Obscuration per metre 5.2%/m")


def test_the_board_shows_life_safety_first_and_what_a_cause_hides_apart(busy, manager):
    page = Page(manager.get("/?lang=en").text)
    rows = " ".join(page.texts[page.texts.index("Place") :])
    assert max(map(rows.index, ("Smoke", "Person trapped in lift"))) < rows.index("Node silent")
    assert page.says("hidden because of their cause")
    assert page.says("×2")
    assert page.says("Corridor detector, floor 7, Building 1")
    assert Page(manager.get("/?lang=zh").text).says("1号楼7层走廊烟感")


def test_filters_count_what_they_would_show(busy, manager):
    page = Page(manager.get("/?lang=en").text)
    lifts = Page(manager.get("/?hazard=lift&lang=en").text)
    assert "/?hazard=lift" in page.links
    assert lifts.says("Person trapped in lift")
    assert not lifts.says("Door held open")
    assert "/" in lifts.links, "choosing a filter again lets go of it"


def test_everything_can_be_done_with_plain_forms(busy, manager):
    """No script runs here: a person follows links and sends forms from first sight to resolution."""
    task = busy.goes_wrong("access.forced-open", "b5/north-gate")
    board = Page(manager.get("/").text)
    action, fields = next(form for form in board.forms if task in form[0])
    answer = manager.post(action, data=fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")

    where = f"/incidents/{busy.services.queries.task(task, None).incident_id}"
    for ending, more, state in [
        ("start", {}, "in_progress"),
        ("note", {"text": "on my way"}, "in_progress"),
        ("resolve", {"reason": "fixed", "note": "lock replaced"}, "resolved"),
        ("reopen", {}, "new"),
    ]:
        action, fields = Page(manager.get(where).text).form(f"{task}/{ending}")
        answer = manager.post(action, data={**fields, **more})
        assert (answer.status_code, answer.headers["location"]) == (303, where)
        assert busy.services.queries.task(task, None).state == state
    assert Page(manager.get(where).text).says("lock replaced")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_party_steps_aside_with_plain_forms(busy, manager, language):
    task = busy.goes_wrong("access.forced-open", "b5/north-gate")
    queries = busy.services.queries
    where = f"/incidents/{queries.task(task, None).incident_id}?lang={language}"
    manager.post(f"/tasks/{task}/acknowledge")
    incident = queries.incident(queries.task(task, None).incident_id, None)
    other = next(party.id for party in incident.eligible if party.id != incident.task.responsible.id)
    action, fields = Page(manager.get(where).text).form(f"{task}/transfer")
    assert manager.post(action, data={**fields, "to": other}).status_code == 303
    action, fields = Page(manager.get(where).text).form(f"{task}/decline")
    assert manager.post(action, data={**fields, "basis": "art. 45", "named": other}).status_code == 303
    assert queries.task(task, None).state == "new"


@pytest.mark.parametrize(("language", "words"), [("zh", "请立即拨打 119"), ("en", "Call 119 now.")])
def test_a_presumed_fire_says_on_board_and_page_to_call_119(busy, manager, language, words):
    busy.goes_wrong("fire.manual-call-point", "b1/lift-1")
    fire = next(t for t in busy.services.queries.tasks("example", None) if t.hazard == "fire.presumed")
    board = Page(manager.get(f"/?lang={language}").text)
    assert board.says(words)
    assert board.says(fire.read_out.of(language))
    page = Page(manager.get(f"/incidents/{fire.incident_id}?lang={language}").text)
    assert page.says(fire.read_out.of(language))


def test_where_life_is_at_stake_one_tap_says_cannot_come(busy, manager):
    fire = next(t for t in busy.services.queries.tasks("example", None) if t.hazard == "fire.smoke")
    page = Page(manager.get(f"/incidents/{fire.incident_id}?lang=zh").text)
    assert page.says("无法到场")
    action, fields = page.form(f"{fire.id}/decline")
    assert manager.post(action, data=fields).status_code == 303
    parts = busy.services.queries.task(fire.id, None).assignments
    assert "declined" in {part.state for part in parts}


def test_only_what_is_allowed_now_is_offered(busy, manager, house):
    task = busy.goes_wrong("access.forced-open", "b5/north-gate")
    where = f"/incidents/{busy.services.queries.task(task, None).incident_id}"
    offered = {action.rsplit("/", 1)[1] for action, _ in Page(manager.get(where).text).forms}
    assert offered == {"acknowledge", "note", "photos", "decline", "cancel", "sign-out"}
    manager.cookies.set("tocsin_session", house.session_of("officer"))
    page = Page(manager.get(f"{where}?lang=en").text)
    assert {action for action, _ in page.forms} == {"/sign-out", f"/tasks/{task}/cancel"}, "an overseer may cancel it"
    manager.cookies.set("tocsin_session", house.session_of("controller"))
    page = Page(manager.get(f"{where}?lang=en").text)
    assert {action for action, _ in page.forms} == {"/sign-out"}
    assert page.says("your party has no part in this")


def test_acting_on_what_has_changed_since_is_told_in_the_visitors_language(busy, manager):
    task = busy.goes_wrong("access.forced-open", "b5/north-gate")
    manager.post(f"/tasks/{task}/acknowledge", data={"revision": "0"})
    late = manager.post(f"/tasks/{task}/start", data={"revision": "0"}, headers={"accept-language": "zh"})
    assert late.status_code == 409
    assert "任务刚被他人更新" in late.text


def test_whoever_is_willing_is_not_told_to_look_at_a_newer_page_first(busy, manager):
    task = busy.goes_wrong("access.forced-open", "b5/north-gate")
    busy.services.act.note(task, "guard", "the clocks and others have changed the task since the page was opened")
    assert manager.post(f"/tasks/{task}/acknowledge", data={"revision": "0"}).status_code == 303
    assert busy.services.queries.task(task, None).state == "acknowledged"


def test_the_incident_page_tells_the_whole_story(busy, manager):
    fire = next(t for t in busy.services.queries.tasks("example", None) if t.hazard == "fire.smoke")
    answer = manager.get(f"/incidents/{fire.incident_id}?lang=en")
    page = Page(answer.text)
    assert page.says("Call 119 now.")
    assert page.says("Tocsin supplements a certified fire system and never replaces it.")
    assert answer.text.count('<svg class="chart"') == 2
    assert page.says("alarm at 5%/m")
    assert page.says("Why these parties")
    assert page.says("the article cited was not compared with the law's own text")
    assert page.says("Fire control room leads")
    assert page.says("A second person has checked")
    assert "tel:119" in page.links


def test_a_link_opens_a_session_only_when_a_person_comes_in(house, visitor):
    token = house.link_for("manager")
    before = house.services.queries.ledger_head("example", None).seq
    for _ in range(3):  # a chat program previews the link
        preview = visitor.get(f"/enter/{token}")
        assert preview.status_code == 200
        assert "set-cookie" not in preview.headers
    assert house.services.queries.ledger_head("example", None).seq == before
    entered = visitor.post(f"/enter/{token}")
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert token not in cookie
    assert visitor.get("/").status_code == 200


def test_signing_out_ends_the_session_everywhere(house, manager):
    cookie = manager.cookies["tocsin_session"]
    assert manager.post("/sign-out").headers["location"] == "/sign-in"
    manager.cookies.set("tocsin_session", cookie)
    assert manager.get("/").status_code == 401


def test_a_spent_or_invented_link_says_where_to_get_another(visitor):
    answer = visitor.post("/enter/invented", headers={"accept-language": "en"})
    assert answer.status_code == 401
    assert Page(answer.text).says("ask your manager for a new one")


def test_coming_from_a_chat_the_page_is_asked_for_again_from_here(visitor):
    """The strict cookie is not sent on the way from another site; once more from our own page, it is."""
    answer = visitor.get("/incidents/1?lang=en", headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 200
    assert 'http-equiv="refresh"' in answer.text


def test_the_language_asked_for_is_remembered(manager):
    assert Page(manager.get("/?lang=en").text).lang == "en"
    assert Page(manager.get("/").text).lang == "en"
    manager.cookies.delete("tocsin_lang")
    assert Page(manager.get("/", headers={"accept-language": "en"}).text).lang == "zh-CN", "the member reads Chinese"


def test_pages_are_never_kept_by_caches(manager):
    assert manager.get("/").headers["cache-control"] == "no-store"


def test_an_hour_of_readings_is_drawn_with_its_extremes(house, manager):
    house.sensor_reports(
        "b1/detector-7a/temperature", [(timedelta(seconds=s / 4), 20.0 + (s % 7)) for s in range(4 * 700)]
    )
    task = house.goes_wrong("fire.detector-fault", "b1/detector-7a", point="temperature", value=26.0)
    answer = manager.get(f"/incidents/{house.services.queries.task(task, None).incident_id}")
    assert 'class="c-envelope"' in answer.text


def test_who_works_for_two_estates_chooses_and_stays(house, manager):
    with house.units.writing() as uow:
        first = uow.registers.find("example")
        twin = replace(first.estate, id="twin", names=Names("双子小区", "Twin estate"))
        uow.registers.store(replace(first, estate=twin, nodes={}), "digest of the twin")
        uow.commit()
    page = Page(manager.get("/?lang=en").text)
    assert page.says("Twin estate")
    chosen = Page(manager.get("/?estate=twin&lang=en").text)
    assert "/fleet?estate=twin" in chosen.links
    house.goes_wrong("access.forced-open", "b5/north-gate")
    assert not Page(manager.get("/?estate=twin&lang=en").text).says("Door forced open")
    assert Page(manager.get("/?estate=example&lang=en").text).says("Door forced open")


@pytest.mark.parametrize(
    ("lang", "said"), [("zh", "地址有误，或您无权查看此页。"), ("en", "The address is wrong, or you may not see")]
)
def test_a_wrong_address_is_told_to_people_not_to_programs(manager, lang, said):
    page = Page(manager.get(f"/nowhere?lang={lang}").text)
    assert page.says(said)
    assert not page.says("openapi")


def test_a_form_that_does_not_fit_is_told_in_the_visitors_language(busy, manager):
    task = busy.goes_wrong("access.forced-open", "b5/north-gate")
    answer = manager.post(f"/tasks/{task}/resolve", data={"reason": "nonsense"}, headers={"accept-language": "zh"})
    assert answer.status_code == 422
    assert Page(answer.text).says("内容缺失或格式有误")
