"""Writes a whole estate as the YAML that reads back as the same estate."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal

import yaml

from cloud.adapters.estate_file.writing import duty_row, hours_row, span
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Party
from cloud.domain.community.public_days import DayRule
from cloud.domain.community.roster import EVERY_WEEKDAY, Roster, Rotation, Shift
from cloud.domain.duties.description import EstateDescription, NamedContact
from cloud.domain.duties.register import Equipment, Estate
from cloud.domain.duties.upkeep import Upkeep

_HEAD: Final = """\
# An estate of Tocsin, whole: bring it in with `tocsin estate import FILE` or on the page Import. What stands here replaces
# what is known of the estate. Channels of members are personal data and are not in it; who is known keeps theirs.
"""


def write_estate(description: EstateDescription) -> bytes:
    parts = [
        _HEAD,
        _dumped({"estate": _estate(description.estate)}),
        *(_listed(key, rows) for key, rows in _rows(description).items()),
    ]
    return "\n".join(parts).encode()


def write_rows(description: EstateDescription, table: str, form: Literal["yaml", "json"]) -> bytes:
    """One of its lists by itself, as a file that adds to an estate."""
    rows = _rows(description)[table]
    if form == "yaml":
        return _listed(table, rows).encode()
    return f"{json.dumps({table: list(rows)}, ensure_ascii=False, indent=1, default=str)}\n".encode()


def _rows(description: EstateDescription) -> Mapping[str, Iterator[dict[str, Any]]]:
    upkeep = {one.equipment: one for one in description.upkeep}
    return {
        "places": ({"id": p.id, "kind": p.kind.value, **_names(p.names)} for p in description.places),
        "parties": map(_party, description.parties),
        "members": (_member(one, description.contacts) for one in description.members),
        "rosters": map(_roster, description.rosters),
        "nodes": ({"id": n.id, "place": n.place_id, **_names(n.names)} for n in description.nodes),
        "equipment": (_equipment(item, upkeep.get(item.id)) for item in description.equipment),
        "duties": map(duty_row, description.duties),
    }


def _listed(key: str, rows: Iterable[dict[str, Any]]) -> str:
    written = [_dumped([row], flow=None if key in {"duties", "rosters"} else True) for row in rows]
    return f"{key}:\n" + "".join(written) if written else f"{key}: []\n"


def _dumped(value: Any, *, flow: bool | None = None) -> str:
    if flow and isinstance(value, list):
        row = yaml.safe_dump(value[0], sort_keys=False, allow_unicode=True, width=10_000, default_flow_style=True)
        return f"- {row}"
    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None)
    return text


def _names(names: Names) -> dict[str, str]:
    return {"zh": names.zh, "en": names.en}


def _estate(estate: Estate) -> dict[str, Any]:
    days = estate.days
    calendar = {
        "region": days.region,
        "holidays": sorted(days.holidays),
        "workdays": sorted(days.workdays),
        "working_from": f"{estate.working_from:%H:%M:%S}",
        "working_until": f"{estate.working_until:%H:%M:%S}",
    }
    arbiter = {"arbiter": estate.arbiter_party_id} if estate.arbiter_party_id else {}
    return {
        "id": estate.id,
        "place": estate.place_id,
        "fallback": estate.fallback_party_id,
        **arbiter,
        **_names(estate.names),
        "time_zone": estate.time_zone,
        "reopen_window": span(estate.reopen_window),
        "arbitrate_within": span(estate.arbitrate_within),
        "calendar": calendar,
    }


def _party(party: Party) -> dict[str, Any]:
    row: dict[str, Any] = {"id": party.id, "kind": party.kind.value, **_names(party.names)}
    if party.serves:
        row["serves"] = list(party.serves)
    if party.phone is not None:
        row["phone"] = party.phone
    if party.capabilities:
        row["capabilities"] = sorted(party.capabilities)
    if not party.hours.always:
        row["hours"] = hours_row(party.hours)
    return row


def _member(member: Member, contacts: Iterable[NamedContact]) -> dict[str, Any]:
    row = {"id": member.id, "party": member.party_id, "role": member.role.value, **_names(member.names)}
    lists = {
        "also": [{"party": one.party_id, "role": one.role.value} for one in member.also],
        "contacts": [
            {"channel": one.channel, "address": one.address} for one in contacts if one.member_id == member.id
        ],
    }
    return {**row, "language": member.language, **{key: said for key, said in lists.items() if said}}


def _roster(roster: Roster) -> dict[str, Any]:
    row: dict[str, Any] = {"id": roster.id, "party": roster.party_id, **_names(roster.names)}
    if roster.rotations:
        row["rotations"] = [_rotation(one) for one in roster.rotations]
    if roster.shifts:
        row["shifts"] = [_shift(one) for one in roster.shifts]
    return row


def _rotation(one: Rotation) -> dict[str, Any]:
    turn = {"participants": list(one.participants), "starts_on": one.starts_on, "handoff": f"{one.handoff:%H:%M:%S}"}
    return {**turn, "every_days": one.every_days, **_only(one.only)}


def _shift(one: Shift) -> dict[str, Any]:
    row: dict[str, Any] = {"members": list(one.members), "start": f"{one.start:%H:%M:%S}", "end": f"{one.end:%H:%M:%S}"}
    if one.days != EVERY_WEEKDAY:
        row["days"] = sorted(one.days)
    bounds = {"since": one.since, "until": one.until}
    return {**row, **_only(one.only), **{key: day for key, day in bounds.items() if day is not None}}


def _only(rule: DayRule) -> dict[str, str]:
    return {} if rule is DayRule.EVERY_DAY else {"only": rule.value}


def _equipment(item: Equipment, upkeep: Upkeep | None) -> dict[str, Any]:
    row: dict[str, Any] = {"id": item.id, "kind": item.kind.value, "place": item.place_id, **_names(item.names)}
    if item.node_id is not None:
        row["node"] = item.node_id
    days = {"maintained_on": upkeep.maintained_on, "inspected_until": upkeep.inspected_until} if upkeep else {}
    return {**row, **{key: day for key, day in days.items() if day is not None}}
