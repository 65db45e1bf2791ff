"""An owners' committee gives the roll and the terms on a page, and a ballot can begin."""

from __future__ import annotations

import html
import re
from fractions import Fraction

import pytest

from cloud.domain.consultation.majorities import Share
from cloud.domain.consultation.proposal import MatterKind
from tests.integration.cloud_web.test_consultation import a_topic, interface, people, signed_in, time_passes  # noqa: F401 - fixtures
from tests.integration.cloud_web.test_hostile_strings import HOSTILE, Elements

ROLL = "unit,owner,area_m2,member\nb1-101,o1,100.00,owner-1\nb1-102,o1,50.5,\nb1-201,o2,88.25,owner-2\n"


@pytest.fixture
def chair(visitor, house, people):  # noqa: F811 - the fixture that is imported
    visitor.cookies.set("tocsin_session", house.session_of("chair"))
    return visitor


def gives(client, table: str | bytes, do: str = "take"):
    files = {"file": ("名册.csv", table, "text/csv")}
    return client.post("/consultation/roll", params={"lang": "en"}, files=files, data={"do": do})


def standing(house) -> dict[str, str]:
    with house.units.reading() as uow:
        return {one.id: str(one.area) for one in uow.consultation.roll.of("example")}


def test_the_roll_is_tried_first_and_then_taken_whole(house, chair):
    assert "no ballot can begin" in chair.get("/consultation?lang=en").text
    tried = gives(chair, ROLL, "try").text
    assert "2 owners of 3 units, 238.75 m²; 2 of them sign in" in tried
    assert standing(house) == {}
    assert "Imported." in gives(chair, ROLL).text
    assert standing(house) == {"o1": "150.50", "o2": "88.25"}
    assert "2 owners, 238.75 m²" in chair.get("/consultation?lang=en").text
    assert "consultation.roll-kept" in {str(entry.kind) for entry in house.ledger()}


def test_as_a_spreadsheet_in_china_saves_it(house, chair):
    table = "房号;业主编号;专有面积;成员\nb1-101;o1;100;owner-1\n".encode("gb18030")
    assert gives(chair, table).status_code == 200
    assert standing(house) == {"o1": "100"}


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ("unit,owner,area_m2\na,o1,-3\n", "line 2, column area_m2"),
        ("unit,owner,area_m2\na,o1,1\n\na,o2,2\n", "line 4, column unit: unit 'a' stands in line 2 already"),
        ("unit,owner\na,o1\n", "column area_m2"),
        ("unit,owner,area_m2,member\na,o1,1,nobody\n", "line 2, column member: nobody here is 'nobody'"),
        ("unit,owner,area_m2,member\na,o1,1,owner-1\nb,o2,1,owner-1\n", "line 3, column member: member 'owner-1'"),
        ("unit,owner,area_m2,member\na,o1,1,owner-1\nb,o1,1,owner-2\n", "line 3, column member: owner 'o1'"),
        ("unit,owner,area_m2\n", "no unit stands in it"),
        ("unit,owner,area_m2\na,o1,1,beyond\n", "line 2, column 4"),
        ("", "line 1"),
    ],
)
def test_what_is_wrong_is_said_by_line_and_nothing_is_taken(house, chair, table, fault):
    gives(chair, ROLL)
    before = standing(house)
    refused = gives(chair, table)
    assert refused.status_code == 422
    assert fault.replace("'", "&#39;") in refused.text
    assert standing(house) == before
    zh = chair.post("/consultation/roll?lang=zh", files={"file": ("r.csv", table)}, data={"do": "take"}).text
    assert "line 2" not in zh


def test_the_terms_are_set_by_a_form_and_not_over_somebody_elses(house, chair):
    page = chair.get("/consultation").text
    form = dict(re.findall(r'name="(\w+)"[^>]* value="([^"]*)"', page)) | {"rule": "one-member-one-vote"}
    form["seen"] = form["seen"].replace("&#34;", '"')
    form |= {"petition_signatures": "25", "rise_factor": "3/2"}
    assert chair.post("/consultation/terms", data=form, follow_redirects=False).status_code == 303
    with house.units.reading() as uow:
        kept = uow.consultation.terms.of("example")
    assert (kept.rule.id, kept.petition_signatures, str(kept.thresholds.rise_factor)) == (
        "one-member-one-vote",
        25,
        "3/2",
    )
    assert chair.post("/consultation/terms", data=form | {"petition_signatures": "3"}).status_code == 412
    wrong = chair.post("/consultation/terms", data=form | {"rule": "mine"}, headers={})
    assert wrong.status_code in {400, 409, 412, 422}


def terms_form(client) -> dict[str, object]:
    """What stands in the form, but for ticks."""
    page = client.get("/consultation").text
    form = dict(re.findall(r'name="(\w+)"(?! value="\w+" checked)[^>]* value="([^"]*)"', page))
    return {
        key: html.unescape(value) for key, value in form.items() if key not in {"own_special", "own_early", "own_than"}
    }


