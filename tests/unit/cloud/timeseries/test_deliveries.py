"""What has arrived, as other threads than the recording one read it."""

from contextlib import closing

from cloud.adapters.timeseries.journal.deliveries import JournalDeliveries
from cloud.adapters.timeseries.journal.store import Journal
from cloud.application.timeseries import Origin, SeqRange, StoredBatch, VoidRange

BOX, OTHER = Origin("estate-1", "node-1", "box-a"), Origin("estate-1", "node-1", "box-b")


def test_every_outbox_that_sent_or_explained_anything_is_named(tmp_path):
    with (
        closing(Journal(tmp_path / "readings.db")) as journal,
        closing(JournalDeliveries(tmp_path / "readings.db")) as told,
    ):
        assert told.origins() == []
        journal.record([StoredBatch(BOX, 2, b"12345678", ())], 0)
        journal.void(OTHER, 1, 3, "quota", 0)
        assert sorted(told.origins()) == [BOX, OTHER]
        assert told.stored_ranges(BOX) == [SeqRange(2, 2)]
        assert told.void_ranges(OTHER) == [VoidRange(1, 3, "quota")]
