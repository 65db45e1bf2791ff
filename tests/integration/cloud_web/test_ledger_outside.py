"""The ledger as others meet it: exports, public heads and their feed, erasure, registers for an inspector."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import httpx
import pytest

from cloud.application.ledger.publish_heads import PublishHeads
from cloud.domain.records.examination import examine, published_as
from cloud.domain.records.ledger import Draft

API = "/api/v1"
ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture
def administrator(house, address):
    headers = {"authorization": f"Bearer {house.api_token_of('administrator')}"}
    with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30) as client:
        yield client


def publish(house):
    return PublishHeads(house.units, house.clock)()


def happened(house, program, words="the tenant of zwo-neun-sieben let somebody in"):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    assert program.post(f"{API}/tasks/{task}/notes", json={"text": words}).status_code == 201
    return house.services.queries.task(task, None).incident_id


def test_an_export_over_rest_fits_a_head_that_anybody_may_read(house, program, visitor):
    happened(house, program)
    publish(house)
    answer = program.get(f"{API}/ledger/export")
    assert answer.headers["content-type"].startswith("application/jsonl")
    assert "ledger-example-1-" in answer.headers["content-disposition"]
    assert "zwo-neun-sieben" not in answer.text
    head = visitor.get(f"{API}/public/example/ledger-head").json()
    done = examine(answer.text.splitlines(keepends=True), published_as(head["head"]))
    assert done.finding is None
    assert done.checked >= head["seq"] > 3


@pytest.mark.parametrize("query", ["since=9&until=3", "until=99999", "since=-1", "since=x"])
def test_a_range_that_is_not_there_is_refused(house, program, query):
    assert program.get(f"{API}/ledger/export?{query}").status_code == 422


def test_heads_are_public_paged_and_nothing_else_of_them_is(house, program, visitor):
    for _ in range(3):
        happened(house, program)
        publish(house)
        house.time_passes(timedelta(hours=2))
    heads = visitor.get(f"{API}/public/example/ledger-heads", params={"limit": 2}).json()
    older = visitor.get(f"{API}/public/example/ledger-heads", params={"before": heads[-1]["seq"]}).json()
    seqs = [head["seq"] for head in heads + older]
    assert seqs == sorted(seqs, reverse=True)
    assert len(seqs) == 3
    assert heads[0].keys() == {"estate", "seq", "hash", "at", "head"}
    page = visitor.get("/public/example/ledger?lang=zh")
    assert page.status_code == 200
    assert "已公布的存证日志摘要" in page.text
    assert heads[0]["hash"] in page.text
    for address in ("/public/nowhere/ledger", "/feeds/nowhere/ledger.atom", f"{API}/public/nowhere/ledger-head"):
        assert visitor.get(address).status_code == 404


def test_the_feed_is_atom_and_a_rewritten_head_would_be_a_new_entry(house, program, visitor):
    for _ in range(2):
        happened(house, program)
        publish(house)
        house.time_passes(timedelta(hours=2))
    answer = visitor.get("/feeds/example/ledger.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ET.fromstring(answer.content)
    # RFC 4287, 4.1.1 and 4.1.2: what a feed and an entry must have, once each, and dates of RFC 3339.
    for one in (feed, *feed.findall("a:entry", ATOM)):
        for name in ("id", "title", "updated"):
            assert len(one.findall(f"a:{name}", ATOM)) == 1, name
        assert datetime.fromisoformat(one.findtext("a:updated", "", ATOM)).tzinfo is not None
        assert one.findtext("a:id", "", ATOM).startswith("urn:uuid:")
    assert feed.findtext("a:author/a:name", "", ATOM) == "Tocsin"
    assert {link.get("rel") for link in feed.findall("a:link", ATOM)} == {"self", "alternate"}
    entries = feed.findall("a:entry", ATOM)
    assert len({entry.findtext("a:id", "", ATOM) for entry in entries}) == 2
    ledger = program.get(f"{API}/ledger", params={"limit": 1000}).json()
    for entry in entries:
        known = published_as(entry.findtext("a:content", "", ATOM))
        assert ledger[known.seq - 1]["hash"] == known.hash
    later = visitor.get("/feeds/example/ledger.atom", params={"before": 1})
    assert ET.fromstring(later.content).findall("a:entry", ATOM), "a feed is never without an entry"


def test_a_page_says_which_head_was_published(house, manager, program):
    happened(house, program)
    publish(house)
    head = house.services.heads.newest("example")
    assert f"{head.seq}:{head.hash[:12]}" in manager.get("/").text


def test_an_administrator_erases_what_a_member_wrote_and_everybody_sees_that_it_is_gone(
    house, administrator, program, manager
):
    incident = happened(house, program)
    (kept,) = administrator.get(f"{API}/personal", params={"estate": "example"}).json()
    assert (kept["subject"], kept["sort"], kept["erased_at"]) == ("member:manager", "note", None)
    assert "text" not in kept
    done = administrator.post(f"{API}/personal/erase?estate=example", json={"subject": "member:manager"}).json()
    assert (done["erased"], done["already"]) == (1, 0)
    for lang, words in (("zh", "备注内容已删除"), ("en", "The words of this note were erased")):
        page = manager.get(f"/incidents/{incident}?lang={lang}")
        assert words in page.text
        assert "zwo-neun-sieben" not in page.text
    answer = program.get(f"{API}/incidents/{incident}")
    assert "zwo-neun-sieben" not in answer.text
    assert answer.json()["notes"][0]["erased_at"]
    assert examine(program.get(f"{API}/ledger/export").text.splitlines(keepends=True)).finding is None


def test_personal_data_is_for_administrators(house, program, administrator):
    happened(house, program)
    assert program.get(f"{API}/personal").status_code == 403
    assert program.post(f"{API}/personal/erase", json={"subject": "member:manager"}).status_code == 403
    for wrong in ({}, {"subject": "a", "record": "b"}, {"subject": "a", "ground": "retention"}):
        assert administrator.post(f"{API}/personal/erase?estate=example", json=wrong).status_code == 422
    gone = administrator.post(f"{API}/personal/erase?estate=example", json={"record": "nothing"})
    assert gone.status_code == 404


def test_reading_what_others_wrote_is_told_in_the_ledger(house, visitor, program):
    incident = happened(house, program)
    visitor.cookies.set("tocsin_session", house.session_of("officer"))
    assert "zwo-neun-sieben" not in visitor.get(f"/incidents/{incident}").text, (
        "a private note is for the parties of the task"
    )
    visitor.cookies.set("tocsin_session", house.session_of("guard"))
    for _ in range(3):
        assert "zwo-neun-sieben" in visitor.get(f"/incidents/{incident}").text
    looks = [
        entry
        for entry in house.services.queries.ledger_entries("example", 0, None)
        if entry.kind.startswith("personal")
    ]
    assert [(entry.kind, entry.actor, entry.subject) for entry in looks] == [
        ("personal.accessed", "member:guard", incident)
    ]


def test_registers_are_printed_from_the_ledger_line_by_line(house, manager):
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    house.goes_wrong("lift.entrapment", "b3/lift-2")
    with house.units.writing() as uow:
        facts = {"open_tasks": [{"task": "t1"}], "muted": []}
        uow.ledger.append(
            "example", [Draft("shift.handed-over", house.clock.now(), "member:guard", None, "s1", "request", facts)]
        )
        uow.commit()
    ledger = house.services.queries.ledger_entries("example", 0, None)
    assert "消防控制室值班记录" in manager.get("/registers?lang=zh").text
    room = manager.get("/registers/control-room?lang=zh").text
    assert "烟雾报警" in room
    assert "电梯困人" not in room.partition("<table")[2]
    assert ledger[-1].hash in room
    upkeep = manager.get("/registers/maintenance?lang=en").text
    assert "Person trapped in lift" in upkeep
    assert "Smoke" not in upkeep.partition("<table")[2]
    handover = manager.get("/registers/handover?lang=zh").text
    assert "交接班" in handover
    assert "task: t1" in handover
    for entry in ledger:
        if entry.kind == "alert.fired":
            assert f'<td class="number">{entry.seq}</td>' in room + upkeep


def test_a_register_counts_days_as_the_estate_does(house, manager):
    house.clock._at = datetime(2026, 5, 12, 16, 30, tzinfo=UTC)  # half past midnight of the 13th in the estate
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    day = {"lang": "en", "from": "2026-05-13", "to": "2026-05-13"}
    assert "00:30:00" in manager.get("/registers/control-room", params=day).text
    before = {**day, "from": "2026-05-12", "to": "2026-05-12"}
    assert "Nothing of this kind happened" in manager.get("/registers/control-room", params=before).text


@pytest.mark.parametrize("query", ["from=2026-05-13&to=2026-05-12", "from=yesterday"])
def test_a_period_that_is_none_is_refused(house, manager, query):
    assert manager.get(f"/registers/control-room?{query}").status_code == 422
    assert manager.get("/registers/cookery").status_code == 422


@pytest.mark.parametrize(("member", "status"), [("manager", 200), ("officer", 200), ("guard", 403), ("engineer", 403)])
def test_registers_are_for_those_who_answer_to_an_inspector(house, visitor, member, status):
    visitor.cookies.set("tocsin_session", house.session_of(member))
    assert visitor.get("/registers").status_code == status
    assert visitor.get("/registers/patrol").status_code == status


def test_before_the_first_head_the_page_says_when_it_comes(visitor):
    page = visitor.get("/public/example/ledger?lang=zh")
    assert page.status_code == 200
    assert "首个摘要将在一小时内公布" in page.text
    assert "ledger.atom" not in page.text.partition("<main")[2], "there is no feed yet to subscribe to"


def test_the_page_of_heads_tells_times_in_the_estates_zone(house, program, visitor):
    happened(house, program)
    publish(house)
    answer = visitor.get("/public/example/ledger", params={"lang": "en"})
    assert "UTC+0800" in answer.text
    assert "UTC+0000" not in answer.text
