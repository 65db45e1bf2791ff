"""Writes an estate's tables as CSV that comes in again unchanged."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO

from cloud.adapters.estate_file.tables import COLUMNS, COMPUTED, NOTHING
from cloud.adapters.estate_file.writing import span
from cloud.domain.community.party import Member, Party
from cloud.domain.duties.description import EstateDescription
from cloud.domain.duties.duty import Duty
from cloud.domain.duties.register import Equipment
from cloud.domain.duties.upkeep import Upkeep

Cells = Mapping[str, str | None]


def write_tables(description: EstateDescription) -> dict[str, bytes]:
    """By the name of each file."""
    return {f"{name}.csv": write_table(description, name) for name in COLUMNS}


def write_table(description: EstateDescription, name: str) -> bytes:
    """One of them. Channels of members have no column: they are personal data."""
    upkeep = {one.equipment: one for one in description.upkeep}
    rows: dict[str, Iterator[Cells]] = {
        "places": ({"id": p.id, "kind": p.kind, "zh": p.names.zh, "en": p.names.en} for p in description.places),
        "parties": map(_party, description.parties),
        "members": map(_member, description.members),
        "nodes": ({"id": n.id, "place": n.place_id, "zh": n.names.zh, "en": n.names.en} for n in description.nodes),
        "equipment": (_equipment(item, upkeep.get(item.id)) for item in description.equipment),
        "duties": map(_duty, description.duties),
    }
    return table_bytes(name, rows[name])


def table_bytes(name: str, rows: Iterable[Cells], remarks: Iterable[str] = ()) -> bytes:
    """With the mark by which spreadsheets in China know that this is UTF-8."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS[name])
    for remark in remarks:
        writer.writerow([f"# {remark}"])
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in COLUMNS[name]])
    return text.getvalue().encode("utf-8-sig")


def _cell(value: str | None) -> str:
    text = value or ""
    return f"'{text}" if text.startswith(COMPUTED) and text != NOTHING else text


def _party(party: Party) -> Cells:
    hours = party.hours
    own = {} if hours.always else {"start": f"{hours.start:%H:%M:%S}", "end": f"{hours.end:%H:%M:%S}"}
    days = "" if hours.always else "; ".join(map(str, sorted(hours.days)))
    return {
        "id": party.id, "kind": party.kind, "zh": party.names.zh, "en": party.names.en, "serves": "; ".join(party.serves),
        "phone": party.phone, "capabilities": "; ".join(sorted(party.capabilities)), "days": days, **own,
    }  # fmt: skip


def _member(member: Member) -> Cells:
    also = "; ".join(f"{one.party_id}:{one.role}" for one in member.also)
    return {
        "id": member.id, "party": member.party_id, "role": member.role, "zh": member.names.zh, "en": member.names.en,
        "language": member.language, "also": also,
    }  # fmt: skip


def _equipment(item: Equipment, upkeep: Upkeep | None) -> Cells:
    days = (upkeep.maintained_on, upkeep.inspected_until) if upkeep else (None, None)
    visited, inspected = (day.isoformat() if day else None for day in days)
    return {
        "id": item.id, "kind": item.kind, "place": item.place_id, "node": item.node_id, "zh": item.names.zh,
        "en": item.names.en, "maintained_on": visited, "inspected_until": inspected,
    }  # fmt: skip


def _duty(duty: Duty) -> Cells:
    def refs(found: Iterable[object]) -> str:
        return "; ".join(map(str, found)) or NOTHING

    return {
        "id": duty.id, "hazards": "; ".join(duty.hazards), "place": duty.place_id or NOTHING,
        "severity": duty.severity.value, "lead": refs(duty.leads), "supports": refs(duty.supports),
        "observers": refs(duty.observers), "tto": span(duty.tto), "ttr": span(duty.ttr),
        "arrive": NOTHING if duty.arrive is None else span(duty.arrive), "resolve_delay": span(duty.resolve_delay),
        "zh": duty.basis.zh, "en": duty.basis.en,
    }  # fmt: skip
