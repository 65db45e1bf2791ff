"""Whatever members, residents and nodes can write anywhere stands on every page there is, and stays a string."""

from __future__ import annotations

import re
from dataclasses import replace
from http import HTTPStatus
from xml.etree import ElementTree as ET

import pytest
from starlette.responses import HTMLResponse

from cloud.application.consultation.watch_patterns import WatchPatterns
from cloud.application.exchange.board import Wording
from cloud.application.identifiers import RandomIds
from cloud.application.intake.report_hazard import Given
from cloud.application.rosters.keep_channels import Given as ChannelGiven
from cloud.domain.community.channel_setup import Form
from cloud.domain.community.hours import ALWAYS
from cloud.domain.community.names import Names
from cloud.domain.community.place import PlaceTree
from cloud.domain.duties.duty import DutyMatrix
from cloud.domain.duties.first_hour import Step
from cloud.domain.exchange.posting import Good, Side
from cloud.domain.exchange.small_task import SmallTaskKind
from cloud.domain.incidents.report import Concern
from cloud.domain.records.inspection import Book
from cloud.domain.records.webhook import Posting
from cloud.domain.tasks.task import ResolutionReason
from tests.integration.accounts.filled_in import Filler
from tests.integration.accounts.test_matrix import PUBLIC
from tests.integration.cloud_web.house import ESTATE, House
from tests.integration.cloud_web.test_hostile_strings import Elements

HARM = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>"
HARMED = Names(HARM, HARM)
WRITERS = ("manager", "administrator", "officer", "technician", "tenant")
DESTROY = (
    "/erase", "/show-out", "/revo", "/sign-out", "/demo", "/end", "/withdraw", "/remove", "/password", "/import", "/guide",
    "/account",
)  # fmt: skip
"""What takes away what the others have written, or whoever writes."""


@pytest.fixture
def named(house: House) -> House:
    """Everybody and everything is called that."""
    with house.units.writing() as uow:
        one = uow.registers.find(ESTATE)

        def harmed(found):
            return {key: replace(value, names=HARMED) for key, value in found.items()}

        places = PlaceTree([replace(place, names=HARMED) for place in one.places])
        parties = {key: replace(value, phone=value.phone and HARM) for key, value in harmed(one.parties).items()}
        duties = tuple(replace(duty, basis=HARMED) for duty in one.matrix.duties)
        changed = replace(
            one, estate=replace(one.estate, names=HARMED), places=places, parties=parties, members=harmed(one.members),
            equipment=harmed(one.equipment), nodes=harmed(one.nodes), matrix=DutyMatrix(one.matrix.version, duties),
            version=one.version + 1, _by_closeness={},
        )  # fmt: skip
        uow.registers.store(changed, "harmed")
        uow.commit()
    return house


