"""WCAG 2.2 AA: axe finds nothing on any page, in both languages, light and dark; the board is worked by keyboard."""

from __future__ import annotations

from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi.routing import APIRoute
from playwright.sync_api import expect
from starlette.responses import HTMLResponse

from cloud.application.consultation.watch_patterns import WatchPatterns
from cloud.application.exchange.board import Wording
from cloud.application.identifiers import RandomIds
from cloud.application.intake.report_hazard import Given
from cloud.domain.community.hours import ALWAYS
from cloud.domain.duties.first_hour import Step
from cloud.domain.exchange.posting import Good, Side
from cloud.domain.exchange.small_task import SmallTaskKind
from cloud.domain.incidents.report import Concern
from cloud.domain.records.webhook import Posting
from cloud.domain.tasks.task import ResolutionReason
from cloud.entrypoints.app import create_app
from tests.e2e.browser.looked import PHONE, STANDARD, WIDE, Looked, Looker
from tests.e2e.browser.shown_once import AT_THE_GATE, FAULTS, SHOWN_ONCE
from tests.integration.cloud_web.house_home import moves_in

pytestmark = pytest.mark.browser

PAGES = (
    Looked("/", "/"),
    Looked("/", "/?hazard=lift&mine=1"),
    Looked("/", "/?hazard=welfare"),
    Looked("/", "/", "tenant"),
    Looked("/", "/", "lodger"),
    Looked("/duty-room", "/duty-room", "controller"),
    Looked("/desk", "/desk", "guard"),
    Looked("/desk", "/desk?building=binhai/example/b3", "guard"),
    Looked("/desk", "/desk?equipment=b3/lift-2", "guard"),
    Looked("/incidents/{incident_id}", "{fire}", "controller"),
    Looked("/incidents/{incident_id}", "{door}"),
    Looked("/buildings", "/buildings"),
    Looked("/buildings/{place:path}", "/buildings/binhai/example/b1"),
    Looked("/buildings/{place:path}", "/buildings/binhai/example/b3", "tenant"),
    Looked("/equipment/{equipment_id:path}", "/equipment/b1/detector-7a"),
    Looked("/fleet", "/fleet", "administrator"),
    Looked("/nodes/{node}/revocations", "/nodes/b3-gateway/revocations", "administrator"),
    Looked("/nodes/{node}/claims", "/fleet", "administrator", "form[action*='/claims'] button"),
    Looked("/rules", "/rules?node=b3-gateway"),
    Looked("/nodes/{node}/rules/{rule:path}", "{rule}"),
    Looked("/nodes/{node}/document", "/nodes/b3-gateway/document", "engineer"),
    Looked("/nodes/{node}/document/check", "/nodes/b3-gateway/document", "engineer", ".document .actions button"),
    Looked("/dead-letters", "/dead-letters"),
    Looked("/webhooks", "/webhooks"),
    Looked("/webhooks/{webhook_id}/secret", "/webhooks", presses="form[action*='/secret'] button"),
    Looked("/duties", "/duties"),
    Looked("/duties/matrix", "/duties/matrix"),
    Looked("/duties/matrix", "/duties/matrix", "technician"),
    Looked("/duties/matrix/check", "/duties/matrix", presses=".document .actions button"),
    Looked("/rosters", "/rosters"),
    Looked("/rosters/of/{party}", "/rosters/of/lifts", "administrator"),
    Looked("/rosters/{roster}", "/rosters/guards"),
    Looked("/rosters/{roster}/addresses", "/rosters/guards", presses="form[action*='/addresses'] button"),
    Looked("/handovers", "/handovers"),
    Looked("/handovers/{handover}", "{handover}"),
    Looked("/planned", "/planned"),
    Looked("/patrols", "/patrols"),
    Looked("/topics", "/topics"),
    Looked("/topics/{topic_id}", "{topic}"),
    Looked("/consultation", "/consultation", "officer"),
    Looked("/consultation", "/consultation", "tenant"),
    Looked("/registers", "/registers"),
    Looked("/registers/{book}", "/registers/control-room"),
    Looked("/codes", "/codes"),
    Looked("/codes/{code}", "/codes/{label}"),
    Looked("/at/{typed}", "/at/{label}", None),
    Looked("/at/{typed}", "/at/nothing", None),
    Looked("/at/{typed}/{concern}", "/at/{label}/lift-fault", None),
    Looked("/follow/{token}", "{follow}", None),
    Looked("/follow/{token}", "{trapped}", None),
    Looked("/reports/{report_id}", "{own}", "tenant"),
    Looked("/public/{estate}", "/public/example", None),
    Looked("/problems", "/problems", None),
    Looked("/problems/{kind}", "/problems/conflict", None),
    Looked("/public/{estate}/ledger", "/public/example/ledger", None),
    Looked("/public/{estate}/ballots", "/public/example/ballots", None),
    Looked("/sign-in", "/sign-in", None),
    Looked("/enter/{token}", "/enter/something", None),
    Looked("/neighbours", "/neighbours"),
    Looked("/neighbours", "/neighbours", "tenant"),
    Looked("/neighbours/{side}/{posting_id}", "{need}", "tenant"),
    Looked("/neighbours/{side}/{posting_id}", "{need}"),
    Looked("/credit", "/credit", "tenant"),
    Looked("/credit", "/credit", "manager"),
    Looked("/personal", "/personal", "administrator"),
    Looked("/personal", "/personal?subject=member:tenant", "administrator"),
    Looked("/account", "/account"),
    Looked("/account/welfare", "/account/welfare"),
    Looked("/account/welfare", "/account/welfare", "grandmother"),
    Looked("/account/reached", "/account/reached", "tenant"),
    Looked("/account/reached/{key}/remove", "{way}/remove", "tenant"),
    Looked("/account/second-factor", "/account/second-factor"),
    Looked("/account", "/account", "administrator"),
    Looked("/screen/{token}", "{screen}", None),
    Looked("/members", "/members"),
    Looked("/members/{member_id}/invitations", "/members", presses="form[action*='/guard/invitations'] button"),
    Looked("/members/{member_id}/show-out", "/members/guard/show-out"),
    Looked("/invitation/{secret}", "/invitation/something", None),
    Looked("/setup", "/setup", None),
    Looked("/guide", "/guide", "administrator"),
    *(Looked("/guide/{step}", f"/guide/{step}", "administrator") for step in Step),
    Looked("/import", "/import", "administrator"),
    Looked("/demo", "/demo", None),
    Looked("", "/nowhere"),
)


