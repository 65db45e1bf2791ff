"""The set-up guide writes an estate step by step: each step makes the next version of the register, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Protocol

from cloud.application.estates.load_estate import beside_others, end_gone, keep_promises
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.community.names import Names
from cloud.domain.community.party import Party, PartyKind, Role
from cloud.domain.community.place import Place, is_within
from cloud.domain.community.quick_building import QuickBuilding
from cloud.domain.duties.amending import amended, changes, described
from cloud.domain.duties.description import EstateDescription
from cloud.domain.duties.duty import Duty
from cloud.domain.duties.laying_out import laid_out
from cloud.domain.duties.register import NodeEntry, Register
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import Conflict, NotAllowed, NotFound, Refused

LONGEST_NAME: Final = 64
LONGEST_PHONE: Final = 20


@dataclass(frozen=True, slots=True)
class Head:
    """What the first step says: how the estate and what lies around it are called, the country and the time zone."""

    names: Names
    region: str
    time_zone: str
    around: Mapping[str, Names]


class Defaults(Protocol):
    """What a country brings along."""

    @property
    def regions(self) -> tuple[str, ...]:
        """Countries (ISO 3166) for which there is a default matrix."""
        ...

    def zones(self, region: str) -> tuple[str, ...]:
        """The country's time zones by their names in the time-zone database; none where the country is unknown."""
        ...

    def matrix(self, region: str) -> tuple[Duty, ...]:
        """Raises Invalid where there is none."""
        ...

    def externals(self, region: str) -> tuple[Party, ...]:
        """Bodies that are reached by phone."""
        ...