OWN = {
    "rule": "own", "own_zh": "一户一票", "own_en": "One household, one vote", "own_heads": "2/3", "own_area": "", "own_than": "true",
    "own_quorum_heads": "1/2", "own_quorum_area": "", "own_special": ["rebuild"], "own_special_heads": "1", "own_special_area": "",
}  # fmt: skip


def test_a_rule_of_their_own_is_given_on_the_page_and_stands_there_afterwards(house, chair):
    assert chair.post("/consultation/terms", data=terms_form(chair) | OWN, follow_redirects=False).status_code == 303
    with house.units.reading() as uow:
        rule = uow.consultation.terms.of("example").rule
    assert (rule.names.zh, rule.majority) == ("一户一票", Share(Fraction(2, 3), None, inclusive=True))
    assert (rule.quorum, rule.early_close) == (Share(Fraction(1, 2), None, inclusive=True), False)
    assert dict(rule.special) == {MatterKind.REBUILD: Share(Fraction(1), None, inclusive=True)}
    page = chair.get("/consultation?lang=en").text
    assert 'value="own" selected' in page
    assert 'name="own_special" value="rebuild" checked' in page
    again = terms_form(chair) | {
        "own_special": ["rebuild"],
        "own_than": "true",
        "rule": "own",
        "petition_signatures": "7",
    }
    assert chair.post("/consultation/terms", data=again, follow_redirects=False).status_code == 303
    with house.units.reading() as uow:
        assert uow.consultation.terms.of("example").rule == rule, "what was not touched stays as it is"


def test_a_share_that_is_none_is_refused_in_the_readers_language(house, chair):
    form = terms_form(chair) | OWN
    for wrong in ({"own_heads": "", "own_area": ""}, {"own_heads": "3/2"}, {"own_special_heads": ""}):
        refused = chair.post("/consultation/terms?lang=zh", data=form | wrong)
        assert refused.status_code == 422
        assert "比例应在 0 与 1 之间" in refused.text
    with house.units.reading() as uow:
        assert uow.consultation.terms.of("example").rule.id == "civil-code-278"


def test_a_ballot_under_it_from_the_roll_to_its_end_on_pages_alone_each_by_themselves(house, interface, visitor):  # noqa: F811 - the fixture that is imported
    topic = a_topic(house, interface)

    def as_(member):
        return signed_in(house, visitor, member)

    gives(as_("chair"), ROLL)
    assert as_("chair").post("/consultation/terms", data=terms_form(visitor) | OWN).status_code in {200, 303}
    proposal = {"text": "更换门机", "matter": "ordinary", "amount": "1", "payer": "owners", "party": "lifts"}
    assert as_("owner-1").post(f"/topics/{topic}/proposals", data=proposal).status_code == 303
    assert as_("chair").post(f"/topics/{topic}/move", data={"to": "deliberating"}).status_code == 303
    made = re.search(r'name="proposal" value="([^"]+)"', visitor.get(f"/topics/{topic}").text)[1]
    assert as_("owner-1").post(f"/topics/{topic}/ballots", data={"proposal": made, "days": "7"}).status_code == 403
    assert as_("secretary").post(f"/topics/{topic}/ballots", data={"proposal": made, "days": "7"}).status_code == 303
    ballot = re.search(r'action="/ballots/([^/"]+)/votes"', as_("owner-1").get(f"/topics/{topic}").text)[1]
    for owner in ("owner-1", "owner-2"):
        assert as_(owner).post(f"/ballots/{ballot}/votes", data={"choice": "for"}).status_code == 303
    assert as_("chair").post(f"/ballots/{ballot}/votes", data={"choice": "against"}).status_code == 403
    assert as_("chair").post(f"/ballots/{ballot}/close").status_code == 409, "their rule lets nobody close it early"
    assert "一户一票" in as_("owner-1").get(f"/topics/{topic}?lang=zh").text
    time_passes(house, days=8)
    closed = as_("owner-1").get(f"/topics/{topic}?lang=en").text
    assert "carried" in closed
    assert as_("owner-1").post(f"/ballots/{ballot}/votes", data={"choice": "against"}).status_code == 409


def test_who_does_not_convene_reads_the_terms_and_no_roll(house, visitor, people):  # noqa: F811
    visitor.cookies.set("tocsin_session", house.session_of("owner-1"))
    page = visitor.get("/consultation?lang=en")
    assert (page.status_code, "<input" in page.text) == (200, False)
    assert gives(visitor, ROLL).status_code == 403
    assert standing(house) == {}


def test_a_table_that_means_harm_stays_text(chair):
    page = Elements(gives(chair, f"unit,owner,area_m2\n{HOSTILE},o1,1\n{HOSTILE},o2,1\n").text)
    assert page.scripts
    assert (page.images, page.handlers) == (0, [])
