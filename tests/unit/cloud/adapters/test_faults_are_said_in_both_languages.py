"""What is wrong in files and matrices has a code and values, and each language says it whole, with the place where it stands."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from cloud.adapters.estate_file.files import Files
from cloud.adapters.estate_file.sheet import YamlSheet
from cloud.application.estates.import_estate import GivenFile
from cloud.domain.community.fault_texts import TEXTS
from cloud.domain.community.faults import Fault, fault, in_file, under
from cloud.errors import Invalid

SENTENCE = re.compile(r"[a-z]{3,} [a-z]{2,} [a-z]{2,}")
"""Three English words in a row, none of them a key, a value or a name."""


def faults_of(name: str, content: str) -> list[Fault]:
    with pytest.raises(Invalid) as refused:
        Files().read([GivenFile(name, content.encode())], "example")
    problems = list(refused.value.problems)
    assert problems
    assert all(isinstance(one, Fault) for one in problems), problems
    return problems


@pytest.mark.parametrize(
    ("name", "content", "zh"),
    [
        ("places.csv", "", "places.csv 第 1 行：请先在第一行写列名"),
        ("places.csv", "id,zh\nx,a\n", "places.csv 第 1 行 kind 列：缺少这一列"),
        ("places.csv", "id,kind,zh,height\nx,floor,a,3\n", "places.csv 第 1 行 height 列：没有这一列"),
        ("places.csv", "id,kind,kind\nx,floor,floor\n", "places.csv 第 1 行 kind 列：这一列重复"),
        ("places.csv", "id,kind,zh\nx,strt,a\n", "places.csv 第 2 行 kind 列：应为 "),
        ("places.csv", "id,kind,zh\nx,,a\n", "places.csv 第 2 行 kind 列：此单元格必填"),
        ("places.csv", "id,kind,zh\nx,floor,a,b\n", "places.csv 第 2 行 第 4 列：此单元格上方没有列名"),
        (
            "places.csv",
            "id,kind,zh\nx,floor,a\nx,floor,a\n",
            "places.csv 第 3 行 id 列：位置 'x' 已在 places.csv 第 2 行",
        ),
        ("duties.csv", "id,tto\nfire,soon\n", "duties.csv 第 2 行 tto 列：'soon' 不是时长"),
        ("duties.csv", "id,lead\nfire,nobody\n", "duties.csv 第 2 行 lead 列：'nobody' 不是单位"),
        ("equipment.csv", "id,kind,place,maintained_on\nb3/l,lift,x,soon\n", "maintained_on 列：应为日期"),
        ("strange.csv", "a,b\n1,2\n", "strange.csv：无法判断内容"),
        ("estate.yaml", "places: [\n", "YAML 格式有误"),
        ("estate.yaml", "palaces: []\n", "没有这一项，请删除或改正拼写"),
    ],
)
def test_a_fault_of_a_file_is_said_in_chinese_with_its_place(name, content, zh):
    said = faults_of(name, content)
    assert any(zh in one.of("zh") for one in said), [one.of("zh") for one in said]
    assert not any(SENTENCE.search(one.of("zh")) for one in said), [one.of("zh") for one in said]
    assert all(one.of("en") == str(one) for one in said)


@pytest.mark.parametrize(
    ("row", "zh"),
    [
        ("tto: soon", "第 3 行：[0] 'fire'.tto：'soon' 不是时长"),
        ("needs: [luck]", "第 3 行：[0] 'fire'.needs[0]：应为 "),
        ("ladder: [{after: 1 min, unless: never, call: ['119']}]", "unless：应为 'acknowledged'、"),
        ("hours: {days: [9]}", "days[0]：不得大于 7"),
        ("ttr_: 1", "ttr_：没有这一项"),
    ],
)
def test_a_fault_deep_in_a_matrix_is_said_in_chinese_with_its_line(row, zh):
    text = f"- id: fire\n  hazards: fire.smoke\n  {row}\n"
    with pytest.raises(Invalid) as refused:
        YamlSheet().read(text)
    said = [one.of("zh") for one in refused.value.problems]
    assert any(zh in one for one in said), said
    assert not any(SENTENCE.search(one) for one in said), said


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_each_sentence_names_the_same_values_in_both_languages(code):
    en, zh = ({name for _, name, _, _ in Formatter().parse(text) if name} for text in TEXTS[code])
    assert zh <= en, "a value that English does not say"
    assert en - zh <= {"what", "sort", "named", "but"}, "a value that Chinese leaves out"
    assert not SENTENCE.search(re.sub("`[^`]+`", "", TEXTS[code][1])), "Chinese that is English"


def test_a_fault_is_its_english_text_wherever_a_text_is_wanted():
    one = fault("party-twice", ("member", "guard"), party="property")
    assert one == "member 'guard': party 'property' is named twice; keep it once"
    assert (one.code, dict(one.values)) == ("party-twice", {"party": "property"})
    assert str(in_file(one, "members.csv", 4, "also")) == f"members.csv, line 4, column also: {one}"
    assert in_file(one, "members.csv", 4, "also").zh == f"members.csv 第 4 行 also 列：{one.zh}"
    assert under("as it is", "line 2: ", "第 2 行：").of("zh") == "第 2 行：as it is"


def test_what_somebody_typed_is_no_template():
    assert "{party}" in fault("party-unknown", ("member", "{x}"), party="{party}")