LEADS_ON = {"/demo/leave", "/sign-in/organisation", "/sign-in/organisation/back"}
"""What only leads to another page: asked for by its address it answers with no page of its own."""
EVERY = (*PAGES, *SHOWN_ONCE, *FAULTS)


def shown(house) -> set[str]:
    """The routes of pages: what is not among PAGES is looked at by nobody."""
    routes = (one for one in create_app(house.services).routes if isinstance(one, APIRoute))
    return {one.path for one in routes if "GET" in one.methods and one.response_class is HTMLResponse}


@pytest.fixture
def addresses(house) -> dict[str, str]:
    """A building in which much is amiss, so that every page has something to show."""
    moves_in(house)
    house.node_is_configured()
    house.nonsense_arrives(b"\xff\x00{", "is not JSON")
    for hazard in ("lift.door-fault", "lift.maintenance-overdue", "lift.inspection-due"):
        house.goes_wrong(hazard, "b3/lift-2")
    WatchPatterns(house.units, house.clock, RandomIds())()
    door = house.goes_wrong("access.forced-open", "b5/north-gate")
    house.services.act.acknowledge(door, "manager")
    house.smoke_grows("b1/detector-7a", minutes_ago=2)
    fire = house.goes_wrong("fire.smoke", "b1/detector-7a", point="obscuration-per-metre", value=0.05, threshold=0.05)
    with house.units.reading() as uow:
        topic = uow.consultation.topics.of("example")[0].id
    where = {
        name: house.services.queries.task(task, None).incident_id for name, task in (("fire", fire), ("door", door))
    }
    house.services.labels.make("example", house.identity("manager"))
    tells_others(house)
    house.keeps_a_roster()
    handover = house.services.reach.handovers.draw("example", "property", "a note", house.identity("manager"))
    with house.units.reading() as uow:
        label = next(one.code for one in uow.labels.of("example") if one.equipment_id == "b3/lift-2")
    told = house.services.report(Given("example", "b1/lift-1", Concern.LIFT_FAULT, device="phone", member_id="tenant"))
    trapped = house.services.report(Given("example", "b3/lift-2", Concern.TRAPPED, device="another"))
    house.services.assurance.say_more(trapped.token, "a child is inside")
    done = house.services.queries.incident(told.incident_id, None).task.id
    house.services.act.acknowledge(done, "technician")
    house.services.act.resolve(done, "technician", ResolutionReason.FIXED)
    hung = house.services.accounts.screens.make(house.identity("manager"), "example", "property", "Gate house")
    screen = f"/screen/{hung.token}"
    own = {
        "label": label,
        "follow": f"/follow/{told.token}",
        "own": f"/reports/{told.report_id}",
        "trapped": f"/follow/{trapped.token}",
        "screen": screen,
        "handover": f"/handovers/{handover.handover.id}",
    }
    own |= neighbourly(house)
    own["rule"] = "/nodes/b3-gateway/rules/b1/detector-7a/smoke-obscuration?days=1&way=when.above&value=8"
    return {"topic": f"/topics/{topic}", **own, **{name: f"/incidents/{incident}" for name, incident in where.items()}}


