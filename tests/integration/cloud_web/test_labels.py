"""Labels on lifts and doors, what opens behind them without login, and the reporter's own page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
import segno

from cloud.application.ledger.publish_heads import PublishHeads
from cloud.domain.community.names import Names
from cloud.domain.tasks.task import ResolutionReason
from cloud.entrypoints import pace
from tests.integration.cloud_web.house import built_in
from tests.integration.cloud_web.serving import served
from tests.integration.cloud_web.test_hostile_strings import HOSTILE, Elements
from tests.integration.cloud_web.test_verification import picture, with_place


def codes(house) -> dict[str, str]:
    """Equipment → the code of its label; made where there is none."""
    house.services.labels.make("example", house.identity("manager"))
    with house.units.reading() as uow:
        return {one.equipment_id: one.code for one in uow.labels.of("example")}


def reports(visitor, code: str, **said):
    return visitor.post(f"/at/{code}", data=said, follow_redirects=False)


def only_task(house):
    (task,) = house.services.queries.board("example", None).tasks
    return task


def test_a_manager_makes_the_codes_prints_the_sheet_and_one_label(house, manager):
    before = manager.get("/codes?lang=en").text
    assert "4 lifts and doors have no code yet" in before
    assert manager.post("/codes").status_code == 303
    known = codes(house)
    sheet = manager.get("/codes?lang=en").text
    assert sheet.count("<svg") - before.count("<svg") >= len(known) == 4
    assert "have no code yet" not in sheet
    code = known["b3/lift-2"]
    printed = f"{code[:4]}-{code[4:]}"
    for text in (printed, "Lift 2", "2号梯", "3号楼", "96333", "by which you opened this page"):
        assert text in sheet
    some = manager.get("/codes", params={"building": "binhai/example/b3"}).text
    assert printed in some
    assert known["b5/north-gate"][:4] not in some
    alone = manager.get(f"/codes/{code}").text
    assert printed in alone
    assert known["b5/north-gate"][:4] not in alone
    assert manager.get("/codes/00000000").status_code == 404


def test_a_label_leads_to_the_address_that_phones_reach(tmp_path):
    with built_in(tmp_path) as house:
        code = codes(house)["b3/lift-2"]
        house.services = replace(house.services, url="https://tocsin.example")
        with served(house) as address, httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
            client.cookies.set("tocsin_session", house.session_of("engineer"))
            page = client.get(f"/codes/{code}?lang=en").text
    drawn = segno.make(f"https://tocsin.example/at/{code[:4]}-{code[4:]}", error="q", micro=False)
    assert drawn.svg_inline(scale=4, border=2, light="#fff", omitsize=True) in page
    assert "tocsin.example/at/<wbr>" in page
    assert "by which you opened this page" not in page


def test_a_code_that_is_replaced_opens_nothing_and_says_whom_to_call(house, manager):
    old = codes(house)["b3/lift-2"]
    assert manager.get(f"/at/{old}").status_code == 200
    there = manager.post(f"/codes/{old}/replace", follow_redirects=False).headers["location"]
    again = manager.post(f"/codes/{old}/replace", follow_redirects=False).headers["location"]
    assert there == again, "a second tap makes the label that was just printed worthless"
    new = codes(house)["b3/lift-2"]
    assert new != old
    gone = manager.get(f"/at/{old}?lang=en")
    assert (gone.status_code, "tel:119" in gone.text, "Lift 2" in gone.text) == (404, True, False)
    assert reports(manager, old, concern="trapped").status_code == 404
    assert manager.get(f"/at/{new[:4].lower()}-{new[4:].lower()}").status_code == 200
    kinds = [entry.kind for entry in house.ledger()]
    assert (kinds.count("label.made"), kinds.count("label.replaced")) == (4, 1)
    assert not [entry for entry in house.ledger() if new in str(entry.data) or old in str(entry.data)]


def test_what_opens_behind_a_label_is_what_everybody_may_know_of_that_spot(house, visitor):
    known = codes(house)
    house.goes_wrong("lift.door-fault", "b3/lift-2")
    house.goes_wrong("access.forced-open", "b5/north-gate")
    lift = visitor.get(f"/at/{known['b3/lift-2']}?lang=en").text
    assert "This is mine too" in lift
    assert lift.index("tel:96333") < lift.index("Known here already") < lift.index("The lift is out of order")
    gate = visitor.get(f"/at/{known['b5/north-gate']}?lang=en").text
    assert "This is mine too" not in gate, "a code tells from afar that a door stands open"
    for secret in ("Duty manager", "technician", "b3-gateway", "member:"):
        assert secret not in lift + gate


def test_who_it_goes_to_is_said_before_anything_is_sent(house, visitor):
    known = codes(house)
    first = visitor.get(f"/at/{known['b3/lift-2']}?lang=en").text
    told = re.sub(r"<[^>]+>", "", first)
    assert "It goes at once to Property office." in told
    assert "or after three minutes, also to Lift maintainer, Residents&#39; committee." in told
    page = visitor.get(f"/at/{known['b3/lift-2']}/lift-fault?lang=en").text
    assert "It goes at once to Lift maintainer, Property office." in re.sub(r"<[^>]+>", "", page)
    assert not house.services.queries.board("example", None).tasks
    assert visitor.get(f"/at/{known['b5/north-gate']}/trapped").status_code == 404
    assert visitor.get(f"/at/{known['b5/north-gate']}/nonsense").status_code == 422


def test_someone_is_trapped_is_one_tap_and_never_refused(house, visitor):
    code = codes(house)["b3/lift-2"]
    for count in range(6):
        reports(visitor, code, concern="lift-fault", words=f"it bangs, {count} times")
    refused = reports(visitor, code, concern="lift-fault", words="again")
    assert refused.status_code == 429
    assert "119" in refused.text
    sent = reports(visitor, code, concern="trapped")
    assert sent.status_code == 303
    assert [task.hazard for task in house.services.queries.board("example", None).tasks if task.life_safety]
    own = visitor.get(sent.headers["location"]).text
    assert own.index("tel:96333") < own.index("<h1")
    folded = reports(visitor, code, concern="trapped", words="still here").headers["location"]
    assert folded == f"/at/{code}?told=true"
    assert 'role="status"' in visitor.get(folded).text


def test_a_burst_of_reports_is_one_matter_and_mine_too_is_one_tap(house, visitor):
    code = codes(house)["b3/lift-2"]
    own = reports(visitor, code, concern="lift-fault").headers["location"]
    for phone in ("one", "two", "three"):
        visitor.cookies.clear()
        visitor.headers["user-agent"] = phone
        assert reports(visitor, code, concern="lift-fault").status_code == 303
    task = only_task(house)
    visitor.cookies.clear()
    visitor.headers["user-agent"] = "four"
    page = Elements(visitor.get(f"/at/{code}").text)
    assert page.scripts
    mine = reports(visitor, code, same_as=task.incident_id)
    assert mine.status_code == 303
    assert mine.headers["location"] != own
    assert only_task(house).id == task.id
    assert len(house.services.queries.incident(task.incident_id, None).reports) == 5


def test_a_report_with_a_photo_is_followed_and_judged_by_its_private_link(house, visitor):
    code = codes(house)["b5/north-gate"]
    files = {"photo": ("../x.php", with_place(), "text/html")}
    data = {"concern": "exit-obstructed", "words": "bicycles"}
    sent = visitor.post(f"/at/{code}", data=data, files=files, follow_redirects=False)
    own = sent.headers["location"]
    assert re.fullmatch(r"/follow/[\w-]{40,}", own)
    task = only_task(house)
    with house.units.reading() as uow:
        (photo,) = uow.photos.of_incidents([task.incident_id])
        tokens = [one.token_hash for one in uow.reports.of_incidents([task.incident_id])]
    assert own.removeprefix("/follow/") not in tokens
    assert (photo.by.startswith("report:"), photo.public) == (True, False)
    page = visitor.get(own, params={"lang": "en"})
    assert page.headers["cache-control"] == "no-store"
    for text in ("Fire control room", "Not answered yet", "noindex"):
        assert text in page.text
    assert "bicycles" not in page.text
    assert visitor.post(own, data={"verdict": "good"}).status_code == 409
    house.services.act.acknowledge(task.id, "controller")
    house.services.act.note(task.id, "controller", "We are on our way.", public=True)
    house.services.act.resolve(task.id, "controller", ResolutionReason.FIXED)
    done = visitor.get(own).text
    assert "We are on our way." in done
    assert "Not solved" in done
    assert visitor.post(own, data={"verdict": "returned", "words": "still there"}).status_code == 303
    back = visitor.get(own).text
    assert "reopened" in back
    assert "Not solved" not in back
    assert only_task(house).state == "new"
    assert visitor.get("/follow/something").status_code == 404


def test_a_photo_that_is_none_does_not_cost_the_report(house, visitor):
    code = codes(house)["b3/lift-2"]
    sent = visitor.post(
        f"/at/{code}", data={"concern": "lift-fault"}, files={"photo": ("a.jpg", b"<svg onload=alert(1)>")}
    )
    assert sent.status_code == 303
    assert "your photo was not" in visitor.get(sent.headers["location"] + "&lang=en").text
    own = sent.headers["location"].partition("?")[0]
    empty = visitor.post(f"/at/{code}", data={"concern": "smoke"}, files={"photo": ("", b"")})
    assert empty.status_code == 303
    # As browsers send a field for a file in which none was chosen.
    unchosen = (
        b'--x\r\nContent-Disposition: form-data; name="concern"\r\n\r\nexit-obstructed\r\n'
        b'--x\r\nContent-Disposition: form-data; name="photo"; filename=""\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n\r\n--x--\r\n"
    )
    kind = {"content-type": "multipart/form-data; boundary=x"}
    without = visitor.post(f"/at/{code}", content=unchosen, headers=kind).headers["location"]
    assert re.fullmatch(r"/follow/[\w-]+", without)
    large = visitor.post(
        f"/at/{code}", data={"concern": "exit-obstructed"}, files={"photo": ("a.jpg", b"x" * (11 * 2**20))}
    )
    assert large.headers["location"].endswith("?photo=refused")
    refused = visitor.post(f"{own}/photos", files={"photo": ("a.jpg", b"nothing")})
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert visitor.post(f"{own}/photos", files={"photo": picture()}).status_code == 303


def test_forms_behind_a_label_come_from_there(house, visitor):
    code = codes(house)["b3/lift-2"]
    own = reports(visitor, code, concern="lift-fault").headers["location"]
    visitor.headers["sec-fetch-site"] = "cross-site"
    for path in (f"/at/{code}", own, f"{own}/photos", "/codes", f"/codes/{code}/replace"):
        assert visitor.post(path, data={"concern": "trapped", "verdict": "good"}).status_code == 403


def test_codes_are_not_found_by_trying(house, visitor, monkeypatch):
    code = codes(house)["b3/lift-2"]
    monkeypatch.setattr(pace.Paced, "_take", lambda _self, _who, _most: (-1, 60))
    assert visitor.get("/at/00000000").status_code == 429
    assert reports(visitor, code, concern="trapped").status_code == 303, "whoever is trapped is not slowed down"


@pytest.fixture
def hostile(tmp_path):
    names = {name: Names(HOSTILE, HOSTILE) for name in ("b3/lift-2", "b5/north-gate", "estate")}
    with built_in(tmp_path, names=names) as house, served(house) as address:
        yield house, address


def test_wrong_codes_are_paced_by_where_they_come_from_and_a_label_that_hangs_there_never(house, visitor):
    code = codes(house)["b3/lift-2"]
    answers = [reports(visitor, "ZZZZZZZZ", concern="trapped") for _ in range(22)]
    assert [answer.status_code for answer in answers] == [404] * 20 + [429] * 2
    assert answers[-1].headers["retry-after"] == "45"
    assert '"tries";q=20;w=900' in answers[-1].headers["ratelimit-policy"]
    assert reports(visitor, code, concern="trapped").status_code == 303, "somebody may be trapped"
    with house.engine.connect() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM sign_in_tries").all())
    assert "label" in kept, "for every worker, and after a restart"
    assert "127.0.0.1" not in kept
    house.clock.pass_by(timedelta(seconds=45))
    assert reports(visitor, "ZZZZZZZZ", concern="trapped").status_code == 404


def test_nothing_that_a_resident_sends_runs_in_a_browser(hostile):
    house, address = hostile
    code = codes(house)["b3/lift-2"]
    with httpx.Client(
        base_url=address, headers={"sec-fetch-site": "same-origin", "user-agent": "x"}, trust_env=False, timeout=30
    ) as client:
        own = reports(client, code, concern="lift-fault", words=HOSTILE).headers["location"]
        task = only_task(house)
        house.services.act.acknowledge(task.id, "technician")
        house.services.act.note(task.id, "technician", HOSTILE, public=True)
        house.services.act.resolve(task.id, "technician", ResolutionReason.FIXED)
        paths = [
            own,
            f"/at/{code}",
            f"/at/{code}/lift-fault",
            f"/at/{code}?told=true&lang={HOSTILE}",
            "/public/example",
        ]
        paths += [f"/at/{HOSTILE}", f"/follow/{HOSTILE}", f"/at/{code}/{HOSTILE}", f"/public/{HOSTILE}"]
        before = {path: client.get(path) for path in paths}
        client.post(own, data={"verdict": "bad", "words": HOSTILE})
        client.cookies.set("tocsin_session", house.session_of("manager"))
        after = {
            path: client.get(path)
            for path in ("/codes", f"/codes/{code}", f"/incidents/{task.incident_id}", f"/codes?building={HOSTILE}")
        }
    for path, answer in {**before, **after}.items():
        page = Elements(answer.text)
        assert page.scripts in ([{"type": "module", "src": "/static/main.js"}], []), path
        assert (page.images, page.handlers) == (0, []), path
        assert all(one.startswith(("/", "#", "tel:")) for one in page.addresses), path
    shown = sum(answer.text.count("&lt;script&gt;") for answer in [*before.values(), *after.values()])
    assert shown > 10, "the strings were not on the pages at all"


def test_the_transparency_page_shows_everybody_what_is_theirs_to_see(house, visitor):
    known = codes(house)
    own = reports(visitor, known["b5/north-gate"], concern="exit-obstructed", words="the flat of Li").headers[
        "location"
    ]
    task = only_task(house)
    house.services.act.acknowledge(task.id, "controller")
    house.services.act.resolve(task.id, "controller", ResolutionReason.FIXED)
    visitor.post(own, data={"verdict": "good"})
    house.clock.pass_by(timedelta(minutes=1))
    house.goes_wrong("lift.door-fault", "b3/lift-2")
    house.goes_wrong("access.forced-open", "b5/north-gate")
    house.goes_wrong("welfare.no-activity", "b1/detector-7a")
    PublishHeads(house.units, house.clock)()
    page = visitor.get("/public/example", params={"lang": "en"})
    assert page.status_code == 200
    for text in (
        "Lift 2",
        "Fire control room",
        "Response",
        "1 / 1",
        "tocsin ledger verify",
        "Shapley",
        "no ballot yet",
    ):
        assert text in page.text, text
    for secret in (
        "Li",
        "welfare",
        "No sign of activity",
        "Door forced open",
        "guard",
        "controller",
        "member:",
        "report:",
    ):
        assert not re.search(rf"\b{secret}\b", page.text), secret
    assert visitor.get("/public/nowhere").status_code == 404
    assert visitor.get("/public/example", params={"lang": "zh"}).text.count("解决率") >= 2
