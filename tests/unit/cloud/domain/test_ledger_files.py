"""An export that anybody can check: whatever is done to the file, the first entry that does not fit is named."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.records.examination import Fault, PublishedAs, examine, published_as
from cloud.domain.records.ledger import Draft, Entry, Head, Kind
from cloud.domain.records.ledger_chain import chain, digest_of
from cloud.domain.records.ledger_file import entry_line, header_of, lines, read_entry
from tests.fakes.clocks import START

ENTRIES = chain(
    "example",
    Head(),
    [
        Draft(
            list(Kind)[n % len(Kind)], START + timedelta(seconds=n), f"member:m{n % 3}", f"i{n % 4}", f"s{n}", None,
            {"party": "物业", "count": n, "share": n / 7, "checks": ["sensor", None, True]},
        )
        for n in range(12)
    ],
)  # fmt: skip
HEAD = Head(ENTRIES[-1].seq, ENTRIES[-1].hash)
FILE = list(lines(header_of("example", Head(), HEAD, START), ENTRIES))
PUBLISHED = PublishedAs(HEAD.hash, HEAD.seq)

places = st.integers(1, len(ENTRIES))


def first_misfit(file):
    finding = examine(file, PUBLISHED).finding
    assert finding is not None
    assert finding.reason
    assert finding.remedy
    return finding


def test_a_file_as_it_was_exported_fits():
    done = examine(FILE, PUBLISHED)
    assert (done.finding, done.checked, done.head) == (None, 12, HEAD)


def test_a_later_part_fits_from_where_it_begins():
    begins = Head(ENTRIES[3].seq, ENTRIES[3].hash)
    assert examine(lines(header_of("example", begins, HEAD, START), ENTRIES[4:]), PUBLISHED).finding is None


@given(data=st.data(), seq=places)
def test_any_single_bit_that_is_flipped_in_an_entry_is_found_at_that_entry(data, seq):
    raw = bytearray(FILE[seq].encode().removesuffix(b"\n"))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    text = raw.decode(errors="replace")
    flipped = [*FILE[:seq], text + "\n", *FILE[seq + 1 :]]
    finding = first_misfit(flipped)
    assert (finding.seq, finding.line, finding.fault) == (seq, seq + 1, Fault.TAMPERED)


@given(data=st.data())
def test_any_single_bit_that_is_flipped_in_the_header_is_found_or_says_nothing_of_the_chain(data):
    raw = bytearray(FILE[0].encode().removesuffix(b"\n"))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    text = raw.decode(errors="replace")
    finding = examine([text + "\n", *FILE[1:]], PUBLISHED).finding
    about = json.loads(FILE[0])["exported_at"]
    start = FILE[0].index(about)
    outside = not start <= bit // 8 < start + len(about)
    assert finding is not None or not outside


@given(
    seq=places, field=st.sampled_from(sorted(json.loads(FILE[1]))), value=st.one_of(st.text(), st.integers(), st.none())
)
def test_any_field_that_is_written_over_is_found_at_that_entry(seq, field, value):
    body = json.loads(FILE[seq])
    if body[field] == value:
        return
    body[field] = value
    line = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    finding = first_misfit([*FILE[:seq], line + "\n", *FILE[seq + 1 :]])
    assert (finding.seq, finding.fault) == (seq, Fault.TAMPERED)


@given(seq=places)
def test_a_deleted_entry_is_missing(seq):
    finding = first_misfit(FILE[:seq] + FILE[seq + 1 :])
    assert finding.seq == seq
    assert finding.fault is (Fault.TRUNCATED if seq == len(ENTRIES) else Fault.MISSING)


@given(first=places, second=places)
def test_swapped_entries_are_out_of_order_at_the_first_of_them(first, second):
    if first == second:
        return
    file = list(FILE)
    file[first], file[second] = file[second], file[first]
    finding = first_misfit(file)
    assert (finding.seq, finding.fault) == (min(first, second), Fault.REORDERED)


@given(seq=places, where=places)
def test_an_entry_that_stands_twice_is_named(seq, where):
    file = list(FILE)
    file.insert(where + 1, FILE[seq])
    finding = first_misfit(file)
    if where + 1 < seq:
        assert (finding.seq, finding.fault) == (where + 1, Fault.REORDERED)
    else:
        assert (finding.seq, finding.fault) == (seq, Fault.DUPLICATED)


@given(kept=st.integers(0, len(ENTRIES) - 1))
def test_a_file_cut_off_is_found_by_its_header_and_one_with_a_new_header_by_the_published_head(kept):
    assert first_misfit(FILE[: kept + 1]).seq == kept + 1
    ends = Head(kept, ENTRIES[kept - 1].hash) if kept else Head()
    shorter = list(lines(header_of("example", Head(), ends, START), ENTRIES[:kept]))
    assert examine(shorter).finding is None, "it is a whole chain: only the published head tells"
    finding = first_misfit(shorter)
    assert (finding.seq, finding.fault) == (kept + 1, Fault.TRUNCATED)


@given(seq=places)
def test_a_chain_that_was_written_anew_from_an_entry_on_contradicts_the_published_head(seq):
    forged = list(ENTRIES[: seq - 1])
    for old in ENTRIES[seq - 1 :]:
        previous = forged[-1].hash if forged else old.previous
        new = replace(old, actor="member:m9", previous=previous, hash="")
        forged.append(replace(new, hash=digest_of(new)))
    file = list(lines(header_of("example", Head(), Head(12, forged[-1].hash), START), forged))
    assert examine(file).finding is None
    assert first_misfit(file).fault is Fault.HEAD
    by_hash = examine(file, PublishedAs(HEAD.hash)).finding
    assert by_hash is not None
    assert by_hash.fault is Fault.HEAD


def test_a_file_of_the_first_entry_on_follows_nothing_whatever_its_header_says():
    """Whoever cut off what came before and wrote the rest anew would have a chain that holds in itself."""
    forged: list[Entry] = []
    for number, old in enumerate(ENTRIES[4:], 1):
        previous = forged[-1].hash if forged else old.previous
        new = replace(old, seq=number, previous=previous, hash="")
        forged.append(replace(new, hash=digest_of(new)))
    header = replace(header_of("example", Head(), Head(len(forged), forged[-1].hash), START), previous=ENTRIES[3].hash)
    finding = examine(lines(header, forged)).finding
    assert finding is not None
    assert "something came before the first entry" in finding.reason


@given(seq=st.integers(1, len(ENTRIES) - 1))
def test_one_entry_written_anew_breaks_the_chain_at_the_next(seq):
    new = replace(ENTRIES[seq - 1], actor="member:m9", hash="")
    file = list(FILE)
    file[seq] = entry_line(replace(new, hash=digest_of(new))) + "\n"
    finding = first_misfit(file)
    assert (finding.seq, finding.fault) == (seq + 1, Fault.REPLACED)
    assert str(seq) in finding.reason


def test_another_estates_entry_is_foreign_and_more_than_the_header_says_is_excess():
    other = chain("other", Head(), [Draft(Kind.NODE_BORN, START, "system")])[0]
    assert first_misfit([FILE[0], entry_line(other), *FILE[2:]]).fault is Fault.FOREIGN
    more = chain("example", HEAD, [Draft(Kind.NODE_BORN, START, "system")])[0]
    assert first_misfit([*FILE, entry_line(more)]).fault is Fault.EXCESS


@pytest.mark.parametrize(
    "first", ["", "[]", "{}", "nonsense", '{"format":"tocsin-ledger/2"}', '{"format":"tocsin-ledger/1"}', "[" * 100_000]
)
def test_what_is_no_export_is_said_to_be_none(first):
    assert first_misfit([first, *FILE[1:]]).fault is Fault.HEADER
    assert examine([]).finding.fault is Fault.HEADER


def test_a_head_before_the_file_begins_cannot_be_compared():
    begins = Head(ENTRIES[3].seq, ENTRIES[3].hash)
    file = list(lines(header_of("example", begins, HEAD, START), ENTRIES[4:]))
    finding = examine(file, PublishedAs(ENTRIES[1].hash, 2)).finding
    assert finding.fault is Fault.HEAD
    assert "from the beginning" in finding.reason


def test_progress_is_told():
    seen = []
    examine(FILE, step=lambda count, header: seen.append((count, header.last)))
    assert seen[-1] == (12, 12)


def test_an_entry_is_read_back_as_it_was_written():
    assert [read_entry(entry_line(entry)) for entry in ENTRIES] == ENTRIES


def test_a_head_is_given_as_it_is_printed():
    assert published_as(f" 12:{HEAD.hash.upper()}\n") == PUBLISHED
    assert published_as(HEAD.hash) == PublishedAs(HEAD.hash)
    for wrong in ("", "12", "x:" + HEAD.hash, HEAD.hash[:-1], "12:" + "g" * 64):
        with pytest.raises(ValueError, match="is no head"):
            published_as(wrong)