class AmendEstate:
    """For administrators. Each returns whether anything changed. Raises NotFound, NotAllowed, Refused, Invalid, Conflict,
    Unavailable - and then nothing has changed.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, defaults: Defaults) -> None:
        self._units, self._clock, self.defaults = units, clock, defaults

    def head(self, estate: str, head: Head, viewer: Identity) -> bool:
        """Where its matrix is still the default one of the country before, the new country's takes its place."""

        def change(known: EstateDescription) -> EstateDescription:
            before = known.estate.days.region
            if (head.region, head.time_zone) != (before, known.estate.time_zone):
                self._check_zone(head)
            named = {id_: checked_names(names) for id_, names in head.around.items()}
            names = checked_names(head.names)
            named[known.estate.place_id] = names
            told = replace(
                known.estate,
                names=names,
                time_zone=head.time_zone,
                days=replace(known.estate.days, region=head.region),
            )
            places = tuple(replace(p, names=named.get(p.id, p.names)) for p in known.places)
            after = replace(known, estate=told, places=places)
            return self._in_country(after, before, head.region) if before != head.region else after

        return self._amend(estate, viewer, change)

    def _check_zone(self, head: Head) -> None:
        """Rosters, quiet hours and public times go by it: another country's is a slip of the hand."""
        zones = self.defaults.zones(head.region)
        if zones and head.time_zone not in zones:
            raise Refused(
                f"{head.time_zone!r} is no time zone of {head.region}: choose {', '.join(zones)}.",
                f"时区 {head.time_zone} 不属于所选国家（{head.region}），请选择：{'、'.join(zones)}",
            )

    def take_default_matrix(self, estate: str, viewer: Identity) -> bool:
        """The default matrix of its country instead of the one in force. Raises Invalid where there is none."""

        def change(known: EstateDescription) -> EstateDescription:
            region = known.estate.days.region
            return replace(known, duties=self.defaults.matrix(region), parties=self._with_externals(known, region))

        return self._amend(estate, viewer, change)

    def buildings(self, estate: str, buildings: Iterable[QuickBuilding], viewer: Identity) -> bool:
        """What stands there already stays; what a line says beyond it is added."""

        def change(known: EstateDescription) -> EstateDescription:
            return amended(known, laid_out(known, buildings))

        return self._amend(estate, viewer, change)

    def take_out_building(self, estate: str, place_id: str, viewer: Identity) -> bool:
        """With its floors and its equipment. Raises Conflict while something rests on it."""

        def change(known: EstateDescription) -> EstateDescription:
            home = known.estate.place_id
            if not place_id.startswith(f"{home}/") or not any(p.id == place_id for p in known.places):
                raise NotFound(f"There is no place {place_id!r} in this estate.", "本小区没有这个位置")
            return _without(known, place_id)

        return self._amend(estate, viewer, change, empty=place_id)

    def roles(self, estate: str, said: Mapping[PartyKind, tuple[Names, str]], viewer: Identity) -> bool:
        """Who plays which part: its name and phone (empty: none). A party of that kind that is there is called anew."""

        def change(known: EstateDescription) -> EstateDescription:
            parties = {party.id: party for party in known.parties}
            for kind, (names, phone) in said.items():
                if kind is PartyKind.EXTERNAL:
                    raise NotFound("Bodies that are reached by phone are added by themselves.", "外部单位请单独添加")
                before = next(
                    (p for p in known.parties if p.kind is kind and p.closeness(known.estate.place_id) >= 0), None
                )
                id_ = before.id if before else _fresh(kind.replace("_", "-"), parties)
                made = before or Party(id_, kind, names, (known.estate.place_id,))
                parties[id_] = replace(made, names=checked_names(names), phone=checked_phone(phone))
            return replace(_answered_for(known, parties), parties=tuple(parties.values()))

        return self._amend(estate, viewer, change)

    def external(self, estate: str, names: Names, phone: str, viewer: Identity) -> bool:
        """A further body that people phone."""

        def change(known: EstateDescription) -> EstateDescription:
            number = checked_phone(phone)
            if number is None:
                raise Refused("Write the number that people dial.", "请填写拨打的号码")
            same = next((p for p in known.parties if p.external and p.phone == number), None)
            taken = {party.id: party for party in known.parties}
            id_ = same.id if same else _fresh("external", taken)
            serves = same.serves if same else (known.estate.place_id,)
            taken[id_] = Party(id_, PartyKind.EXTERNAL, checked_names(names), serves, number)
            return replace(known, parties=tuple(taken.values()))

        return self._amend(estate, viewer, change)

    def node(self, estate: str, node_id: str, place_id: str, viewer: Identity) -> bool:
        """A node in a building, and whatever of that building is wired to none yet is taken to be wired to it."""

        def change(known: EstateDescription) -> EstateDescription:
            place = next((p for p in known.places if p.id == place_id), None)
            if place is None or not is_within(place_id, known.estate.place_id):
                raise Refused("Choose the building the node hangs in.", "请选择节点所在的楼")
            if any(node.id == node_id for node in known.nodes):
                return known
            wired = tuple(
                replace(item, node_id=node_id) if item.node_id is None and is_within(item.place_id, place_id) else item
                for item in known.equipment
            )
            node = NodeEntry(node_id, place_id, Names(f"{place.names.zh}节点", f"{place.names.en} node"))
            return replace(known, nodes=(*known.nodes, node), equipment=wired)

        return self._amend(estate, viewer, change)

    def _amend(
        self, estate: str, viewer: Identity, change: Callable[[EstateDescription], EstateDescription], *,
        empty: str | None = None,
    ) -> bool:  # fmt: skip
        """`empty`: a place in which nothing may be going on."""
        with self._units.writing() as uow:
            uow.ledger.hold(estate)
            known = _register(uow, estate, viewer)
            if empty is not None:
                _nothing_in(uow, known, empty)
            before = described(known)
            after = change(before)
            found = changes(before, after)
            if not found:
                return False
            register = replace(after.register(known.version + 1, known.matrix), rosters=known.rosters, _by_closeness={})
            keep_promises(uow, known, register)
            register = beside_others(uow, register, viewer)
            digest = uow.registers.digest(estate) or ""
            uow.registers.store(register, f"{digest[:32]}{register.version:032d}")
            end_gone(uow, known, f"member:{viewer.member.id}", self._clock.now())
            facts = {"version": register.version, "changed": [one.table for one in found]}
            by = f"member:{viewer.member.id}"
            uow.ledger.append(estate, [Draft(Kind.ESTATE_LOADED, self._clock.now(), by, None, estate, "guide", facts)])
            uow.commit()
            return True

    def _in_country(self, known: EstateDescription, before: str, region: str) -> EstateDescription:
        untouched = before in self.defaults.regions and known.duties == self.defaults.matrix(before)
        if not untouched:
            return known
        duties = self.defaults.matrix(region)
        theirs = {party.id for party in self.defaults.externals(before)}
        kept = replace(known, parties=tuple(party for party in known.parties if party.id not in theirs), duties=duties)
        return replace(kept, parties=self._with_externals(kept, region))

    def _with_externals(self, known: EstateDescription, region: str) -> tuple[Party, ...]:
        dialled = {party.phone for party in known.parties if party.external}
        more = (party for party in self.defaults.externals(region) if party.phone not in dialled)
        return (*known.parties, *more)


