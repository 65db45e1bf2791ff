"""When a reading was taken, whatever the node believes."""

from cloud.application.reading_time import AHEAD_US, BootOffsets, age_s, samples
from schemas.batch import Batch
from schemas.telemetry import Reading

ARRIVED = 1_795_420_900_000_000
BOOT, EARLIER = "0197a600-0000-7000-8000-0000000000b0", "0197a600-0000-7000-8000-0000000000b1"


def batch(clock="synchronised", sent_mono=1000.0, boot=BOOT, sealed_mono=990.0):
    return Batch(
        outbox=BOOT, boot=boot, seq=1, sealed_mono=sealed_mono, clock=clock, sent_mono=sent_mono, sent_boot=BOOT
    )


def reading(time=None, mono=None):
    return Reading("b1/a/x", time, mono, 1.0, None)


def placed(batch_, *readings_, offsets=None):
    return [(at, quality) for _, at, _, quality in samples(batch_, readings_, ARRIVED, offsets or BootOffsets())]


def test_a_synchronised_clock_is_believed_to_the_microsecond():
    assert placed(batch(), reading(1_795_420_800.000001)) == [(1_795_420_800_000_001, 0)]


def test_years_late_is_no_reason_for_doubt_and_the_future_is():
    assert placed(batch(), reading(86_400.0 * 365 * 30)) == [(946_080_000_000_000, 0)]
    ahead = (ARRIVED + AHEAD_US) / 1e6
    assert placed(batch(), reading(ahead), reading(ahead + 0.001)) == [
        (ARRIVED + AHEAD_US, 0),
        (ARRIVED + AHEAD_US + 1000, 1),
    ]


def test_without_a_clock_the_time_is_told_back_from_the_arrival_and_marked():
    # A node that believes it is 1970 read this ten seconds before it sent.
    assert placed(batch("unsynchronised"), reading(time=12.0, mono=990.0)) == [(ARRIVED - 10_000_000, 1)]


def test_the_offset_of_a_boot_is_decided_once():
    offsets = BootOffsets()
    first = placed(batch("unsynchronised", sent_mono=1000.0), reading(mono=990.0), offsets=offsets)
    again = placed(batch("unsynchronised", sent_mono=1003.0), reading(mono=990.0), offsets=offsets)
    assert first == again


def test_of_an_earlier_boot_the_arrival_bounds_the_time():
    offsets = BootOffsets()
    lost = batch("unsynchronised", boot=EARLIER, sealed_mono=50.0)
    assert age_s(lost) is None
    assert placed(lost, reading(mono=40.0), reading(mono=50.0), offsets=offsets) == [
        (ARRIVED - 10_000_000, 1),
        (ARRIVED, 1),
    ]
    assert offsets.known(EARLIER) is None


def test_an_earlier_boot_heard_of_while_it_lasted_keeps_its_offset():
    offsets = BootOffsets()
    offsets.decide(EARLIER, 7_000_000)
    assert placed(batch("unsynchronised", boot=EARLIER), reading(mono=40.0), offsets=offsets) == [(47_000_000, 1)]


def test_no_time_at_all_is_the_arrival():
    assert placed(batch("unsynchronised"), reading()) == [(ARRIVED, 1)]


def test_times_that_no_file_can_hold_are_bounded():
    (at, quality), (low, _) = placed(batch(), reading(1e300), reading(-1e300))
    assert (at, quality) == (10**17, 1)
    assert low > -(2**63)
