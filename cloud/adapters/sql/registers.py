"""Estates and what is known of them, read whole and kept in memory until a newer version is stored."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta
from threading import Lock
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, bindparam, delete, or_, select, update

from cloud.adapters.sql import tables as t
from cloud.adapters.sql.invited_members import stamp_members
from cloud.adapters.sql.reach import SqlRosters
from cloud.adapters.sql.upserting import statement, upsert
from cloud.domain.community.hours import Hours
from cloud.domain.community.names import Language, Names
from cloud.domain.community.party import Member, Membership, Party, PartyKind, Role
from cloud.domain.community.place import Place, PlaceKind, PlaceTree, ancestry
from cloud.domain.community.public_days import PublicDays
from cloud.domain.duties.duty import Duty, DutyMatrix
from cloud.domain.duties.register import ARBITRATION, Equipment, EquipmentKind, Estate, NodeEntry, Register

_DUTIES: Final = TypeAdapter(tuple[Duty, ...])
_HOURS: Final = TypeAdapter(Hours)


@dataclass(frozen=True, slots=True)
class _Calendar:
    """How an estate's public days and working hours are kept."""

    days: PublicDays
    working_from: time
    working_until: time


_CALENDAR: Final = TypeAdapter(_Calendar)
_CALENDAR_FIELDS: Final = ("days", "working_from", "working_until")


Stamp = tuple[int, str, str | None, str | None]
"""Version and digest of what was loaded, and what the rosters say and who was asked in since."""


class RegisterShelf:
    """The snapshots read so far, shared by all units of work: the digest says whether one is still the newest."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._registers: dict[str, tuple[Stamp, Register]] = {}

    def get(self, estate: str, stamp: Stamp) -> Register | None:
        with self._lock:
            known, register = self._registers.get(estate, (None, None))
        return register if known == stamp else None

    def put(self, register: Register, stamp: Stamp) -> Register:
        """The one that stands there now: another's, where several have read the same at once."""
        with self._lock:
            known, first = self._registers.get(register.estate.id, (None, register))
            if known != stamp:
                self._registers[register.estate.id] = (stamp, register)
                return register
            return first


