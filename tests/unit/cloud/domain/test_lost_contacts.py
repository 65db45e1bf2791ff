"""What goes with a contact that is removed: any way at all, the last that rings, the last that is proven."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.community.contact_rules import Loss, lost_with
from cloud.domain.community.contacts import Contact

THEN = datetime(2026, 5, 12, tzinfo=UTC)
RINGS = ("voice",)


def way(channel: str, address: str = "1", *, proven: bool = True) -> Contact:
    return Contact("guard", channel, address, verified_at=THEN if proven else None)


@pytest.mark.parametrize(
    ("gone", "others", "loss"),
    [
        (way("sms"), [], Loss.EVERY_WAY),
        (way("voice"), [way("sms")], Loss.RINGING),
        (way("voice"), [way("voice", "2", proven=False), way("sms")], Loss.RINGING),
        (way("voice", proven=False), [way("voice", "2", proven=False)], None),
        (way("sms"), [way("email", proven=False)], Loss.PROVEN),
        (way("sms"), [way("voice")], None),
        (way("sms", proven=False), [way("email", proven=False)], None),
    ],
)
def test_a_loss_is_named_and_what_others_make_up_for_is_none(gone, others, loss):
    assert lost_with(gone, [gone, *others], RINGS) is loss


_WAYS = st.lists(st.tuples(st.sampled_from(["sms", "voice", "email"]), st.booleans()), min_size=1, max_size=5)


@given(_WAYS)
def test_who_loses_nothing_is_rung_and_relied_upon_as_before(given_ways):
    ways = [way(channel, str(number), proven=proven) for number, (channel, proven) in enumerate(given_ways)]
    gone, left = ways[0], ways[1:]
    if lost_with(gone, ways, RINGS) is None:
        for kept in (lambda c: c.relied_upon, lambda c: c.relied_upon and c.channel in RINGS):
            assert any(map(kept, left)) or not any(map(kept, ways))
        assert left
