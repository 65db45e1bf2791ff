"""When a reading was taken, whatever the node believes."""

from cloud.application.intake.reading_time import AHEAD_US, age_s, samples
from schemas.batch import Batch
from schemas.telemetry import Reading

ARRIVED = 1_795_420_900_000_000
BOOT, EARLIER = "0197a600-0000-7000-8000-0000000000b0", "0197a600-0000-7000-8000-0000000000b1"
OFFSET = ARRIVED - 1000_000_000


def reading(time=None, mono=None):
    return Reading("b1/a/x", time, mono, 1.0, None)


def placed(*readings, believed=True):
    return [(at, quality) for _, at, _, quality in samples(readings, ARRIVED, believed=believed, offset=OFFSET)]


def test_a_synchronised_clock_is_believed_to_the_microsecond():
    assert placed(reading(1_795_420_800.000001)) == [(1_795_420_800_000_001, 0)]


def test_years_late_is_no_reason_for_doubt():
    assert placed(reading(86_400.0 * 365 * 30)) == [(946_080_000_000_000, 0)]


def test_the_future_is_told_by_monotonic_time_and_marked_so_that_it_is_not_the_latest_for_years():
    ahead = (ARRIVED + AHEAD_US) / 1e6
    assert placed(reading(ahead, 990.0), reading(ahead + 0.001, 990.0), reading(ahead * 2)) == [
        (ARRIVED + AHEAD_US, 0),
        (ARRIVED - 10_000_000, 1),
        (ARRIVED, 1),
    ]


def test_without_a_clock_the_time_is_told_by_the_offset_of_the_boot_and_marked():
    # A node that believes it is 1970 read this ten seconds before it sent.
    assert placed(reading(time=12.0, mono=990.0), believed=False) == [(ARRIVED - 10_000_000, 1)]


def test_no_time_at_all_is_the_arrival():
    assert placed(reading(), believed=False) == [(ARRIVED, 1)]


def test_times_that_no_file_can_hold_are_bounded():
    (at, quality), (low, _) = placed(reading(1e300), reading(-1e300))
    assert (at, quality) == (ARRIVED, 1)
    assert low > -(2**63)


def test_the_age_of_a_batch_is_known_within_its_boot_only():
    batch = {"outbox": BOOT, "seq": 1, "sealed_mono": 990.0, "clock": "synchronised", "sent_mono": 1000.0}
    assert age_s(Batch(**batch, boot=BOOT, sent_boot=BOOT)) == 10.0
    assert age_s(Batch(**batch, boot=EARLIER, sent_boot=BOOT)) is None