class SqlRegisters:
    """Implements `ports.Registers`."""

    def __init__(self, connection: Connection, shelf: RegisterShelf) -> None:
        self._connection, self._shelf = connection, shelf

    def find(self, estate: str) -> Register | None:
        row = self._connection.execute(_ESTATE, {"estate": estate}).one_or_none()
        return None if row is None else self._newest(row)

    def every(self) -> Sequence[Register]:
        return [self._newest(row) for row in self._connection.execute(_EVERY).all()]

    def _newest(self, row: Row[Any]) -> Register:
        stamp = (row.version, row.digest, row.rosters_stamp, row.members_stamp)
        register = self._shelf.get(row.id, stamp)
        if register is None:
            register = self._shelf.put(self._read(row), stamp)
        return register

    def estates(self) -> Sequence[Estate]:
        return [_estate(row) for row in self._connection.execute(_EVERY)]

    def member(self, member_id: str) -> Member | None:
        row = self._connection.execute(_MEMBER, {"member": member_id}).first()
        return self._with_parties([_member(row)])[0] if row else None

    def digest(self, estate: str) -> str | None:
        row = self._connection.execute(_ESTATE, {"estate": estate}).one_or_none()
        return row.digest if row else None

    def store(self, register: Register, digest: str) -> None:
        estate, run = register.estate, self._connection
        upsert(run, t.estates, [_estate_row(register, digest)])
        # A place that is described no more is gone, or it would be read back; those around an estate are others' as well.
        run.execute(delete(t.places).where(t.places.c.id.startswith(f"{estate.place_id}/", autoescape=True)))
        upsert(run, t.places, [_place_row(place) for place in register.places])
        chosen = self._chosen_languages(register.members)
        upsert(run, t.parties, [_party_row(party) for party in register.parties.values()])
        upsert(run, t.members, [_member_row(member, chosen.get(member.id)) for member in register.members.values()])
        run.execute(delete(t.memberships).where(t.memberships.c.member_id.in_(list(register.members))))
        upsert(run, t.memberships, [row for member in register.members.values() for row in _membership_rows(member)])
        for table in (t.estate_parties, t.equipment, t.node_entries):
            run.execute(delete(table).where(table.c.estate == estate.id))
        # Who was asked in stands in no file, and stays.
        run.execute(delete(t.estate_members).where(t.estate_members.c.estate == estate.id, t.estate_members.c.laid))
        upsert(run, t.estate_parties, [{"estate": estate.id, "party_id": party} for party in register.parties])
        laid = [{"estate": estate.id, "member_id": member, "laid": True} for member in register.members]
        if laid:
            run.execute(statement(run.dialect.name, t.estate_members, update=False), laid)
        stamp_members(run, estate.id)
        upsert(run, t.equipment, [_equipment_row(estate.id, item) for item in register.equipment.values()])
        upsert(run, t.node_entries, [_node_row(estate.id, node) for node in register.nodes.values()])
        body = _DUTIES.dump_json(register.matrix.duties).decode()
        upsert(run, t.duty_matrices, [{"estate": estate.id, "version": register.matrix.version, "body": body}])
        SqlRosters(run).replace(estate.id, register.rosters)

    def choose_language(self, member_id: str, language: Language) -> None:
        run, mine = self._connection, t.members.c.id == member_id
        run.execute(update(t.members).where(mine).values(chosen_language=language))
        where = select(t.estate_members.c.estate).where(t.estate_members.c.member_id == member_id)
        for estate in run.execute(where).scalars().all():
            stamp_members(run, estate)

    def _chosen_languages(self, members: Collection[str]) -> Mapping[str, str]:
        c = t.members.c
        mine = select(c.id, c.chosen_language).where(c.id.in_(list(members)), c.chosen_language.is_not(None))
        return {row.id: row.chosen_language for row in self._connection.execute(mine)}

    def _read(self, row: Row[Any]) -> Register:
        estate = _estate(row)
        return Register(
            estate=estate,
            version=row.version,
            places=PlaceTree(self._places(estate)),
            parties={party.id: party for party in self._parties(estate.id)},
            members={member.id: member for member in self._members(estate.id)},
            equipment={item.id: item for item in self._equipment(estate.id)},
            nodes={node.id: node for node in self._nodes(estate.id)},
            matrix=self._matrix(estate.id),
            rosters=SqlRosters(self._connection).of(estate.id),
        )

    def _places(self, estate: Estate) -> Iterator[Place]:
        column = t.places.c.id
        inside = column.startswith(f"{estate.place_id}/", autoescape=True)
        rows = self._connection.execute(
            select(t.places).where(or_(column.in_(list(ancestry(estate.place_id))), inside))
        )
        for row in rows:
            yield Place(row.id, PlaceKind(row.kind), Names(row.zh, row.en))

    def _parties(self, estate: str) -> Iterator[Party]:
        query = select(t.parties).join(t.estate_parties).where(t.estate_parties.c.estate == estate)
        for row in self._connection.execute(query.order_by(t.parties.c.id)):
            body = json.loads(row.body)
            yield Party(
                id=row.id,
                kind=PartyKind(row.kind),
                names=Names(row.zh, row.en),
                serves=tuple(body["serves"]),
                phone=row.phone,
                capabilities=frozenset(body["capabilities"]),
                hours=_HOURS.validate_python(body["hours"]),
            )

    def _members(self, estate: str) -> Sequence[Member]:
        query = select(t.members).join(t.estate_members).where(t.estate_members.c.estate == estate)
        return self._with_parties([_member(row) for row in self._connection.execute(query.order_by(t.members.c.id))])

    def _with_parties(self, members: Sequence[Member]) -> Sequence[Member]:
        table = t.memberships
        query = select(table).where(table.c.member_id.in_([member.id for member in members])).order_by(table.c.party_id)
        also: dict[str, list[Membership]] = {}
        for row in self._connection.execute(query):
            also.setdefault(row.member_id, []).append(Membership(row.party_id, Role(row.role)))
        return [replace(member, also=tuple(also.get(member.id, ()))) for member in members]

    def _equipment(self, estate: str) -> Iterator[Equipment]:
        query = select(t.equipment).where(t.equipment.c.estate == estate).order_by(t.equipment.c.id)
        for row in self._connection.execute(query):
            yield Equipment(row.id, EquipmentKind(row.kind), row.place_id, Names(row.zh, row.en), row.node_id)

    def _nodes(self, estate: str) -> Iterator[NodeEntry]:
        query = select(t.node_entries).where(t.node_entries.c.estate == estate).order_by(t.node_entries.c.id)
        for row in self._connection.execute(query):
            yield NodeEntry(row.id, row.place_id, Names(row.zh, row.en))

    def _matrix(self, estate: str) -> DutyMatrix:
        table = t.duty_matrices
        query = select(table).where(table.c.estate == estate).order_by(table.c.version.desc()).limit(1)
        row = self._connection.execute(query).one()
        return DutyMatrix(row.version, _DUTIES.validate_json(row.body))


