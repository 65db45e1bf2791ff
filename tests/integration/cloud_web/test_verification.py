"""Verification, reports, photos, exercises and maintenance as programs, residents and pages meet them."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import httpx
import pytest
from PIL import Image

from cloud.adapters import photos as shelf
from cloud.adapters.estate_file import read_estate
from cloud.adapters.photos import MAX_EDGE, PhotoShelf
from cloud.application.estates.load_estate import LoadEstate
from cloud.domain.records.ledger import Kind
from cloud.domain.tasks.task import ResolutionReason
from cloud.errors import Invalid
from deploy.example import ESTATE_FILE_GB


def picture(form: str = "JPEG", size: tuple[int, int] = (64, 48), **extra) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "red").save(out, form, **extra)
    return out.getvalue()


def with_place() -> bytes:
    """A photo as a telephone takes it: it says where, and by whom."""
    exif = Image.Exif()
    exif[0x010E] = "the flat of Li"
    exif.get_ifd(0x8825)[1] = "N"
    return picture(exif=exif)


def report(client: httpx.Client, **said) -> httpx.Response:
    body = {"estate": "example", "code": "b5/north-gate", "concern": "door-open", **said}
    return client.post("/api/v1/public/reports", json=body)


def test_a_resident_reports_follows_adds_a_photo_and_judges_without_login(house, visitor):
    spot = visitor.get("/api/v1/public/example/spots", params={"code": "b3/lift-2"}).json()
    assert spot["call"] == {"trapped": "96333", "smoke": "119"}
    given = report(visitor, words="it stands open", contact="555-0100")
    assert given.status_code == 201
    link = f"/api/v1/public/reports/{given.json()['token']}"
    view = visitor.get(link).json()
    assert (view["state"], view["verdicts"]) == ("new", [])
    assert visitor.post(link, json={"verdict": "good"}).status_code == 409
    assert visitor.post(f"{link}/photos", files={"photo": ("x.php", with_place(), "text/html")}).status_code == 201
    known = visitor.get("/api/v1/public/example/spots", params={"code": "b5/north-gate"}).json()["known"]
    assert known == [], "that a door stands open is told from afar"
    task = house.services.queries.board("example", None).tasks[0]
    house.services.act.acknowledge(task.id, "guard")
    house.services.act.resolve(task.id, "guard", ResolutionReason.FIXED)
    assert visitor.post(link, json={"verdict": "good"}).json()["state"] == "closed"
    for secret in ("555-0100", "it stands open"):
        assert secret not in str(house.services.queries.ledger_entries("example", 0, None))


def test_reports_are_throttled_by_device_never_by_lift(house, visitor):
    answers = [report(visitor, words=f"it bangs, {count} times").status_code for count in range(6)]
    assert answers == [201] * 5 + [429]
    other = report(visitor, code="b1/garage-door")
    assert other.status_code == 429
    trapped = [report(visitor, code="b3/lift-2", concern="trapped", words=words) for words in ("help", "still here")]
    assert [(one.status_code, one.json()["folded"]) for one in trapped] == [(201, False), (201, True)]
    assert trapped[0].json()["told"] == ["property"]
    visitor.headers["user-agent"] = "the same browser, updated"
    assert report(visitor).status_code == 429
    visitor.cookies.clear()
    visitor.headers["user-agent"] = "another telephone"
    assert report(visitor).status_code == 201


def test_the_desk_reports_for_a_caller(house, program):
    given = program.post("/api/v1/reports", json={"code": "b3/lift-2", "concern": "trapped", "contact": "caller"})
    assert given.status_code == 201
    shown = program.get(f"/api/v1/incidents/{given.json()['incident_id']}").json()
    assert [(one["way"], one["contact"]) for one in shown["reports"]] == [("desk", "caller")]
    assert any(line["kind"] == "report.received" for line in shown["timeline"])
    assert (given.json()["token"], given.json()["link"]) == ("", "slip")


def test_the_desk_prints_the_callers_own_link_and_hands_it_over(house, program, manager, visitor):
    given = program.post("/api/v1/reports", json={"code": "b3/lift-2", "concern": "lift-fault"}).json()
    assert "/slip" in manager.get(f"/incidents/{given['incident_id']}").text
    slip = manager.post(f"/reports/{given['report_id']}/slip", params={"lang": "zh"})
    assert (slip.status_code, slip.headers["cache-control"]) == (200, "no-store")
    assert "仅供来电人本人使用" in slip.text
    own = re.search(r"https?://[^/]+(/follow/[^<\s]+)", slip.text)[1]
    assert visitor.get(own).status_code == 200
    story = house.services.queries.incident(given["incident_id"], None).timeline
    assert [line.actor for line in story if line.kind == Kind.LINK_HANDED] != []


def test_a_photo_comes_out_as_pixels_alone_under_our_name_and_type(house, program):
    task = house.goes_wrong("fire.smoke", "b1/detector-7a")
    sent = {"photo": ("../../evil.html", with_place(), "text/html")}
    assert program.post(f"/api/v1/tasks/{task}/photos", files=sent, data={"stage": "before"}).status_code == 201
    incident = house.services.queries.task(task, None).incident_id
    (photo,) = program.get(f"/api/v1/incidents/{incident}").json()["photos"]
    got = program.get(f"/api/v1/photos/{photo['id']}")
    assert got.headers["content-type"] == "image/jpeg"
    assert got.headers["content-disposition"] == 'inline; filename="photo.jpg"'
    assert got.headers["x-content-type-options"] == "nosniff"
    with Image.open(BytesIO(got.content)) as image:
        assert not dict(image.getexif())
    assert b"Li" not in got.content


def test_a_photo_is_seen_as_notes_are_and_not_after_its_erasure(house, program, address):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    program.post(f"/api/v1/tasks/{task}/photos", files={"photo": picture()})
    incident = house.services.queries.incident(house.services.queries.task(task, None).incident_id, None)
    path = f"/api/v1/photos/{incident.photos[0].id}"
    headers = {"authorization": f"Bearer {house.api_token_of('technician')}"}
    with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30) as outside:
        assert outside.get(path).status_code == 404
    assert program.get(path).status_code == 200
    house.services.erase("example", subject="member:manager", actor="operator:test")
    assert program.get(path).status_code == 404


@pytest.mark.parametrize("raw", [b"", b"<svg onload=alert(1)>", b"\xff\xd8\xff broken", picture("GIF")])
def test_what_is_no_picture_is_refused(house, program, raw):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    refused = program.post(f"/api/v1/tasks/{task}/photos", files={"photo": ("a.jpg", raw, "image/jpeg")})
    assert refused.status_code == 422


def test_a_picture_that_would_fill_the_memory_is_refused_and_a_large_one_made_smaller(tmp_path, monkeypatch):
    files = PhotoShelf(tmp_path)
    assert max(files.launder(picture(size=(3000, 100))).width, 0) == MAX_EDGE
    monkeypatch.setattr(shelf, "MAX_PIXELS", 1000)
    with pytest.raises(Invalid, match="pixels"):
        files.launder(picture(size=(100, 100)))
    with pytest.raises(ValueError, match="digest"):
        files.read("../../etc/passwd")


def test_a_manager_plans_an_exercise_and_a_guard_does_not(house, program, visitor):
    now = house.clock.now()
    body = {
        "equipment": ["b1/detector-7a"],
        "starts_at": now.isoformat(),
        "ends_at": (now + timedelta(hours=1)).isoformat(),
    }
    planned = program.post("/api/v1/estates/example/exercises", json=body)
    assert planned.status_code == 201
    task = house.services.queries.task(house.goes_wrong("fire.smoke", "b1/detector-7a"), None)
    assert task.mode == "exercise"
    turned = program.post(f"/api/v1/tasks/{task.id}/turn-real")
    assert (turned.status_code, turned.json()["task"]["mode"]) == (200, "real")
    assert program.post(f"/api/v1/estates/example/exercises/{planned.json()['id']}/end").status_code == 200
    visitor.cookies.set("tocsin_session", house.session_of("guard"))
    assert visitor.post("/api/v1/estates/example/exercises", json=body).status_code == 403


def test_a_maintainer_opens_and_ends_a_window_for_its_lifts(house, visitor):
    now = house.clock.now()
    body = {"starts_at": now.isoformat(), "ends_at": (now + timedelta(hours=1)).isoformat(), "reason": "repair"}
    visitor.cookies.set("tocsin_session", house.session_of("technician"))
    address = "/api/v1/estates/example/maintenance-windows"
    assert visitor.post(address, json={**body, "equipment": ["b5/north-gate"]}).status_code == 403
    opened = visitor.post(address, json={**body, "equipment": ["b3/lift-2"]})
    assert opened.status_code == 201
    assert visitor.post(f"{address}/{opened.json()['id']}/end").status_code == 200
    assert visitor.get(address).json()[0]["ended_at"] is not None


def test_the_incident_page_offers_the_photo_form_and_shows_the_photo(house, manager):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    incident = house.services.queries.task(task, None).incident_id
    assert 'enctype="multipart/form-data"' in manager.get(f"/incidents/{incident}").text
    posted = manager.post(
        f"/tasks/{task}/photos",
        files={"photo": picture("PNG")},
        data={"stage": "after", "back": f"/incidents/{incident}"},
    )
    assert posted.status_code == 303
    assert "/api/v1/photos/" in manager.get(f"/incidents/{incident}").text


def test_who_has_not_signed_in_reads_the_numbers_of_the_countries_served(house, visitor):
    page = visitor.get("/sign-in").text
    for number in ("119", "120", "110", "96333"):
        assert f'<a href="tel:{number}">{number}</a>' in page
    LoadEstate(house.units, house.services.clock)(read_estate(ESTATE_FILE_GB))
    page = visitor.get("/sign-in").text
    assert '<a href="tel:999">999</a>' in page
    assert "119 / 999" in page
    assert "119 / 999" in visitor.get("/nowhere").text, "as it was known last: what is broken may be the database"
