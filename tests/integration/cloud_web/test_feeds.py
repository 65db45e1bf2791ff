"""What other systems subscribe to: CAP for threats to life, Atom for an estate, a building, a party."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema

from cloud.application.ledger.publish_heads import PublishHeads
from cloud.domain.community.names import Names
from cloud.domain.community.place import PlaceTree
from cloud.domain.community.public_days import PublicDays
from cloud.domain.tasks.task import ResolutionReason
from tests.integration.cloud_web.house import built_in

SHARED = Path(__file__).parents[4] / "shared/data/cap"
ATOM = {"a": "http://www.w3.org/2005/Atom"}
CAP = "urn:oasis:names:tc:emergency:cap:1.2"
IN_CAP = {"c": CAP}


@cache
def schema():
    return xmlschema.XMLSchema(str(SHARED / "cap12.xsd"))


def messages(client, estate="example"):
    """The documents that the index links to, newest first; each is held to the schema."""
    feed = ET.fromstring(client.get(f"/feeds/{estate}/cap.atom").text)
    found = []
    for link in feed.iterfind("a:entry/a:link", ATOM):
        answer = client.get(link.attrib["href"])
        assert answer.headers["content-type"].startswith("application/cap+xml")
        schema().validate(answer.text)
        found.append(ET.fromstring(answer.text))
    return found


def text(message, path):
    return message.findtext("/".join(f"c:{part}" for part in path.split("/")), namespaces=IN_CAP)


def test_the_schema_takes_the_samples_it_came_with_and_nothing_else():
    for sample in ("canada.cap", "australia.cap"):
        schema().validate(str(SHARED / sample))
    assert not schema().is_valid(f'<alert xmlns="{CAP}"><identifier>x</identifier></alert>')


def test_a_threat_to_life_is_alert_and_cancel_in_both_languages_and_the_estates_zone(house, manager, visitor):
    task = house.goes_wrong("fire.smoke", "b1/detector-7a")
    (alert,) = messages(visitor)
    assert (text(alert, "msgType"), text(alert, "status"), text(alert, "scope")) == ("Alert", "Actual", "Public")
    assert text(alert, "sent") == "2026-05-13T03:04:10+08:00"
    assert [info.findtext("c:language", namespaces=IN_CAP) for info in alert.iterfind("c:info", IN_CAP)] == [
        "zh-CN",
        "en-US",
    ]
    assert text(alert, "info/area/areaDesc") == "滨海街道示例小区1号楼7层"
    assert "119" in text(alert, "info/instruction")
    assert text(alert, "info/description") == "自2026-05-13 03:04起有传感器报警或多人报告。"
    assert text(alert, "info/web").endswith("/public/example")
    assert visitor.get(text(alert, "info/web")).status_code == 200
    assert text(alert, "info/expires") == "2026-05-14T03:04:10+08:00"
    finish(house, task)
    cancel, same = messages(visitor)
    assert ET.tostring(same) == ET.tostring(alert), "what was sent stays as it was"
    assert text(cancel, "msgType") == "Cancel"
    sender, identifier, sent = text(cancel, "references").split(",")
    assert (sender, identifier, sent) == (text(alert, "sender"), text(alert, "identifier"), text(alert, "sent"))
    assert text(cancel, "info/responseType") == "AllClear"
    assert text(cancel, "info/description") == "始于2026-05-13 03:04，现已结束。"
    assert text(cancel, "info/expires") is None


def test_utc_is_written_with_a_minus(house, visitor):
    """CAP 1.2, section 3.3.2: not `Z`, not `+00:00`."""
    moved_to(house, "GB", Names("Maple Court", "Maple Court"), "UTC")
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    (alert,) = messages(visitor)
    assert text(alert, "sent") == "2026-05-12T19:04:10-00:00"
    assert text(alert, "info/expires") == "2026-05-13T19:04:10-00:00"


def test_what_goes_on_is_said_again_and_whoever_asks_hears_of_it(house, visitor):
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    seen = visitor.get("/feeds/example/cap.atom").headers
    house.clock.pass_by(timedelta(hours=6))
    for headers in ({"if-none-match": seen["etag"]}, {"if-modified-since": seen["last-modified"]}):
        assert visitor.get("/feeds/example/cap.atom", headers=headers).status_code == 200
    update, alert = messages(visitor)
    assert (text(update, "msgType"), text(update, "sent")) == ("Update", "2026-05-13T08:00:00+08:00")
    assert text(alert, "identifier") in text(update, "references")
    assert "重申" in text(update, "info/description")


def moved_to(house, region, names, zone="Europe/London"):
    """The estate lies in another country and is called something else; gives its places' names back."""
    with house.units.writing() as uow:
        known = uow.registers.find("example")
        latin = [replace(place, names=Names(place.names.en, place.names.en)) for place in known.places]
        estate = replace(known.estate, names=names, days=PublicDays(region), time_zone=zone)
        uow.registers.store(replace(known, estate=estate, places=PlaceTree(latin), version=5), "moved")
        uow.commit()


def languages(message):
    return [info.findtext("c:language", namespaces=IN_CAP) for info in message.iterfind("c:info", IN_CAP)]


