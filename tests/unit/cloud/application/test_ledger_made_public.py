"""The ledger leaves the house: exported whole, its head published hourly and kept, and never over a broken chain."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.application.ledger.export_ledger import ExportLedger
from cloud.application.ledger.publish_heads import AskHeads, PublishHeads
from cloud.domain.records.examination import PublishedAs, examine
from cloud.domain.records.ledger_chain import digest_of
from cloud.errors import Invalid, NotFound
from tests.fakes.estate import ESTATE
from tests.unit.cloud.application.test_personal_data import viewer


@pytest.fixture
def busy(scene):
    for n in range(4):
        scene.rings("access.forced-open", f"b1/door-{n}")
    return scene


def rewritten(scene, seq):
    """Somebody changes an entry in the storage and mends its hash."""
    entries = scene.units.memory.ledger[ESTATE]
    forged = replace(entries[seq - 1], actor="member:nobody", hash="")
    entries[seq - 1] = replace(forged, hash=digest_of(forged))


def test_an_export_is_the_whole_ledger_and_fits(busy):
    export = ExportLedger(busy.units, busy.clock)(ESTATE, None)
    done = examine(list(export.lines))
    assert done.finding is None
    assert done.checked == export.entries == len(busy.ledger())
    assert done.head.hash == busy.ledger()[-1].hash


def test_what_happens_while_it_is_read_is_not_in_it(busy):
    export = ExportLedger(busy.units, busy.clock)(ESTATE, None)
    busy.rings("fire.smoke", "b1/smoke-1")
    assert examine(list(export.lines)).checked == export.header.last < len(busy.ledger())


def test_a_part_of_it_says_where_it_begins(busy):
    part = ExportLedger(busy.units, busy.clock)(ESTATE, None, since=3, until=7)
    assert (part.header.first, part.header.last, part.entries) == (4, 7, 4)
    assert examine(list(part.lines)).finding is None
    empty = ExportLedger(busy.units, busy.clock)(ESTATE, None, since=3, until=3)
    assert examine(list(empty.lines)).checked == 0


def test_a_range_that_is_not_there_and_another_estate_are_refused(busy):
    export = ExportLedger(busy.units, busy.clock)
    for since, until in ((9, 3), (0, 10_000)):
        with pytest.raises(Invalid, match="head"):
            export(ESTATE, None, since=since, until=until)
    with pytest.raises(NotFound):
        export(ESTATE, viewer(estates=("other",)))
    with pytest.raises(NotFound):
        export("nowhere", None)


def test_a_head_is_published_at_once_then_hourly_where_something_happened_and_kept(busy):
    publish, ask = PublishHeads(busy.units, busy.clock), AskHeads(busy.units)
    assert ask.newest(ESTATE) is None
    with pytest.raises(NotFound):
        ask(ESTATE)
    assert publish() == [ESTATE]
    first = ask.newest(ESTATE)
    assert (first.seq, first.hash) == (busy.ledger()[-1].seq, busy.ledger()[-1].hash)
    busy.rings("fire.smoke", "b1/smoke-1")
    busy.clock.advance(minutes=59)
    assert publish() == []
    busy.clock.advance(minutes=1)
    assert publish() == [ESTATE]
    busy.clock.advance(hours=5)
    assert publish() == [], "nothing happened since"
    assert [head.seq for head in ask(ESTATE, 9)] == [busy.ledger()[-1].seq, first.seq]
    assert ask(ESTATE, 9, before=first.seq) == []


def test_any_head_ever_published_holds_a_later_export_to_account(busy):
    PublishHeads(busy.units, busy.clock)()
    noted = AskHeads(busy.units).newest(ESTATE)
    busy.rings("fire.smoke", "b1/smoke-1")
    export = ExportLedger(busy.units, busy.clock)
    assert examine(list(export(ESTATE, None).lines), PublishedAs(noted.hash, noted.seq)).finding is None


@pytest.mark.parametrize("seq", [2, 5])
def test_nothing_is_published_over_a_chain_that_does_not_verify(busy, seq):
    rewritten(busy, seq)
    with pytest.raises(Invalid, match=f"entry {seq + 1} does not continue"):
        PublishHeads(busy.units, busy.clock)()
    assert AskHeads(busy.units).newest(ESTATE) is None


def test_a_published_entry_that_was_written_anew_is_noticed_by_the_program_itself(busy):
    publish = PublishHeads(busy.units, busy.clock)
    publish()
    rewritten(busy, busy.ledger()[-1].seq)
    busy.rings("fire.smoke", "b1/smoke-1")
    busy.clock.advance(hours=1)
    with pytest.raises(Invalid, match="not the one whose head was published"):
        publish()


def test_an_estates_own_clock_decides_and_not_the_loops(busy):
    PublishHeads(busy.units, busy.clock, timedelta(minutes=1))()
    busy.rings("fire.smoke", "b1/smoke-1")
    busy.clock.advance(minutes=1)
    assert PublishHeads(busy.units, busy.clock, timedelta(minutes=1))() == [ESTATE]