@pytest.fixture
def ids(named: House) -> dict[str, str]:
    """Something of every sort, all of it said by somebody who means harm."""
    house = named
    house.node_connects(version=HARM)
    house.node_is_configured()
    several, engineer = house.services.tuning.several, house.identity("engineer").member
    change = several.read("rules: [{rule: overspeed, set: {on_delay_s: 3}}]")
    several.push(ESTATE, change, {"b3-gateway": None}, engineer, rollout="rollout-0001", reason=HARM)
    house.nonsense_arrives(HARM.encode(), HARM)
    for hazard in ("lift.door-fault", "lift.maintenance-overdue", "lift.inspection-due"):
        house.goes_wrong(hazard, "b3/lift-2")
    WatchPatterns(house.units, house.clock, RandomIds())()
    task = house.goes_wrong("fire.smoke", "b1/detector-7a", point="alarm", value=HARM, threshold=0.5)
    house.sensor_reports("b1/detector-7a/alarm", [(house.clock.now() - house.clock.now(), HARM)])
    house.services.act.acknowledge(task, "controller")
    message = house.message_fails(task)
    with house.units.writing() as uow:
        uow.outbox.deliver([replace(uow.outbox.delivery(message), id="told", why=HARM)])
        uow.commit()
    told = house.services.report(
        Given(ESTATE, "b1/lift-1", Concern.LIFT_FAULT, HARM, device="phone", member_id="administrator")
    )
    house.services.assurance.say_more(told.token, HARM)
    done = house.services.queries.incident(told.incident_id, None).task.id
    house.services.act.acknowledge(done, "technician")
    house.services.act.resolve(done, "technician", ResolutionReason.FIXED, note=HARM)
    house.services.labels.make(ESTATE, house.identity("manager"))
    with house.units.reading() as uow:
        topic = uow.consultation.topics.of(ESTATE)[0].id
        label = next(one.code for one in uow.labels.of(ESTATE) if one.equipment_id == "b3/lift-2")
    hook = house.services.messaging.webhooks.add(ESTATE, f"https://example.org/{HARM}", [], "manager").webhook.id
    with house.units.writing() as uow:
        uow.webhooks.post([Posting("told", hook, ESTATE, 1, house.clock.now(), house.clock.now(), 1, why=HARM)])
        uow.commit()
    incident = house.services.queries.task(task, None).incident_id
    handover = house.services.reach.handovers.draw(ESTATE, "property", HARM, house.identity("manager")).handover
    harmed = Wording("ladder", HARM, "binhai/example/b1", ALWAYS)
    need = house.services.exchange.board.post(ESTATE, Side.NEED, Good.TOOL, harmed, house.identity("tenant"))
    house.services.exchange.small_tasks.post(ESTATE, SmallTaskKind.PATROL, harmed, house.identity("manager"))
    spoken = {"host": "smtp.example.org", "sender": f"{'a' * 9}@example.org", "sender_name": HARM[:64]}
    channels = house.services.setting_up.channels
    channels.set_up("email", ChannelGiven(Form.MAIL, spoken), house.identity("administrator"))
    said = ChannelGiven(Form.GATEWAY, {"url": "https://example.org/", "body": HARM, "success": re.escape(HARM)})
    channels.set_up("pager", said, house.identity("administrator"))
    return {
        "channel_kind": "pager", "sort": "sms",
        "handover": handover.id, "webhook_id": hook, "side": "needs", "posting_id": need.id,
        "task": task, "incident": incident, "topic_id": topic, "code": label, "typed": label, "token": told.token, "report_id": told.report_id,
        "concern": "lift-fault", "rollout": "rollout-0001", "node": "b3-gateway", "party": "property", "member": "guard", "place": "binhai/example/b3",
        "equipment": "b3/lift-2", "rule": "b1/detector-7a/smoke-obscuration", "step": Step.ESTATE.value,
        "book": next(iter(Book)).value, "secret": "something", "point": "b1/detector-7a/alarm", "name": "places.csv", "form": "xml",
    }  # fmt: skip


def writes_everywhere(house: House, app, client, ids: dict[str, str]) -> int:
    """Whoever may sends it to every route that takes words; how many took it."""
    filler, taken = Filler(ids, ESTATE, HARM), 0
    tokens = {member: {"authorization": f"Bearer {house.api_token_of(member)}"} for member in WRITERS}
    for route in app.routes:
        for method in (getattr(route, "methods", None) or set()) - {"GET", "HEAD", "DELETE"}:
            if any(word in route.path for word in DESTROY):
                continue
            asked = filler.asked(method, route)
            if "something" in asked.path or "alert(2)" not in str(asked.sent):
                continue
            for headers in tokens.values():
                answer = client.request(method, asked.path, params=asked.query, headers=headers, **asked.sent)
                assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, (
                    f"{method} {route.path}: {answer.text[:300]}"
                )
                if answer.status_code < HTTPStatus.BAD_REQUEST:
                    taken += 1
                    break
    return taken


