"""Codes and test messages go through the very channel that they are about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from cloud.application.messages import Channels, Message, NotSent, why_not
from cloud.application.ports import Clock, Ids
from cloud.application.reach_ports import CodeSender
from cloud.domain.community.contacts import Contact
from cloud.domain.community.faults import fault
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member
from cloud.domain.community.reaching import CONSOLE
from cloud.domain.duties.escalation import Importance
from cloud.domain.records.failure import without_its_address
from cloud.errors import CloudError, Throttled

TEST_EVERY: Final = timedelta(seconds=30)
_TEST: Final = Names(
    "这是一条测试消息：险情发生时您会这样收到通知。", "This is a test: in an emergency you will be told like this."
)


@dataclass(frozen=True, slots=True)
class Tested:
    """What came of a test message. `why` None: the channel took it."""

    taken: bool
    why: str | None = None


class ThroughChannels:
    """`console`: where codes go while no channel at all is set up."""

    def __init__(self, channels: Channels, console: CodeSender, clock: Clock, ids: Ids) -> None:
        self._channels, self._console, self._clock, self._ids = channels, console, clock, ids
        self._tested: dict[str, datetime] = {}
        self._lock = Lock()

    @property
    def kinds(self) -> tuple[str, ...]:
        """Channels a member may choose from."""
        return tuple(sorted(kind for kind in self._channels if kind != CONSOLE))

    @property
    def rings(self) -> tuple[str, ...]:
        """Those of them that wake who sleeps."""
        return tuple(kind for kind in self.kinds if self._channels[kind].rings)

    def code(self, contact: Contact, member: Member, words: Names) -> None:
        """Raises Unavailable when the channel did not take it, or is not set up."""
        if not self.kinds:
            self._console.send_code(contact, words)
        else:
            self._send("code", contact, member, words)

    def test(self, contact: Contact, member: Member) -> Tested:
        """Raises Throttled: it rings where perhaps nobody has asked for it, so not more often than a person would try."""
        now = self._clock.now()
        with self._lock:
            last = self._tested.get(member.id)
            if last is not None and now - last < TEST_EVERY:
                wait = int(TEST_EVERY.total_seconds())
                raise Throttled(f"One test in {wait} seconds. Wait a moment.", f"每 {wait} 秒只能测试一次，请稍候")
            self._tested[member.id] = now
        try:
            self._send("test", contact, member, _TEST)
        except CloudError as error:
            return Tested(taken=False, why=without_its_address(why_not(error), contact))
        return Tested(taken=True)

    def _send(self, what: str, contact: Contact, member: Member, words: Names) -> None:
        channel = self._channels.get(contact.channel)
        if channel is None:
            raise NotSent(fault("channel-not-set-up", channel=contact.channel))
        id_ = f"{what}-{self._ids.new(self._clock.now())}"
        name, text = member.names.of(member.language), words.of(member.language)
        channel.deliver(Message(id_, contact.address, name, member.language, Importance.NORMAL, text))
