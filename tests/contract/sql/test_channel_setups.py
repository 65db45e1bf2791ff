"""Channels that were set up are kept alike in memory, on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

from cloud.domain.community.channel_setup import ChannelSetup, Form
from tests.fakes.clocks import START

SMS = ChannelSetup(
    "sms", Form.GATEWAY, {"url": "https://x.example/${address}", "headers": {"X": "烟"}, "callback": None},
    ("secret",), "c2VhbGVk", active=True, version=1, changed_at=START, changed_by="chief",
)  # fmt: skip
MAIL = replace(SMS, kind="email", form=Form.MAIL, settings={"port": 25}, held=(), sealed=None)


def test_they_come_back_whole_are_replaced_by_kind_and_removed(units):
    with units.writing() as uow:
        uow.channels.save(SMS)
        uow.channels.save(MAIL)
        uow.commit()
    off = SMS.switched(active=False, at=START, by="another")
    with units.writing() as uow:
        assert list(uow.channels.all()) == [MAIL, SMS]
        assert uow.channels.get("sms") == SMS
        assert uow.channels.get("voice") is None
        uow.channels.save(off)
        uow.channels.remove("email")
        uow.channels.remove("voice")
        uow.commit()
    with units.reading() as uow:
        assert list(uow.channels.all()) == [off]
    assert (off.version, off.active, off.changed_by) == (2, False, "another")