WITHOUT_WORDS = {
    "/account/password", "/account/recovery-codes", "/account/second-factor/confirm", "/account/second-factor/password", "/account/second-factor/proof", "/account/screens", "/account/tokens",
    *(f"/account/reached/{{key}}/{what}" for what in ("code", "quiet", "remove", "test", "verify")),
    "/duties/matrix/check", "/neighbours/postings", "/neighbours/small-tasks", "/neighbours/{side}/{posting_id}/answer",
    "/neighbours/{side}/{posting_id}/change", "/demo", "/demo/leave", "/enter/{token}", "/invitation/{secret}", "/members/invitations", "/members/{member_id}/invitations",
    "/nodes/{node}/claims", "/nodes/{node}/document/check", "/fleet/rollout/check", "/problems", "/problems/{kind}", "/public/{estate}/ballots", "/setup",
    "/screen/{token}", "/sign-in", "/sign-in/organisation", "/sign-in/organisation/back",
}  # fmt: skip
"""Pages that only lead on, or on which nothing stands that anybody wrote; what account pages show, test_security and test_screens type."""


def addresses(app, ids: dict[str, str]):
    """(path of the route, an address of it) for every page there is."""
    for route in app.routes:
        if (
            "GET" not in (getattr(route, "methods", None) or ())
            or getattr(route, "response_class", None) is not HTMLResponse
        ):
            continue
        each = [ids]
        each = [{**ids, "step": one.value} for one in Step] if "{step}" in route.path else each
        each = [{**ids, "book": one.value} for one in Book] if "{book}" in route.path else each
        for known in each:
            yield route.path, Filler(known, ESTATE).asked("GET", route).path


def runs(text: str) -> list[str]:
    """What of a page a browser would take for more than words."""
    page = Elements(text)
    scripts = [str(one) for one in page.scripts if one != {"type": "module", "src": "/static/main.js"}]
    return scripts + page.handlers + [one for one in page.addresses if not one.startswith(("/", "#", "tel:", "?"))]


def test_what_anybody_writes_anywhere_runs_in_no_browser(named, app, visitor, browsers, ids):
    assert writes_everywhere(named, app, visitor, ids) > 15, "hardly any route took it"
    reader, stranger = browsers(), browsers()
    reader.cookies.set("tocsin_session", named.session_of("administrator"))
    shown, all_pages, wrong = set(), set(), []
    for path, address in addresses(app, ids):
        all_pages.add(path)
        for lang in ("zh", "en"):
            by = stranger if ("GET", path) in PUBLIC else reader
            answer = by.get(address, params={"lang": lang, "estate": ESTATE})
            assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, address
            if answer.is_redirect:
                continue
            wrong += [(address, lang, one) for one in runs(answer.text)]
            shown |= {path} if "&lt;script&gt;" in answer.text else set()
    assert not wrong
    assert all_pages - shown == WITHOUT_WORDS & all_pages, "the string was not on these pages, or a new page shows none"


def test_what_is_read_by_programs_is_well_formed_with_it(named, app, visitor, ids):
    """Feeds, warnings and Open311 in XML, calendars and exports are data in a form of their own."""
    visitor.headers["authorization"] = f"Bearer {named.api_token_of('administrator')}"
    read = 0
    for route in app.routes:
        if (
            "GET" not in (getattr(route, "methods", None) or ())
            or getattr(route, "response_class", None) is HTMLResponse
        ):
            continue
        if route.path.endswith("/live"):
            continue
        asked = Filler(ids, ESTATE).asked("GET", route)
        answer = visitor.get(asked.path, params=asked.query)
        assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, asked.path
        kind = answer.headers.get("content-type", "")
        # Outside of the interface a refusal is a page, and a building's state comes as a part of one.
        assert "html" not in kind or not (route.path.startswith("/api/") or runs(answer.text)), asked.path
        assert answer.headers["x-content-type-options"] == "nosniff"
        if answer.is_success and "xml" in kind:
            ET.fromstring(answer.content)
        read += HARM.encode() in answer.content or b"&lt;script&gt;" in answer.content or b"<script>" in answer.content
    assert read > 10, "hardly any of them says it"
