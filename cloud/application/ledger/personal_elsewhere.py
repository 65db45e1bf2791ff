"""Personal data that does its work where it stands: contacts, and the words of offers, needs and small tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from cloud.application.ports import UnitOfWork
from cloud.domain.community.contacts import Contact
from cloud.domain.duties.consent import Consent
from cloud.domain.exchange.posting import Posting
from cloud.domain.exchange.small_task import SmallTask, SmallTaskState
from cloud.domain.records.personal import PersonalClass, PersonalRecord

_MEMBER: Final = "member:"
_CONTACT: Final = "contact:"
_CONSENT: Final = "consent:"
_STILL_WANTED: Final = frozenset({SmallTaskState.OPEN, SmallTaskState.CLAIMED})


class PersonalElsewhere:
    """Listed and erased as if it stood with the rest. A contact is in use in every estate of its member: erased, it is
    gone from all. Since when a contact that nobody has proven is kept is not known; it is said as of now.
    """

    def __init__(self, uow: UnitOfWork, estate: str, now: datetime) -> None:
        self._uow, self._estate, self._now = uow, estate, now

    def of_subject(self, subject: str) -> list[PersonalRecord]:
        """What is kept of one person, erased places of words included."""
        if not subject.startswith(_MEMBER):
            return []
        member_id = subject.removeprefix(_MEMBER)
        contacts = self._uow.contacts.of(member_id) if self._is_here(member_id) else ()
        consent = self._uow.consents.get(self._estate, member_id)
        consents = [self._consent(consent)] if consent is not None else []
        return [*map(self._contact, contacts), *consents, *(self._words(one) for one in self._written(member_id))]

    def of_estate(self) -> list[PersonalRecord]:
        """What is kept and not erased."""
        register = self._uow.registers.find(self._estate)
        members = sorted(register.members) if register else ()
        contacts = [self._contact(one) for member in members for one in self._uow.contacts.of(member)]
        words = [self._words(one) for one in self._written(None)]
        consents = map(self._consent, self._uow.consents.of(self._estate))
        return [*contacts, *consents, *(one for one in words if one.erased_at is None)]

    def get(self, record_id: str) -> PersonalRecord | None:
        if record_id.startswith(_CONTACT):
            member_id, _, key = record_id.removeprefix(_CONTACT).partition(":")
            found = [c for c in self._uow.contacts.of(member_id) if c.key == key] if self._is_here(member_id) else []
            return self._contact(found[0]) if found else None
        if record_id.startswith(_CONSENT):
            consent = self._uow.consents.get(self._estate, record_id.removeprefix(_CONSENT))
            return self._consent(consent) if consent is not None else None
        written = self._uow.exchange.posting(record_id) or self._uow.exchange.small_task(record_id)
        return self._words(written) if written is not None and written.estate == self._estate else None

    def erase(self, record: PersonalRecord) -> bool:
        """Whether it stood here. What nobody can read any more is asked for no longer: it is withdrawn as well."""
        if record.id.startswith(_CONTACT):
            member_id, _, key = record.id.removeprefix(_CONTACT).partition(":")
            left = [one for one in self._uow.contacts.of(member_id) if one.key != key]
            self._uow.contacts.replace(member_id, left)
            return True
        if record.id.startswith(_CONSENT):
            self._uow.consents.remove(self._estate, record.id.removeprefix(_CONSENT))
            return True
        posting = self._uow.exchange.posting(record.id)
        if posting is not None:
            posting.text = posting.salt = ""
            posting.withdrawn_at = posting.withdrawn_at or (self._now if posting.open else None)
            self._uow.exchange.save_posting(posting)
            return True
        task = self._uow.exchange.small_task(record.id)
        if task is not None:
            task.text = task.salt = ""
            if task.state in _STILL_WANTED:
                task.state, task.over_at = SmallTaskState.WITHDRAWN, self._now
            self._uow.exchange.save_small_task(task)
        return task is not None

    def _is_here(self, member_id: str) -> bool:
        register = self._uow.registers.find(self._estate)
        return register is not None and member_id in register.members

    def _written(self, member_id: str | None) -> Sequence[Posting | SmallTask]:
        return self._uow.exchange.written(self._estate, member_id)

    def _contact(self, contact: Contact) -> PersonalRecord:
        since = contact.verified_at or contact.code_sent_at or self._now
        id_, subject = f"{_CONTACT}{contact.member_id}:{contact.key}", f"{_MEMBER}{contact.member_id}"
        return PersonalRecord(id_, self._estate, subject, PersonalClass.CONTACT, since, contact.address, "")

    def _consent(self, one: Consent) -> PersonalRecord:
        """Erased, it is withdrawn: nobody is looked after without having said so."""
        id_, subject, words = f"{_CONSENT}{one.member_id}", f"{_MEMBER}{one.member_id}", ", ".join(one.points)
        return PersonalRecord(id_, self._estate, subject, PersonalClass.CONSENT, one.given_at, words, "")

    def _words(self, one: Posting | SmallTask) -> PersonalRecord:
        by = one.member_id if isinstance(one, Posting) else one.posted_by
        ended = one.withdrawn_at if isinstance(one, Posting) else one.over_at
        kept = PersonalRecord(
            one.id, one.estate, f"{_MEMBER}{by}", PersonalClass.POSTING, one.posted_at, one.text, one.salt
        )
        return kept if one.salt else replace(kept, erased_at=ended or self._now)
