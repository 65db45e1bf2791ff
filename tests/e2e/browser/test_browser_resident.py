"""A resident before a broken lift: the label's code, three taps on a phone, and a page of their own; with and without a script."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import expect

from cloud.domain.tasks.task import ResolutionReason

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
WORDS = {
    "zh": ("电梯故障", "发送", "待响应", "没有解决", "一键通知责任单位", "我也遇到了"),
    "en": (
        "The lift is out of order",
        "Send",
        "Not answered yet",
        "Not solved",
        "alert those responsible",
        "This is mine too",
    ),
}


@pytest.fixture
def code(house) -> str:
    house.services.labels.make("example", house.identity("manager"))
    with house.units.reading() as uow:
        return next(one.code for one in uow.labels.of("example") if one.equipment_id == "b3/lift-2")


def photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (640, 480), "red").save(out, "JPEG")
    return out.getvalue()


def fits(page) -> None:
    """Nothing is cut off at the side of a phone. What a script-less page measures is asked of the browser, not the page."""
    wide = page.locator("body").bounding_box()["width"]
    for one in page.locator("main *:visible").all():
        box = one.bounding_box()
        assert box is None or box["x"] + box["width"] <= wide + 1, one.inner_text()


@pytest.mark.parametrize(("lang", "script"), [("zh", False), ("en", True)])
def test_three_taps_report_a_lift_with_a_photo_and_the_result_is_judged(house, opens, code, lang, script):
    fault, send, new, unsolved, _, mine = WORDS[lang]
    page = opens(None, f"/at/{code}", lang=lang, java_script_enabled=script, **PHONE)
    fits(page)
    page.get_by_role("link", name=fault).tap()
    fits(page)
    page.locator("#photo").set_input_files({"name": "lift.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    page.get_by_role("button", name=send).tap()
    expect(page).to_have_url(re.compile(r"/follow/[\w-]{40,}$"))
    expect(page.locator(".stands")).to_contain_text(new)
    fits(page)
    (task,) = house.services.queries.board("example", None).tasks
    assert len(house.services.queries.incident(task.incident_id, None).photos) == 1
    house.services.act.acknowledge(task.id, "technician")
    house.services.act.resolve(task.id, "technician", ResolutionReason.FIXED)
    page.reload()
    page.get_by_role("button", name=unsolved).tap()
    expect(page.locator(".stands")).to_contain_text(new)
    neighbour = opens(None, f"/at/{code}", lang=lang, java_script_enabled=script, **PHONE)
    neighbour.get_by_role("button", name=mine).tap()
    expect(neighbour).to_have_url(re.compile(r"/follow/"))
    assert neighbour.url != page.url
    assert len(house.services.queries.board("example", None).tasks) == 1


@pytest.mark.parametrize(("lang", "script"), [("zh", True), ("en", False)])
def test_who_finds_somebody_trapped_sees_the_number_first_and_alerts_with_one_tap(house, opens, code, lang, script):
    page = opens(None, f"/at/{code}", lang=lang, java_script_enabled=script, **PHONE)
    number = page.locator("a[href='tel:96333']")
    box = number.bounding_box()
    assert box["height"] >= 72
    assert box["y"] + box["height"] < 400, "the number is not on the first screen"
    page.get_by_role("button", name=WORDS[lang][4]).first.tap()
    expect(page).to_have_url(re.compile(r"/follow/"))
    assert page.locator("a[href='tel:96333']").bounding_box()["y"] < 200
    (task,) = house.services.queries.board("example", None).tasks
    assert (task.hazard, task.life_safety) == ("lift.entrapment", True)
