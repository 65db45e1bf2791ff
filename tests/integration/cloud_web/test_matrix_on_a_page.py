"""The matrix is edited as a text: checked, compared, tried on past incidents, and only then put in force."""

from __future__ import annotations

import html
import re

import pytest

PAGE = "/duties/matrix"
EN = {"lang": "en"}


def in_force(house):
    return house.services.duties.export("example")


def slower(house) -> str:
    """Doors have 20 minutes instead of 10."""
    text = in_force(house).text
    assert text.count("tto: 10 min") == 1
    return text.replace("tto: 10 min", "tto: 20 min")


def test_what_would_change_is_shown_with_past_incidents_before_it_is_saved(house, manager):
    house.goes_wrong("access.forced-open", "b5/north-gate")
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    before, text = in_force(house), slower(house)
    shown = manager.post(f"{PAGE}/check", params=EN, data={"text": text, "days": "30"})
    assert shown.status_code == 200, shown.text
    assert "1 of 2 incidents would have been answered otherwise" in shown.text
    assert re.search(r'<tr class="removed">.*tto: 10 min', shown.text)
    assert re.search(r'<tr class="added">.*tto: 20 min', shown.text)
    assert "Put it in force as version 5" in shown.text
    assert 'changed: Doors and gates <span class="quiet mono">doors</span>' in shown.text
    chinese = manager.post(f"{PAGE}/check", params={"lang": "zh"}, data={"text": text, "days": "30"})
    assert '：门禁 <span class="quiet mono">doors</span>' in chinese.text
    assert in_force(house) == before
    unseen = manager.post(PAGE, params=EN, data={"text": text, "seen": str(before.version)})
    assert unseen.status_code == 409
    assert "were not replayed on past incidents" in unseen.text
    mark = re.search(r'name="replayed" value="(\w+)"', shown.text)[1]
    saved = manager.post(PAGE, data={"text": text, "seen": str(before.version), "replayed": mark})
    assert (saved.status_code, saved.headers["location"]) == (303, PAGE)
    assert (in_force(house).version, in_force(house).text) == (before.version + 1, text)
    assert "Version 5 is in force" in manager.get(PAGE, params=EN).text


def test_somebody_else_who_would_lead_and_nobody_are_said_in_words(house, manager):
    house.goes_wrong("access.forced-open", "b5/north-gate")
    text = in_force(house).text
    other = re.sub(r"(- id: doors\n(?:  .*\n)*?  lead: )\[property_manager\]", r"\1[fire_control_room]", text)
    assert other != text
    shown = manager.post(f"{PAGE}/check", params=EN, data={"text": other}).text
    assert "Somebody else would lead" in shown
    without = re.sub(r"- id: doors\n(?:  .*\n|\n)*", "", text)
    assert (
        "whoever answers for the estate would lead"
        in manager.post(f"{PAGE}/check", params=EN, data={"text": without}).text
    )


