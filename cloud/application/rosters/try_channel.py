"""A test message by a channel that somebody sets up: whether it was taken, and if not, why."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

from cloud.application.channel_ports import Fitting
from cloud.application.messages import Answered, Message, why_not
from cloud.application.notices.known_channels import Known
from cloud.application.ports import Clock, Ids
from cloud.domain.community.contacts import Contact, checked_address, without_address
from cloud.domain.community.faults import Fault, fault
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member
from cloud.domain.duties.escalation import Importance
from cloud.domain.records.failure import without_its_address
from cloud.errors import CloudError, Throttled

TEST_EVERY: Final = timedelta(seconds=10)
LONGEST_SAID: Final = 200
_TEST: Final = Names("这是一条测试消息：此渠道可以发送通知。", "This is a test: messages can go out by this channel.")


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a test message. `why` None: it was taken. `said`: what the other side answered, as far as it may be shown."""

    taken: bool
    why: str | None = None
    said: str = ""


class TryChannel:
    """Whether or not it is switched on. Raises Invalid for what is no address of it, Throttled."""

    def __init__(self, clock: Clock, ids: Ids, fitting: Fitting) -> None:
        self._clock, self._ids, self._fitting = clock, ids, fitting
        self._tested: dict[str, datetime] = {}
        self._lock = Lock()

    def __call__(self, known: Known, address: str, member: Member) -> Tried:
        setup = known.setup
        contact = Contact(member.id, setup.kind, checked_address(setup.kind, address))
        self._not_too_often(member.id)
        if known.secrets is None:
            lost = fault("secret-lost")
            return Tried(taken=False, why=Fault(known.why, lost.zh, lost.code) if known.why else lost)
        id_, language = f"test-{self._ids.new(self._clock.now())}", member.language
        name, text = member.names.of(language), _TEST.of(language)
        try:
            channel = self._fitting.channel(setup.kind, setup.form, setup.settings, known.secrets)
            channel.deliver(Message(id_, contact.address, name, language, Importance.NORMAL, text))
        except CloudError as error:
            why = without_its_address(why_not(error), contact)
            return Tried(taken=False, why=why, said=_told(error, known.secrets, contact))
        return Tried(taken=True)

    def _not_too_often(self, member_id: str) -> None:
        now, wait = self._clock.now(), int(TEST_EVERY.total_seconds())
        with self._lock:
            last = self._tested.get(member_id)
            if last is not None and now - last < TEST_EVERY:
                raise Throttled(f"One test in {wait} seconds. Wait a moment.", f"每 {wait} 秒只能测试一次，请稍候")
            self._tested[member_id] = now


def _told(error: CloudError, secrets: Mapping[str, str], contact: Contact) -> str:
    """What a server or provider said, without what it may have been told."""
    said = error.said if isinstance(error, Answered) else ""
    forms = {form for secret in secrets.values() for form in _forms_of(secret)}
    for form in sorted(forms, key=len, reverse=True):
        said = said.replace(form, "***")
    shown = "".join(one if one.isprintable() else " " for one in without_address(said, contact))
    return " ".join(shown.split())[:LONGEST_SAID]


def _forms_of(secret: str) -> Iterator[str]:
    """As it is, and as it may have been written where it was sent: who did not understand it often says it back so."""
    yield secret
    for written in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield written
        yield re.sub("%..", lambda code: code[0].lower(), written)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield escape(secret, {'"': "&quot;", "'": "&apos;"})
    encoded = b64encode(secret.encode()).decode().rstrip("=")
    if encoded:
        yield encoded