def test_an_estate_without_a_chinese_name_warns_in_its_own_english_alone(house, visitor):
    moved_to(house, "GB", Names("Maple Court", "Maple Court"))
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    (alert,) = messages(visitor)
    assert languages(alert) == ["en-GB"]
    assert text(alert, "info/area/areaDesc") == "floor 7, Building 1, Example estate, Binhai Street"
    assert "999" in text(alert, "info/instruction")
    assert text(alert, "sent") == "2026-05-12T20:04:10+01:00"
    assert not re.search(
        r"[\u4e00-\u9fff]", visitor.get("/feeds/example/cap.atom").text + ET.tostring(alert, "unicode")
    )


def test_elsewhere_english_comes_first_and_chinese_where_the_estate_has_a_name_in_it(house, visitor):
    moved_to(house, "FR", Names("枫园", "Maple Court"), "Europe/Paris")
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    (alert,) = messages(visitor)
    assert languages(alert) == ["en-US", "zh-CN"]
    chinese = alert.findall("c:info", IN_CAP)[1]
    assert chinese.findtext("c:area/c:areaDesc", namespaces=IN_CAP) == "Binhai Street Example estate Building 1 floor 7"


def finish(house, task):
    """Somebody was there and a second person says so, as its duty wants it."""
    incident = house.services.queries.task(task, None).incident_id
    house.goes_right("fire.smoke", "b1/detector-7a")
    for member in ("controller", "manager"):
        house.services.act.acknowledge(task, member)
    house.services.act.resolve(task, "controller", ResolutionReason.MITIGATED)
    view = house.services.queries.incident(incident, None)
    assert view.task.resolved_at is not None
    house.time_passes(timedelta(minutes=6))
    house.services.act.close(task, "manager")


def test_worse_is_an_update_that_refers_to_the_first(house, visitor):
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    house.goes_wrong("fire.manual-call-point", "b1/detector-7a")
    update, alert = messages(visitor)
    assert text(update, "msgType") == "Update"
    assert text(alert, "identifier") in text(update, "references")
    assert text(update, "info/severity") == "Extreme"


def test_an_exercise_says_that_it_is_one(house, program, visitor):
    now = house.clock.now()
    window = {"starts_at": now.isoformat(), "ends_at": (now + timedelta(hours=1)).isoformat()}
    planned = {"equipment": ["b1/detector-7a"], **window}
    assert program.post("/api/v1/estates/example/exercises", json=planned).status_code == 201
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    (alert,) = messages(visitor)
    assert text(alert, "status") == "Exercise"
    assert text(alert, "info/headline").startswith("【演练】")
    assert text(alert, "info/instruction") == "无需采取行动。"


def test_a_test_alarm_that_is_ended_is_taken_back(house, visitor):
    administrator, trying = house.identity("administrator"), house.services.setting_up
    trying.try_alarm("example", "b1/detector-7a", "fire.smoke", administrator)
    (alert,) = messages(visitor)
    house.clock.pass_by(timedelta(minutes=1))
    assert trying.end_test("example", administrator)
    cancel, same = messages(visitor)
    assert ET.tostring(same) == ET.tostring(alert)
    assert (text(cancel, "msgType"), text(cancel, "status")) == ("Cancel", "Exercise")
    assert (text(cancel, "info/responseType"), text(cancel, "info/urgency")) == ("AllClear", "Past")
    assert text(alert, "identifier") in text(cancel, "references")


def test_what_is_a_nuisance_or_inside_a_home_is_in_no_warning(house, visitor):
    house.goes_wrong("lift.door-fault", "b3/lift-2")
    house.goes_wrong("welfare.no-activity", "b1/flat-702")
    assert messages(visitor) == []
    assert "welfare" not in visitor.get("/feeds/example/matters.atom").text
    assert "久无活动" not in visitor.get("/feeds/example/matters.atom").text


def test_no_message_names_a_person_or_what_somebody_wrote(house, program, visitor):
    task = house.goes_wrong("fire.smoke", "b1/detector-7a")
    program.post(f"/api/v1/tasks/{task}/notes", json={"text": "flat 702, the old gentleman", "public": True})
    house.services.act.acknowledge(task, "controller")
    told = visitor.get("/feeds/example/cap.atom").text + visitor.get("/feeds/example/matters.atom").text
    told += "".join(ET.tostring(one, "unicode") for one in messages(visitor))
    for private in ("flat 702", "old gentleman", "值班员", "Control room operator", "controller"):
        assert private not in told