def tells_others(house) -> None:
    """A webhook that took nothing, one that is switched off, one that is gone."""
    book = house.services.messaging.webhooks
    for name in ("rooms", "desk", "gone"):
        hook = book.add("example", f"https://{name}.example/hook", ["task.routed"], "manager").webhook
        with house.units.writing() as uow:
            now = house.clock.now()
            lost = Posting(f"{name}-1", hook.id, "example", 1, now, now, 9, None, now, "it answered 503")
            uow.webhooks.post(
                [lost, replace(lost, id=f"{name}-2", failed_at=None), replace(lost, id=f"{name}-3", sent_at=now)]
            )
            uow.commit()
        if name == "desk":
            book.change("example", hook.id, "manager", active=False)
        if name == "gone":
            with house.units.writing() as uow:
                uow.webhooks.gone(hook.id, hook.url, "it answered 410", now)
                uow.commit()


def neighbourly(house) -> dict[str, str]:
    """A need with an offer that meets it, a small task that was done and paid, and ways to the tenant."""
    exchange, reach = house.services.exchange, house.services.reach.contacts
    tenant, manager = house.identity("tenant"), house.identity("manager")
    ladder = Wording("ladder", "A ladder for the lamp", "binhai/example/b1", ALWAYS)
    need = exchange.board.post("example", Side.NEED, Good.TOOL, ladder, tenant)
    exchange.board.post("example", Side.OFFER, Good.TOOL, ladder, house.identity("lodger"))
    for _ in range(2):
        patrol = exchange.small_tasks.post("example", SmallTaskKind.PATROL, ladder, manager)
        exchange.small_tasks.claim(patrol.id, tenant)
    exchange.small_tasks.finish(patrol.id, tenant)
    exchange.small_tasks.confirm(patrol.id, manager)
    for channel in ("sms", "voice"):
        way = reach.add("tenant", channel, "13800000001", tenant)
        reach.send_code("tenant", way.key, tenant)
    return {"need": f"/neighbours/needs/{need.id}", "way": f"/account/reached/{way.key}"}


def test_no_page_is_left_out(house):
    assert shown(house) - LEADS_ON <= {one.route for one in (*EVERY, *AT_THE_GATE)}, (
        "add the new page to PAGES, so that axe looks at it"
    )


