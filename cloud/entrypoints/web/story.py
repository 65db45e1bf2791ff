"""An incident's timeline as people read it: newest first, repeats folded, notes in their place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cloud.application.asking.views import IncidentView, LineView, NoteView, SaidView


@dataclass(frozen=True, slots=True)
class Happening:
    """One line. `times`: how often it came in a row; `line` is then the last of them, and `first_at` when the first came.
    `by_person`: somebody did it. `said`: what a reporter added.
    """

    line: LineView
    note: NoteView | None
    said: SaidView | None
    times: int
    by_person: bool
    first_at: datetime


def tell(incident: IncidentView) -> Sequence[Happening]:
    notes = {note.id: note for note in incident.notes}
    words = {one.id: one for report in incident.reports for one in report.more}
    told: list[Happening] = []
    for line in incident.timeline:
        note = notes.get(str(line.data.get("note", "")))
        said = words.get(str(line.data.get("words", "")))
        last = told[-1] if told else None
        repeats = (
            last is not None
            and note is None
            and said is None
            and (last.line.kind, last.line.text) == (line.kind, line.text)
        )
        if last is not None and repeats:
            told[-1] = replace(last, line=line, times=last.times + 1)
        else:
            told.append(Happening(line, note, said, 1, line.actor.startswith("member:"), line.at))
    return told[::-1]
