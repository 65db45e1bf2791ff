"""A duty matrix as YAML: it reads back as it was written, and an error names line and remedy."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.adapters.estate_file.documents import BasisDocument, DutyDocument, LimitsDocument, StepDocument
from cloud.adapters.estate_file.reading import default_duties, default_matrix, read_duties, read_estate
from cloud.adapters.estate_file.sheet import YamlSheet
from cloud.adapters.estate_file.writing import write_duties
from cloud.domain.community.hours import Hours
from cloud.domain.community.names import Names
from cloud.domain.community.party import PartyKind, PartyRef, Role
from cloud.domain.community.work_calendar import Running
from cloud.domain.duties.duty import Duty, Need, PartLimits
from cloud.domain.duties.escalation import Condition, EscalationPolicy, Importance, Repeat, Step
from cloud.domain.duties.target import Narrowed, Only
from cloud.errors import Invalid
from schemas.hazards import HAZARDS, Severity

SPANS = st.integers(1, 4000).map(lambda half: timedelta(seconds=half / 2)) | st.integers(1, 90).map(
    lambda days: timedelta(days=days)
)
TIMES = st.times().map(lambda at: at.replace(microsecond=0))
REFS = st.one_of(
    st.sampled_from(list(PartyKind)).map(lambda kind: PartyRef("kind", kind.value)),
    st.sampled_from(["119", "999", "0800111999"]).map(lambda phone: PartyRef("phone", phone)),
    st.from_regex(r"[a-z][a-z0-9-]{0,9}", fullmatch=True).map(lambda id_: PartyRef("id", id_)),
)
IDS = st.from_regex(r"[a-z][a-z0-9-]{0,9}", fullmatch=True)
SOME = st.one_of(
    st.builds(
        Narrowed, st.builds(Only, st.just("role"), st.sampled_from(list(Role))), REFS.filter(lambda r: r.by != "phone")
    ),
    st.builds(Narrowed, st.builds(Only, st.sampled_from(["roster", "member"]), IDS)),
)
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)
NAMES = st.builds(Names, WORDS, WORDS)
STEPS = st.builds(
    Step,
    delay=SPANS,
    condition=st.sampled_from(list(Condition)),
    targets=st.lists(REFS | SOME, min_size=1, max_size=3).map(tuple),
    importance=st.sampled_from(list(Importance)),
    multi_ack=st.booleans(),
    call_sheet=st.booleans(),
    repeat=st.none() | st.builds(Repeat, every=SPANS, limit=st.none() | st.integers(1, 9)),
)
DUTIES = st.builds(
    Duty,
    id=st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True),
    hazards=st.lists(st.sampled_from(["*", "lift.*", "fire.detector-*", *sorted(HAZARDS)]), min_size=1, max_size=3).map(
        tuple
    ),
    leads=st.lists(REFS, min_size=1, max_size=3).map(tuple),
    tto=SPANS,
    ttr=SPANS,
    basis=NAMES,
    basis_seen=st.none() | st.booleans(),
    place_id=st.sampled_from(["", "street/community"]),
    hours=st.builds(Hours, days=st.sets(st.integers(1, 7), min_size=1).map(frozenset), start=TIMES, end=TIMES),
    supports=st.lists(REFS, max_size=2).map(tuple),
    observers=st.lists(REFS, max_size=2).map(tuple),
    arrive=st.none() | SPANS,
    arrive_outside_towns=st.none() | SPANS,
    ladder=st.builds(EscalationPolicy, st.lists(STEPS, max_size=3).map(tuple)),
    needs=st.sets(st.sampled_from(list(Need)), min_size=1).map(frozenset),
    resolve_delay=SPANS,
    pause_reasons=st.lists(WORDS, max_size=2).map(tuple),
    call_sheet=st.lists(REFS, max_size=2).map(tuple),
    severity=st.sampled_from(list(Severity)),
    running=st.sampled_from(list(Running)),
)
LIMITS = st.tuples(st.none() | SPANS, st.none() | SPANS, st.none() | SPANS)


@st.composite
def rows(draw):
    """Some of the supports have limits of their own; one that is named has at least one."""
    duty = draw(DUTIES)
    limits = [PartLimits(ref, *draw(LIMITS)) for ref in dict.fromkeys(duty.supports) if draw(st.booleans())]
    limits = [one for one in limits if (one.accept, one.arrive, one.finish) != (None, None, None)]
    return replace(duty, supports=tuple(dict.fromkeys(duty.supports)), limits=tuple(limits)) if limits else duty


GIVEN = {
    "id", "hazards", "leads", "tto", "ttr", "basis", "place_id", "hours", "supports", "observers", "arrive",
    "arrive_outside_towns", "ladder", "needs",
    "resolve_delay", "pause_reasons", "call_sheet", "severity", "running", "limits",
}  # fmt: skip


@given(st.lists(rows(), max_size=3).map(tuple))
def test_what_is_written_reads_back_as_it_was(duties):
    assert read_duties(write_duties(duties)) == duties


def test_the_round_trip_above_covers_every_key_that_a_row_may_have():
    """Whoever adds a key to the file adds it to the writer and to the test."""
    assert {field.name for field in fields(Duty)} - GIVEN == {"version", "calendar", "basis_seen"}
    assert set(BasisDocument.model_fields) == {"zh", "en", "seen"}, "basis_seen stands in the basis"
    assert {"accept", "arrive", "finish"} == set(LimitsDocument.model_fields)
    assert len(DutyDocument.model_fields) == len(GIVEN)
    assert set(StepDocument.model_fields) == {
        "after", "unless", "call", "importance", "multi_ack", "call_sheet", "every", "times",
    }  # fmt: skip


@pytest.mark.parametrize("region", ["CN", "GB"])
def test_a_countrys_matrix_answers_for_every_hazard_and_names_what_it_rests_on(region):
    duties = default_duties(region)
    for hazard in HAZARDS.values():
        ranked = [
            duty
            for duty in duties
            if any(p == hazard.id or (p[-1] == "*" and hazard.id.startswith(p[:-1])) for p in duty.hazards)
        ]
        assert ranked, f"{region}: nobody answers for {hazard.id}"
    for duty in duties:
        assert duty.basis.zh
        assert duty.basis.en
        assert duty.tto <= duty.ttr
        ours = duty.basis.zh.startswith("平台约定") and duty.basis.en.startswith("platform agreement")
        to_confirm = "请按当地规定确认" in duty.basis.zh and "confirm locally" in duty.basis.en
        assert ours or to_confirm, f"{duty.id} claims more than a default may"
    assert default_matrix(region).startswith("#")


def test_the_two_countries_differ_in_law_and_numbers():
    cn, gb = default_duties("CN"), default_duties("GB")
    numbers = {
        ref.value
        for duty in gb
        for ref in (*duty.call_sheet, *(r for s in duty.ladder.steps for r in s.targets))
        if ref.by == "phone"
    }
    assert numbers == {"999", "0800111999"}
    assert not {duty.basis.en for duty in cn} & {duty.basis.en for duty in gb} - {
        "platform agreement",
        "the person's consent (confirm locally)",
    } - {duty.basis.en for duty in cn if duty.id.startswith(("node", "duty"))}
    with pytest.raises(Invalid, match="'XX', there is one for CN, GB"):
        default_matrix("XX")


def test_an_error_names_the_line_the_row_and_the_remedy():
    text = write_duties(default_duties())
    lines = text.splitlines()
    number = next(n for n, line in enumerate(lines) if line.startswith("  tto:"))
    lines[number] = "  tto: three parsecs"
    lines.insert(number + 1, "  suports: [property_manager]")
    with pytest.raises(Invalid) as caught:
        read_duties("\n".join(lines))
    span, spelling = caught.value.problems
    assert span.startswith(
        f"line {number + 1}: [0] 'lift-entrapment'.tto: 'three parsecs' is no duration: write a number and"
    )
    assert (
        spelling
        == f"line {number + 2}: [0] 'lift-entrapment'.suports: nobody knows this key; correct its spelling or remove it"
    )


def test_what_only_the_whole_shows_to_be_wrong_is_located_too(tmp_path):
    text = write_duties(default_duties())
    line = next(n for n, row in enumerate(text.splitlines(), 1) if "id: access" in row)
    with pytest.raises(Invalid) as caught, YamlSheet().located(text):
        raise Invalid(
            "It does not hold together.", ["duty 'access': nobody leads; name a lead", "something of no place"]
        )
    assert caught.value.problems == (f"line {line}: duty 'access': nobody leads; name a lead", "something of no place")
    assert str(caught.value).count("It does not hold together.") == 1
    assert str(caught.value).count("nobody leads") == 1
    file = tmp_path / "estate.yaml"
    file.write_text(
        "estate: {id: e, place: s/e, fallback: nobody, zh: 甲, en: E}\n"
        "places:\n- {id: s, kind: street, zh: 街, en: S}\n- {id: s/e, kind: estate, zh: 甲, en: E}\n"
        "parties:\n- {id: p, kind: property_manager, zh: 物, en: P, serves: [s/f]}\n",
        encoding="utf-8",
    )
    with pytest.raises(Invalid) as caught:
        read_estate(file)
    assert any(p.startswith("line 6: party 'p': serves 's/f', which is no place") for p in caught.value.problems)
    assert any(
        p.startswith("line 1: estate 'e': fallback party 'nobody' does not exist") for p in caught.value.problems
    )


def test_a_file_that_refers_to_itself_without_end_is_refused_in_a_sentence():
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
    )
    with pytest.raises(Invalid):
        read_duties(bomb)


@given(st.text(max_size=200))
def test_whatever_is_read_is_a_matrix_or_refused(text):
    with suppress(Invalid):
        assert isinstance(read_duties(text), tuple)


def test_every_row_that_cites_a_law_says_whether_the_text_was_seen():
    """Of the Chinese matrix these were not compared with the law's own text; whoever compares one takes it off here."""
    law = [row for row in default_duties() if "Law" in row.basis.en or "art" in row.basis.en]
    assert {row.id for row in law if row.basis_seen is None} == set()
    assert {row.id for row in default_duties() if row.basis_seen is False} == {
        "lift-entrapment", "lift-upkeep", "fire", "exit-obstructed", "access", "civic-resolution",
    }  # fmt: skip
    agreed = {row.id for row in default_duties() if row.basis.en.startswith("platform agreement")}
    assert {row.id for row in default_duties() if row.basis_seen is None} >= agreed