@pytest.mark.parametrize(
    ("broken", "said", "zh"),
    [
        (("ttr:", "tttr:"), r"line \d+: .*nobody knows this key", r"第 \d+ 行"),
        (("- id: doors", "- id: [doors"), r"line \d+: .*look at indentation", r"请检查此处的缩进"),
        (("lead: [lift_maintainer]", "lead: [volunteer_team]"), r"line \d+: .*never leads", r"第 \d+ 行"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line_and_what_was_typed_stays(house, manager, broken, said, zh):
    before, text = in_force(house), in_force(house).text.replace(*broken, 1)
    assert text != before.text
    for address, data in ((f"{PAGE}/check", {}), (PAGE, {"seen": str(before.version)})):
        refused = manager.post(address, params=EN, data={"text": text, **data})
        assert refused.status_code == 422
        assert re.search(said, html.unescape(refused.text))
        assert broken[1] in html.unescape(refused.text)
    assert re.search(zh, manager.post(f"{PAGE}/check", params={"lang": "zh"}, data={"text": text}).text)
    assert in_force(house) == before


def test_who_was_slower_keeps_their_text_and_is_told(house, manager):
    text = slower(house)
    seen = str(in_force(house).version)
    assert manager.post(PAGE, data={"text": text, "seen": seen, "replayed": "none"}).status_code == 303
    late = manager.post(PAGE, params=EN, data={"text": text.replace("20 min", "25 min"), "seen": seen})
    assert late.status_code == 409
    assert "has changed since you saw it" in late.text
    assert "25 min" in late.text


def test_a_text_that_says_the_same_offers_nothing_to_save(house, manager):
    text = in_force(house).text + "\n# a note of mine\n"
    shown = manager.post(f"{PAGE}/check", params=EN, data={"text": text}).text
    assert "the text is the same" in shown
    assert "Put it in force" not in shown


def test_who_may_not_reads_it_and_changes_nothing(house, visitor):
    visitor.cookies.set("tocsin_session", house.session_of("technician"))
    page = visitor.get(PAGE, params=EN).text
    assert "readonly" in page
    assert "/duties/matrix/check" not in page
    text = slower(house)
    assert visitor.post(f"{PAGE}/check", data={"text": text}).status_code == 403
    assert visitor.post(PAGE, data={"text": text, "seen": "4"}).status_code == 403


def test_another_language_after_a_check_leads_back_to_the_text(manager):
    back = manager.get(f"{PAGE}/check", params=EN)
    assert (back.status_code, back.headers["location"]) == (303, PAGE)


def with_ladder(house, called) -> str:
    """Doors are called on to these."""
    step = f"  ladder:\n  - {{after: 10 min, unless: acknowledged, call: [{called}]}}\n  basis:"
    text = in_force(house).text
    changed = re.sub(r"(- id: doors\n(?:  .*\n)*?)  basis:", lambda found: found[1] + step, text)
    assert changed != text
    return changed


def test_whom_of_a_party_a_changed_ladder_would_have_called_is_said_in_words(house, manager):
    house.goes_wrong("access.forced-open", "b5/north-gate")
    text = with_ladder(house, "party:property/manager, member:guard")
    for language, said in (("en", "Property office (manager), Duty guard"), ("zh", "物业服务中心 (负责人)、值班保安")):
        shown = manager.post(f"{PAGE}/check", params={"lang": language}, data={"text": text})
        assert shown.status_code == 200, shown.text
        assert said in re.sub(r"\s+", " ", html.unescape(shown.text))


@pytest.mark.parametrize(
    ("called", "en", "zh"),
    [
        (
            "roster:nights",
            "roster:nights is no roster of this estate; make it",
            "本小区没有值班表 roster:nights，请先建立",
        ),
        ("member:gone", "member:gone is no member here; add them", "本小区没有成员 member:gone，请先添加或改正"),
        ("property_manager/boss", "'boss' is no role; write one of resident", "没有角色 'boss'，请写其一："),
        ("porter", "'porter' names nobody: write a kind", "未指明任何人，请写类别"),
        ("119/manager", "a number has no roles; write the number alone", "电话号码不分角色，请只写号码"),
    ],
)
def test_people_whom_there_are_not_are_told_in_both_languages(house, manager, called, en, zh):
    for language, said in (("en", en), ("zh", zh)):
        data = {"text": with_ladder(house, called)}
        refused = manager.post(f"{PAGE}/check", params={"lang": language}, data=data)
        assert refused.status_code == 422
        assert said in html.unescape(refused.text)


@pytest.mark.parametrize(("lang", "said"), [("en", "Row of the matrix: Lifts"), ("zh", "职责矩阵所依条目：电梯")])
def test_an_incident_says_by_which_row_it_went_in_words(house, manager, lang, said):
    task = house.goes_wrong("lift.door-fault", "b3/lift-2")
    incident = house.services.queries.task(task, None).incident_id
    page = manager.get(f"/incidents/{incident}", params={"lang": lang})
    assert f'{said} <span class="quiet mono">' in page.text
