"""Nothing in the ledger can be altered, removed, added or reordered unseen."""

from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.records import codes, narrative
from cloud.domain.records.ledger import GENESIS, Draft, Entry, Head, Kind
from cloud.domain.records.ledger_chain import chain, verify
from cloud.domain.records.notification import Reason
from cloud.domain.tasks.task import ResolutionReason
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, register


def ledger(count: int) -> list[Entry]:
    drafts = [Draft(Kind.NOTE_ADDED, START, "system", "i", "s", None, {"n": n, "文": "字"}) for n in range(count)]
    return chain(ESTATE, Head(), drafts)


def test_a_whole_chain_verifies_from_its_genesis_or_from_any_head():
    entries = ledger(5)
    assert entries[0].previous == GENESIS
    assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5]
    assert verify(entries) is None
    assert verify(entries[2:], Head(2, entries[1].hash)) is None
    assert verify([]) is None


_CHANGES = st.sampled_from(
    [
        {"kind": "task.closed"},
        {"at": START + timedelta(microseconds=1)},
        {"actor": "member:x"},
        {"incident_id": None},
        {"subject": "other"},
        {"causation_id": "c"},
        {"data": {"n": -1}},
        {"hash": "f" * 64},
        {"previous": "f" * 64},
        {"seq": 99},
    ]
)


@given(st.integers(1, 8), st.data())
def test_an_altered_entry_is_found(count, data):
    entries = ledger(count)
    index = data.draw(st.integers(0, count - 1))
    entries[index] = replace(entries[index], **data.draw(_CHANGES))
    misfit = verify(entries)
    assert misfit is not None
    assert misfit.seq in {entries[index].seq, index + 1}


@given(st.integers(2, 8), st.data())
def test_a_missing_entry_is_found_unless_it_was_the_last(count, data):
    entries = ledger(count)
    del entries[data.draw(st.integers(0, count - 2))]
    assert verify(entries) is not None


@given(st.integers(2, 8), st.data())
def test_reordered_entries_are_found(count, data):
    entries = ledger(count)
    index = data.draw(st.integers(0, count - 2))
    entries[index], entries[index + 1] = entries[index + 1], entries[index]
    assert verify(entries) is not None


def test_a_chain_forged_from_the_middle_does_not_fit():
    entries = ledger(3)
    forged = chain(ESTATE, Head(1, "0" * 64), [Draft(Kind.TASK_CLOSED, START, "system")])
    misfit = verify([entries[0], *forged])
    assert misfit is not None
    assert "predecessor" in misfit.reason


def test_two_estates_do_not_share_a_chain():
    entries = ledger(2)
    assert verify([entries[0], replace(entries[1], estate="other")]).reason.startswith("belongs to estate")


def test_the_hash_does_not_depend_on_the_time_zone_a_time_is_written_in():
    entry = ledger(1)[0]
    assert verify([replace(entry, at=entry.at.astimezone(timezone(timedelta(hours=8))))]) is None


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_entry_is_told_in_both_languages(kind):
    entry = replace(
        ledger(1)[0], kind=kind, data={"hazard": "fire.smoke", "equipment": "b1/smoke-1", "party": "property"}
    )
    told = narrative.sentence(entry, register())
    assert told.zh
    assert told.en
    assert told.en != kind.value


def test_an_entry_of_a_later_version_is_told_by_its_kind():
    assert narrative.sentence(replace(ledger(1)[0], kind="vote.cast"), register()).en == "vote.cast"


@pytest.mark.parametrize(
    ("actor", "name"),
    [
        ("member:guard", "guard"),
        ("member:gone", "a member"),
        ("node:b1-node", "Node 1"),
        ("node:stray", "stray"),
        ("clock", "the clock"),
        ("system", "Tocsin"),
    ],
)
def test_who_did_it_is_told_by_name(actor, name):
    assert narrative.actor(replace(ledger(1)[0], actor=actor), register()).en == name


@pytest.mark.parametrize(
    ("kind", "data", "zh", "en"),
    [
        (
            Kind.TASK_RESOLVED,
            {"party": "property", "reason": "fixed"},
            "物业报告已处置：已修复",
            "Property says it is resolved: fixed",
        ),
        (Kind.CLOCK_BREACHED, {"clock": "tto"}, "响应时限已过", "the response limit has passed"),
        (
            Kind.ALERT_FIRED,
            {"hazard": "fire.smoke", "equipment": "b1/smoke-1"},
            "烟感1报警：烟雾报警",
            "Detector 1 raised Smoke",
        ),
        (Kind.STEP_PASSED, {"step": 2, "reason": "odd"}, "升级第 2 步：odd", "step 2 of the ladder was passed: odd"),
    ],
)
def test_codes_are_told_as_words(kind, data, zh, en):
    told = narrative.sentence(replace(ledger(1)[0], kind=kind, data=data), register())
    assert (told.zh, told.en) == (zh, en)


def test_every_reason_has_words():
    said = [*ResolutionReason, *Reason]
    assert [code for code in said if code.value not in codes.WORDS] == []
