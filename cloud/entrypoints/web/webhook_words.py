"""What a webhook may be told, in the words of whoever keeps it: kinds of ledger entries by what they are about."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cloud.domain.records.ledger import Kind
from cloud.entrypoints.web.language import N_

SUBJECTS: Final[Mapping[str, str]] = {
    "matters": N_("Incidents, tasks and reports"),
    "duties": N_("Duties, rosters, exercises and maintenance"),
    "messages": N_("Messages, and what other systems did not take"),
    "machinery": N_("Nodes, labels and undelivered messages"),
    "people": N_("Members, their contacts and personal data"),
    "community": N_("Consultation, neighbours and credit"),
}
OTHER: Final = N_("Other")
_ABOUT: Final[Mapping[str, str]] = {
    "matters": "alert call-sheet clock fire incident ladder part patrol photo report sounder task",
    "duties": "estate exercise maintenance roster shift",
    "messages": "channel notification webhook",
    "machinery": "card-key dead-letter label node",
    "people": "contact member personal welfare",
    "community": "ballot consultation credit need offer petition small-task topic",
}
_SUBJECT_OF: Final = {sort: subject for subject, sorts in _ABOUT.items() for sort in sorts.split()}


def subject_of(kind: str) -> str:
    """What entries of that kind are about; empty where nobody has said."""
    return _SUBJECT_OF.get(kind.partition(".")[0], "")


def kinds_of(subjects: Collection[str]) -> list[str]:
    """The kinds there are about these; none for none, which means every kind there is or will be."""
    return [kind.value for kind in Kind if subject_of(kind) in subjects]


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the kinds about a subject; `whole`: how many there are of it. What later versions write has no subject here."""

    name: str
    kinds: Sequence[str]
    whole: int


def told(kinds: Collection[str]) -> tuple[list[str], list[Part]]:
    """The subjects of which all kinds are among these, and of the others what is."""
    whole = [one for one in SUBJECTS if set(kinds_of([one])) <= set(kinds)]
    parts: dict[str, list[str]] = {}
    for kind in sorted(set(kinds) - set(kinds_of(whole))):
        parts.setdefault(subject_of(kind), []).append(kind)
    return whole, [
        Part(SUBJECTS.get(subject, OTHER), some, len(kinds_of([subject])) or len(some))
        for subject, some in parts.items()
    ]