_ESTATE: Final = select(t.estates).where(t.estates.c.id == bindparam("estate"))
_EVERY: Final = select(t.estates).order_by(t.estates.c.id)
_MEMBER: Final = select(t.members).join(t.estate_members).where(t.members.c.id == bindparam("member")).limit(1)


def _estate(row: Row[Any]) -> Estate:
    # An estate that was loaded before there were calendars has the defaults.
    kept = _CALENDAR.validate_json(row.calendar) if row.calendar else None
    calendar = {name: getattr(kept, name) for name in _CALENDAR_FIELDS} if kept else {}
    return Estate(
        id=row.id,
        place_id=row.place_id,
        names=Names(row.zh, row.en),
        fallback_party_id=row.fallback_party_id,
        time_zone=row.time_zone,
        reopen_window=timedelta(seconds=row.reopen_window_s),
        **calendar,
        arbiter_party_id=row.arbiter_party_id,
        arbitrate_within=ARBITRATION if row.arbitrate_within_s is None else timedelta(seconds=row.arbitrate_within_s),
    )


def _estate_row(register: Register, digest: str) -> Mapping[str, Any]:
    estate = register.estate
    return {
        "id": estate.id,
        "place_id": estate.place_id,
        "zh": estate.names.zh,
        "en": estate.names.en,
        "fallback_party_id": estate.fallback_party_id,
        "time_zone": estate.time_zone,
        "reopen_window_s": estate.reopen_window.total_seconds(),
        "arbiter_party_id": estate.arbiter_party_id,
        "arbitrate_within_s": estate.arbitrate_within.total_seconds(),
        "version": register.version,
        "digest": digest,
        "calendar": _CALENDAR.dump_json(_Calendar(estate.days, estate.working_from, estate.working_until)).decode(),
        "rosters_stamp": None,
        "members_stamp": None,
    }


def _place_row(place: Place) -> Mapping[str, Any]:
    return {"id": place.id, "kind": place.kind.value, "zh": place.names.zh, "en": place.names.en}


def _party_row(party: Party) -> Mapping[str, Any]:
    hours = _HOURS.dump_python(party.hours, mode="json")
    body = {"serves": list(party.serves), "capabilities": sorted(party.capabilities), "hours": hours}
    return {
        "id": party.id,
        "kind": party.kind.value,
        "zh": party.names.zh,
        "en": party.names.en,
        "phone": party.phone,
        "body": json.dumps(body, ensure_ascii=False),
    }


def _member(row: Row[Any]) -> Member:
    return Member(row.id, row.party_id, Names(row.zh, row.en), Role(row.role), row.chosen_language or row.language)


def _member_row(member: Member, chosen: str | None) -> Mapping[str, Any]:
    return {
        "id": member.id,
        "party_id": member.party_id,
        "zh": member.names.zh,
        "en": member.names.en,
        "role": member.role.value,
        "language": member.language,
        "chosen_language": chosen,
    }


def _membership_rows(member: Member) -> list[Mapping[str, Any]]:
    return [{"member_id": member.id, "party_id": one.party_id, "role": one.role.value} for one in member.also]


def _equipment_row(estate: str, item: Equipment) -> Mapping[str, Any]:
    return {
        "estate": estate,
        "id": item.id,
        "kind": item.kind.value,
        "place_id": item.place_id,
        "zh": item.names.zh,
        "en": item.names.en,
        "node_id": item.node_id,
    }


def _node_row(estate: str, node: NodeEntry) -> Mapping[str, Any]:
    return {"estate": estate, "id": node.id, "place_id": node.place_id, "zh": node.names.zh, "en": node.names.en}
