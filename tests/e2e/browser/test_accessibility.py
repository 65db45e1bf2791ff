"""WCAG 2.2 AA: axe finds nothing on any page, in both languages, light and dark; the board is worked by keyboard."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi.routing import APIRoute
from playwright.sync_api import expect
from starlette.responses import HTMLResponse

from cloud.domain.duties.first_hour import Step
from cloud.entrypoints.app import create_app
from cloud.entrypoints.web.channel_forms import Sort
from tests.e2e.browser.looked import PHONE, STANDARD, WIDE, Fill, Looked, Press, faults_of
from tests.e2e.browser.seen import keeps, kept
from tests.e2e.browser.shown_once import AT_THE_GATE, FAULTS, SHOWN_ONCE

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
    Looked("/incidents/{incident_id}", "{over}"),
    Looked("/closed", "/closed"),
    Looked("/closed", "/closed?ending=merged&from=2026-01-01"),
    Looked("/buildings", "/buildings"),
    Looked("/buildings/{place:path}", "/buildings/binhai/example/b1"),
    Looked("/buildings/{place:path}", "/buildings/binhai/example/b3", "tenant"),
    Looked("/equipment/{equipment_id:path}", "/equipment/b1/detector-7a"),
    Looked("/fleet", "/fleet", "administrator"),
    Looked("/fleet/rollout", "/fleet/rollout", "engineer"),
    Looked(
        "/fleet/rollout/check",
        "/fleet/rollout",
        "engineer",
        steps=(
            Fill("#text", "rules: [{rule: held-open, set: {on_delay_s: 90}}]"),
            Press(".document .actions button"),
        ),
    ),
    Looked("/fleet/rollouts/{rollout}", "/fleet/rollouts/rollout-0001", "engineer"),
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
    Looked("/channels", "/channels", "administrator"),
    Looked("/channels/{channel_kind}", "/channels/email", "administrator"),
    Looked("/channels/{channel_kind}", "/channels/pager", "administrator"),
    *(Looked("/channels/add/{sort}", f"/channels/add/{sort}", "administrator") for sort in Sort),
    Looked("/import", "/import", "administrator"),
    Looked("/demo", "/demo", None),
    Looked("", "/nowhere"),
)


LEADS_ON = {"/demo/leave", "/sign-in/organisation", "/sign-in/organisation/back"}
"""What only leads to another page: asked for by its address it answers with no page of its own."""


def shown(house) -> set[str]:
    """The routes of pages: what is not among PAGES is looked at by nobody."""
    routes = (one for one in create_app(house.services).routes if isinstance(one, APIRoute))
    return {one.path for one in routes if "GET" in one.methods and one.response_class is HTMLResponse}


def test_no_page_is_left_out(house):
    assert shown(house) - LEADS_ON <= {one.route for one in (*PAGES, *SHOWN_ONCE, *FAULTS, *AT_THE_GATE)}, (
        "add the new page to PAGES, so that axe looks at it"
    )


def test_axe_sees_what_is_wrong(opens):
    """A finder that finds nothing anywhere would pass every test below."""
    page = opens(None, "/sign-in")
    page.evaluate("document.querySelector('main').innerHTML = '<img src=/static/bell.svg><a href=/></a>'")
    page.evaluate("document.querySelector('main').prepend('faint')")
    page.evaluate("document.querySelector('main').style.color = '#bbb'")
    page.evaluate(
        """const block = document.querySelector("main").appendChild(document.createElement("div"));
        for (const name of [".", ","]) {
            const small = Object.assign(document.createElement("button"), { textContent: name });
            Object.assign(small.style, { width: "8px", height: "8px", padding: 0, border: 0 });
            block.append(small);
        }"""
    )
    found = {one["id"] for one in Axe().run(page, options=STANDARD).response["violations"]}
    assert found >= {"image-alt", "link-name", "color-contrast", "target-size"}


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("lang", "scheme", "other"), [("zh", "light", "dark"), ("en", "dark", None)])
def test_axe_finds_nothing(addresses, opens, lang, scheme, other):
    found = faults_of(PAGES, addresses, opens, lang=lang, scheme=scheme, other=other)
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
    for width in (390, 360):
        page.set_viewport_size({"width": width, "height": 740})
        boxes = [one.bounding_box() for one in row.all()]
        assert len({box["y"] for box in boxes}) == 1, f"they wrap at {width} px"
        assert min(box["height"] for box in boxes) >= 44
        assert max(box["x"] + box["width"] for box in boxes) <= width
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
        if passed[-1] == "Accept task":
            break
    wanted = ["Mine 1", "All 1", "Doors and gates 1", "Door forced open", "Accept task"]
    assert [one for one in passed if one in wanted] == wanted
    assert not {"Fleet", "Sign out"} & set(passed), "the skip link skipped nothing"


def test_nothing_moves_for_who_wants_nothing_to_move(house, live):
    page = live("manager", reduced_motion="reduce")
    look = "(one) => [getComputedStyle(one).animationName, getComputedStyle(one).outlineStyle]"
    keeps(page, "#rows .row.changed", look)
    house.goes_wrong("access.forced-open", "b5/north-gate")
    expect(page.locator("#rows .row")).to_have_count(1)
    assert kept(page) == [["none", "solid"]], "nothing moves, yet it is marked"