@pytest.mark.parametrize(
    "path", ["cap/nothing", "cap/example.x.1", "cap/other.x.1", "buildings/b9.atom", "buildings/b1%2Ff7.atom"]
)
def test_what_is_not_there_is_said_as_a_problem(house, visitor, path):
    answer = visitor.get(f"/feeds/example/{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert visitor.get("/feeds/elsewhere/cap.atom").status_code == 404


def entries(answer):
    return {
        entry.findtext("a:id", namespaces=ATOM): entry.findtext("a:content", namespaces=ATOM)
        for entry in ET.fromstring(answer.text).iterfind("a:entry", ATOM)
    }


def test_an_entry_is_the_matter_whatever_becomes_of_it(house, visitor):
    task = house.goes_wrong("lift.door-fault", "b3/lift-2")
    before = visitor.get("/feeds/example/matters.atom")
    house.clock.pass_by(timedelta(minutes=1))
    house.services.act.acknowledge(task, "technician")
    after = visitor.get("/feeds/example/matters.atom")
    assert entries(before).keys() == entries(after).keys()
    assert entries(before) != entries(after)
    assert "已接单" in after.text


def test_a_building_tells_of_itself_alone(house, visitor):
    house.goes_wrong("lift.door-fault", "b3/lift-2")
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    assert len(entries(visitor.get("/feeds/example/matters.atom"))) == 2
    b1 = visitor.get("/feeds/example/buildings/b1.atom")
    assert "烟" in b1.text
    assert "电梯门" not in b1.text


def test_an_open_door_is_told_to_the_world_when_it_is_shut(house, visitor):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    assert "强行开门" not in visitor.get("/feeds/example/matters.atom").text
    house.services.act.acknowledge(task, "guard")
    house.services.act.resolve(task, "guard", ResolutionReason.FIXED)
    assert "强行开门" in visitor.get("/feeds/example/matters.atom").text


def test_a_partys_feed_is_for_its_members(house, program, visitor):
    house.goes_wrong("access.forced-open", "b5/north-gate")
    assert "强行开门" in program.get("/feeds/example/parties/property.atom").text
    assert program.get("/feeds/example/parties/lifts.atom").status_code == 404
    assert visitor.get("/feeds/example/parties/property.atom").status_code == 401


def test_who_has_seen_it_is_not_told_again(house, visitor):
    for path in ("cap.atom", "matters.atom"):
        house.goes_wrong("fire.smoke", "b1/detector-7a")
        first = visitor.get(f"/feeds/example/{path}")
        tag, since = first.headers["etag"], first.headers["last-modified"]
        for headers in ({"if-none-match": tag}, {"if-none-match": f'"x", {tag}'}, {"if-modified-since": since}):
            seen = visitor.get(f"/feeds/example/{path}", headers=headers)
            assert (seen.status_code, seen.content, seen.headers["etag"]) == (304, b"", tag)
        long_ago = format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)
        stale = [{"if-none-match": '"x"', "if-modified-since": since}, {"if-modified-since": long_ago}]
        for headers in [*stale, {"if-modified-since": "nonsense"}]:
            assert visitor.get(f"/feeds/example/{path}", headers=headers).status_code == 200
        house.clock.pass_by(timedelta(minutes=5))
        house.goes_wrong("lift.entrapment", "b3/lift-2")
        assert visitor.get(f"/feeds/example/{path}", headers={"if-none-match": tag}).status_code == 200


def linked(page, within):
    """What a section of a page links to."""
    section = re.search(rf"<(section|details)[^>]*{within}[^>]*>.*?</\1>", page, re.DOTALL)
    assert section, within
    return [html.unescape(link) for link in re.findall(r'href="([^"]+)"', section[0])]


def test_every_feed_that_is_public_is_found_on_the_public_page_and_answers(house, visitor):
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    assert "/feeds/example/ledger.atom" not in visitor.get("/public/example").text, "no head is published yet"
    PublishHeads(house.units, house.clock)()
    links = linked(visitor.get("/public/example").text, 'id="feeds"')
    assert {"/feeds/example/cap.atom", "/feeds/example/matters.atom", "/feeds/example/ledger.atom"} <= set(links)
    assert [one for one in links if "/buildings/" in one] == [f"/feeds/example/buildings/b{n}.atom" for n in (1, 3, 5)]
    for link in links:
        answer = visitor.get(link)
        assert answer.status_code == 200, link
        assert "html" not in answer.headers["content-type"], link


@pytest.mark.parametrize(("path", "within"), [("/", "board-feeds"), ("/account", 'id="feeds"')])
def test_a_partys_feed_and_files_are_found_on_board_and_account(house, manager, path, within):
    links = linked(manager.get(path).text, within)
    assert "/feeds/example/parties/property.atom" in links
    files = {one.partition("?")[0].rpartition("/")[2] for one in links if one.startswith("/api/v1/exports/")}
    assert files == {"incidents", "tasks", "alerts"}
    for link in links:
        assert manager.get(link).status_code == 200, link
    manager.cookies.set("tocsin_session", house.session_of("tenant"))
    assert "/exports/" not in manager.get("/account").text


def test_names_that_are_no_xml_spoil_no_feed(tmp_path):
    from tests.integration.cloud_web.serving import served

    nasty = Names("坏\x00<名>&\x0b", "bad\x1b</name>&")
    with built_in(tmp_path, names={"estate": nasty, "b1/detector-7a": nasty}) as house, served(house) as address:
        import httpx

        with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
            house.goes_wrong("fire.smoke", "b1/detector-7a")
            (alert,) = messages(client)
            assert text(alert, "info/senderName") == "坏<名>&"
            ET.fromstring(client.get("/feeds/example/matters.atom").text)