def test_axe_sees_what_is_wrong(opens):
    """A finder that finds nothing anywhere would pass every test below."""
    page = opens(None, "/sign-in")
    page.evaluate("document.querySelector('main').innerHTML = '<img src=/static/bell.svg><a href=/></a>'")
    page.evaluate("document.querySelector('main').prepend('faint')")
    page.evaluate("document.querySelector('main').style.color = '#bbb'")
    page.evaluate(
        """for (const name of [".", ","]) {
            const small = Object.assign(document.createElement("button"), { textContent: name });
            Object.assign(small.style, { width: "8px", height: "8px", padding: 0, border: 0 });
            document.querySelector("main").append(small);
        }"""
    )
    found = {one["id"] for one in Axe().run(page, options=STANDARD).response["violations"]}
    assert found >= {"image-alt", "link-name", "color-contrast", "target-size"}


@pytest.mark.parametrize(("lang", "scheme", "other"), [("zh", "light", "dark"), ("en", "dark", None)])
def test_axe_finds_nothing(addresses, opens, lang, scheme, other):
    pages = {one: opens(one, "/sign-in", lang=lang, viewport=WIDE) for one in {one.member for one in EVERY}}
    looker = {member: Looker(page, scheme, other) for member, page in pages.items()}
    found = [fault for one in EVERY for fault in looker[one.member].faults(one, one.address.format(**addresses))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("member", ["manager", "administrator", "guard", "officer", "engineer", "tenant"])
def test_axe_finds_nothing_in_the_unfolded_menu(opens, member, size):
    page = opens(member, "/buildings", viewport=size)
    page.locator(".more > summary").click()
    expect(page.get_by_role("link", name="How I am reached")).to_be_visible()
    seen = Axe().run(page, context=".top", options=STANDARD)
    assert not seen.violations_count, seen.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="How I am reached")).to_be_hidden()
    assert focused(page) == "More"


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("member", ["manager", "administrator", "guard", "officer", "engineer", "tenant"])
def test_on_a_phone_the_places_and_the_word_stand_in_one_row_also_without_a_script(opens, member, lang):
    page = opens(member, "/buildings", lang=lang, viewport={"width": 360, "height": 740}, java_script_enabled=False)
    row = page.locator(".top nav > ul > li > a, .more > summary")
    boxes = [one.bounding_box() for one in row.all()]
    assert len({box["y"] for box in boxes}) == 1, "they wrap"
    assert min(box["height"] for box in boxes) >= 44
    assert max(box["x"] + box["width"] for box in boxes) <= 360
    page.locator(".more > summary").click()
    expect(page.locator(".more a").first).to_be_visible()


def focused(page) -> str:
    return page.evaluate("document.activeElement.textContent.trim().replace(/\\s+/g, ' ')")


def test_the_board_by_keyboard_skips_to_the_content_and_goes_on_as_it_is_read(house, opens):
    house.goes_wrong("access.forced-open", "b5/north-gate")
    page = opens("manager")
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the content"
    assert page.locator(".skip").bounding_box()["y"] >= 0, "the skip link is not seen when it has the focus"
    page.keyboard.press("Enter")
    passed = []
    for _ in range(30):
        page.keyboard.press("Tab")
        passed.append(focused(page))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", f"nobody sees that {passed[-1]!r} has the focus"
        if passed[-1] == "Accept it":
            break
    wanted = ["Mine 1", "All 1", "Doors and gates 1", "Door forced open", "Accept it"]
    assert [one for one in passed if one in wanted] == wanted
    assert not {"Fleet", "Sign out"} & set(passed), "the skip link skipped nothing"


def test_nothing_moves_for_who_wants_nothing_to_move(house, live):
    page = live("manager", reduced_motion="reduce")
    house.goes_wrong("access.forced-open", "b5/north-gate")
    row = page.locator("#rows .row.changed")
    expect(row).to_have_count(1)
    assert row.evaluate("(one) => getComputedStyle(one).animationName") == "none"
    assert row.evaluate("(one) => getComputedStyle(one).outlineStyle") == "solid", "yet it is marked"