def checked_names(names: Names) -> Names:
    """As others read them. Raises Refused."""
    zh, en = (" ".join(text.split()) for text in (names.zh, names.en))
    zh, en = zh or en, en or zh
    if not zh or max(len(zh), len(en)) > LONGEST_NAME or not (zh.isprintable() and en.isprintable()):
        raise Refused(f"Names have 1 to {LONGEST_NAME} letters.", f"名称须为1到{LONGEST_NAME}个字")
    return Names(zh, en)


def checked_phone(typed: str) -> str | None:
    """Digits, with a plus in front where it is international; None where nothing was typed. Raises Refused."""
    number = "".join(letter for letter in typed if letter not in " -()（）　")
    if not number:
        return None
    if not number.removeprefix("+").isdecimal() or not number.isascii() or len(number) > LONGEST_PHONE:
        raise Refused(f"{typed!r} is no telephone number: write digits only.", f"“{typed}”不是电话号码，请只写数字")
    return number


def administrates(estate: str, viewer: Identity) -> None:
    """Raises NotFound, NotAllowed."""
    if estate not in viewer.estates:
        raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
    if viewer.member.role is not Role.ADMINISTRATOR:
        raise NotAllowed("Estates are set up by administrators. Ask one of them.", "小区由系统管理员设置，请联系管理员")


def _register(uow: UnitOfWork, estate: str, viewer: Identity) -> Register:
    administrates(estate, viewer)
    register = uow.registers.find(estate)
    if register is None:
        raise NotFound(f"There is no estate {estate!r} here.", "没有这个小区")
    return register


def _answered_for(known: EstateDescription, parties: Mapping[str, Party]) -> EstateDescription:
    """Whatever nobody is named for falls to the property once there is one, no longer to whoever runs the platform."""
    present = {party.id: party for party in known.parties}
    fallback = present.get(known.estate.fallback_party_id)
    manager = next((p for p in parties.values() if p.kind is PartyKind.PROPERTY_MANAGER and p.id not in present), None)
    if manager is None or fallback is None or fallback.kind is not PartyKind.PLATFORM_OPERATOR:
        return known
    return replace(known, estate=replace(known.estate, fallback_party_id=manager.id))


def _fresh(wanted: str, taken: Mapping[str, Party]) -> str:
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return next(one for one in (wanted, *numbered) if one not in taken)


def _without(known: EstateDescription, place_id: str) -> EstateDescription:
    nodes = [node.id for node in known.nodes if is_within(node.place_id, place_id)]
    if nodes:
        raise Conflict(
            f"Node {nodes[0]!r} hangs there: revoke it and take it out of the estate's file first.",
            f"节点 {nodes[0]} 在此处，请先撤销并移除",
        )
    gone = {item.id for item in known.equipment if is_within(item.place_id, place_id)}
    places: tuple[Place, ...] = tuple(place for place in known.places if not is_within(place.id, place_id))
    return replace(
        known,
        places=places,
        equipment=tuple(item for item in known.equipment if item.id not in gone),
        upkeep=tuple(one for one in known.upkeep if one.equipment not in gone),
    )


def _nothing_in(uow: UnitOfWork, known: Register, place_id: str) -> None:
    """What is open there points to its places. Raises Conflict."""
    tasks = uow.tasks.open(known.estate.id)
    incidents = uow.incidents.among([task.incident_id for task in tasks])
    if any(is_within(incident.place_id, place_id) for incident in incidents.values()):
        raise Conflict("Something is open there: close it first.", "此处有未结事件，请先处置")
