"""Regulated work (lifts, fire systems …) is refused with the reason and its legal basis: every row of the published list."""

import pytest

from cloud.adapters.estate_file import default_duties, regulated_work
from cloud.errors import Invalid

LISTS = regulated_work()
LIST = LISTS.of("CN")
BRITISH = LISTS.of("GB")
CASES = [
    *[(row, capability, "anything") for row in LIST.rows for capability in sorted(row.capabilities)],
    *[(row, "time", phrase) for row in LIST.rows for phrase in row.phrases],
    *[
        (row, "time", f"请帮忙{deed}{thing}" if not thing.isascii() else f"Please {deed} the {thing}s today")
        for row in LIST.rows
        for thing in row.things
        for deed in (*LIST.deeds, *row.deeds)
        if deed.isascii() == thing.isascii()
    ],
]


@pytest.mark.parametrize("row", LIST.rows, ids=lambda row: row.id)
def test_every_row_says_what_it_is_and_on_what_law_it_rests(row):
    assert row.names.zh
    assert row.names.en
    assert "请按当地规定确认" in row.basis.zh
    assert "confirm locally" in row.basis.en
    assert row.capabilities
    assert row.things or row.phrases


def test_the_list_names_what_the_specification_names():
    assert {"lifts", "fire-systems", "gas", "electricity"} <= {row.id for row in LIST.rows}


def test_every_word_of_every_row_is_refused():
    let_through = [(row.id, capability, text) for row, capability, text in CASES if not LIST.refusing(capability, text)]
    assert let_through == []
    assert len(CASES) > 800


@pytest.mark.parametrize("row", LIST.rows, ids=lambda row: row.id)
def test_the_refusal_gives_the_reason_and_the_legal_basis_in_both_languages(row):
    with pytest.raises(Invalid) as refused:
        LIST.check(min(row.capabilities), "帮个忙")
    assert row.names.en in str(refused.value)
    assert row.names.zh in str(refused.value)
    assert refused.value.problems == (f"basis: {row.basis.en}", f"依据：{row.basis.zh}")


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("谁会修电梯？3号楼电梯坏了", "lifts"),
        ("Can somebody FIX the Elevator?", "lifts"),
        ("电梯困人，来几个人扒开电梯门", "lifts"),
        ("帮我把烟感拆下来装修", "fire-systems"),
        ("mute the smoke detector while I paint", "fire-systems"),
        ("改燃气管道", "gas"),
        ("给电动车拉电线充电", "electricity"),
        ("装修拆墙", "structure"),
        ("掏化粪池", "confined-space"),
    ],
)
def test_as_people_say_it(text, row):
    assert LIST.refusing("time", text).id == row


@pytest.mark.parametrize(
    "text",
    [
        "帮3号楼的老人把米拎到电梯口",
        "Carry shopping to the lift",
        "巡查楼道，看看消防通道有没有堵",
        "Walk the stairs and look whether the fire exits are free",
        "陪邻居去医院",
        "教老人用手机",
        "Teach English on Saturdays",
        "借梯子",
        "整理小区图书角",
        "wireless headphones to lend",
    ],
)
def test_what_anybody_may_do_is_not_refused(text):
    assert LIST.refusing("time", text) is None


@pytest.mark.parametrize("row", BRITISH.rows, ids=lambda row: row.id)
def test_another_country_refuses_by_its_own_law(row):
    assert "请按当地规定确认" in row.basis.zh
    assert "confirm locally" in row.basis.en
    chinese = {one.basis.en for one in LIST.rows}
    assert row.basis.en not in chinese
    with pytest.raises(Invalid) as refused:
        BRITISH.check(min(row.capabilities), "please help")
    assert refused.value.problems == (f"basis: {row.basis.en}", f"依据：{row.basis.zh}")


def test_what_is_regulated_in_one_country_only_is_refused_there_only():
    assert BRITISH.refusing("time", "Remove the old asbestos roof felt").id in {"asbestos", "height"}
    assert BRITISH.refusing("asbestos-removal", "a shed").id == "asbestos"
    assert LIST.refusing("asbestos-removal", "a shed") is None


def test_every_country_with_a_default_matrix_has_a_list_and_elsewhere_the_same_is_refused_for_safety():
    for region in ("CN", "GB"):
        assert default_duties(region)
        assert region in LISTS.of_country
    elsewhere = LISTS.of("DE")
    assert {row.id for row in elsewhere.rows} == {row.id for row in LIST.rows}
    with pytest.raises(Invalid) as refused:
        elsewhere.check("time", "fix the elevator")
    assert "there is no list for this country yet" in refused.value.problems[0]
