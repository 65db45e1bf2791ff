"""How far the setting up of an estate is: what is there, what is missing, which nodes speak, and whom the test reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cloud.application.channel_ports import MeansNow
from cloud.application.estates.how_far import hour_of, invited, last_test, messages, reached, unfinished
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.community.means import ANY
from cloud.domain.community.names import Names, from_large_to_small
from cloud.domain.community.party import Member
from cloud.domain.duties.first_hour import FirstHour
from cloud.domain.duties.register import EquipmentKind, Register
from cloud.domain.fleet.credential import CredentialState
from cloud.domain.incidents.trial import HAZARDS
from cloud.domain.records.delivery import Delivery, DeliveryState
from cloud.domain.records.notification import Notification, Reason
from cloud.domain.tasks.task import Task
from cloud.errors import NotFound


@dataclass(frozen=True, slots=True)
class MemberState:
    """`channels`: the kinds through which they are reached, in order."""

    member: Member
    party_names: Names
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NodeState:
    """`heard_at`: None as long as no word of it came. `wired`: how much equipment is wired to it."""

    id: str
    names: Names
    enrolled: bool
    code_until: datetime | None
    heard_at: datetime | None
    online: bool
    wired: int


@dataclass(frozen=True, slots=True)
class PersonTold:
    """What became of a message to one member. `channel` and `why`: as far as is known. `reached`: it went a way that would
    be relied upon where a life is at stake.
    """

    names: Names
    state: DeliveryState
    channel: str | None
    why: str | None
    reached: bool


@dataclass(frozen=True, slots=True)
class PartyTold:
    """A party that a test called. `phone`: a person is to dial it. `waiting`: nobody has been addressed yet."""

    names: Names
    phone: str | None
    waiting: bool
    people: Sequence[PersonTold]


@dataclass(frozen=True, slots=True)
class TestState:
    """`reached`: how many people a message reached, by the rule of danger to life; `answered_by`: who has answered for it, None while nobody has."""

    incident_id: str
    hazard: str
    at: datetime
    open: bool
    address: Names
    told: Sequence[PartyTold]
    reached: int
    answered_by: Names | None


@dataclass(frozen=True, slots=True)
class FirstHourView:
    """`may_test`: equipment at which a test can be sounded, lifts first; `seq`: where the live stream goes on."""

    hour: FirstHour
    members: Sequence[MemberState]
    invited: Mapping[str, int]
    nodes: Sequence[NodeState]
    may_test: Sequence[tuple[str, Names, Sequence[str]]]
    test: TestState | None
    channels: Sequence[str] | None
    seq: int


class AskFirstHour:
    """Raises NotFound. `means`: through what anybody is reached at all."""

    def __init__(self, units: UnitsOfWork, clock: Clock, means: MeansNow = ANY) -> None:
        self._units, self._clock, self._means = units, clock, means

    def __call__(self, estate: str, viewer: Identity) -> FirstHourView:
        with self._units.reading() as uow:
            register = _register(uow, estate, viewer)
            test = _last_test(uow, register)
            now, tested, means = self._clock.now(), test is not None and test.reached > 0, self._means()
            return FirstHourView(
                hour=hour_of(uow, register, means, now, tested=tested),
                members=self._members(uow, register),
                invited=invited(uow, estate, now),
                nodes=list(self._nodes(uow, register)),
                may_test=_may_test(register),
                test=test,
                channels=None if means.kinds is None else sorted(means.kinds),
                seq=uow.ledger.head(estate).seq,
            )

    def unfinished(self, estate: str, viewer: Identity) -> bool:
        """Whether a step is still to be taken."""
        with self._units.reading() as uow:
            return unfinished(uow, _register(uow, estate, viewer), self._means(), self._clock.now())

    def _members(self, uow: UnitOfWork, register: Register) -> list[MemberState]:
        contacts, found, means = uow.contacts.among(list(register.members)), [], self._means()
        for member in register.members.values():
            ways = means.ways(member.id, contacts.get(member.id, ()))
            kinds = tuple(dict.fromkeys(way.channel for way in ways))
            found.append(MemberState(member, register.party(member.party_id).names, kinds))
        return found

    def _nodes(self, uow: UnitOfWork, register: Register) -> Iterator[NodeState]:
        estate, now = register.estate.id, self._clock.now()
        known = {node.id: node for node in uow.nodes.of(estate)}
        active = {one.node_id for one in uow.enrolments.of_estates([estate]) if one.state is CredentialState.ACTIVE}
        for node in register.nodes.values():
            claims = uow.enrolments.open_claims(estate, node.id, now)
            heard = known.get(node.id)
            yield NodeState(
                node.id,
                node.names,
                node.id in active,
                max((claim.expires_at for claim in claims), default=None),
                heard.heard_at if heard else None,
                heard is not None and heard.online,
                sum(item.node_id == node.id for item in register.equipment.values()),
            )


def _register(uow: UnitOfWork, estate: str, viewer: Identity) -> Register:
    register = uow.registers.find(estate) if estate in viewer.estates else None
    if register is None:
        raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
    return register


def _may_test(register: Register) -> list[tuple[str, Names, Sequence[str]]]:
    order = [EquipmentKind.LIFT, EquipmentKind.SMOKE_DETECTOR, EquipmentKind.ACCESS_GATE]
    items = sorted(
        (item for item in register.equipment.values() if item.kind in HAZARDS), key=lambda item: order.index(item.kind)
    )
    found: list[tuple[str, Names, Sequence[str]]] = []
    for item in items:
        at = register.places.address(item.place_id)
        found.append((item.id, from_large_to_small((at, item.names)), HAZARDS[item.kind]))
    return found


def _last_test(uow: UnitOfWork, register: Register) -> TestState | None:
    newest = last_test(uow, register)
    return _state(uow, register, newest) if newest is not None else None


def _state(uow: UnitOfWork, register: Register, task: Task) -> TestState:
    incident = uow.incidents.get(task.incident_id)
    assert incident is not None, f"task {task.id} has lost its incident"
    notices = [one for one in uow.outbox.of_task(task.id) if one.reason is not Reason.CANCELLED]
    mine = messages(uow, task)
    called = [*(one.party_id for one in notices), *(one.party_id for one in mine)]
    parties = dict.fromkeys([*task.parties(), *called])
    answered = task.responsible_id if task.acknowledged_at is not None else None
    return TestState(
        task.incident_id,
        task.hazard,
        task.opened_at,
        task.open,
        register.places.address(incident.place_id),
        [_told(register, party, notices, mine) for party in parties],
        len(reached(mine)),
        register.party(answered).names if answered else None,
    )


def _told(register: Register, party: str, notices: Sequence[Notification], sent: Sequence[Delivery]) -> PartyTold:
    phone = next((one.phone for one in notices if one.party_id == party and one.phone), None)
    waiting = any(one.party_id == party and one.addressed_at is None for one in notices)
    # Of several messages to one person the last counts.
    people = {one.member_id: _person(register, one) for one in sent if one.party_id == party}
    return PartyTold(register.party(party).names, phone, waiting, list(people.values()))


def _person(register: Register, delivery: Delivery) -> PersonTold:
    member = register.members.get(delivery.member_id or "")
    names = member.names if member else register.party(delivery.party_id).names
    return PersonTold(names, delivery.state, delivery.channel, delivery.why, delivery.reached_its_member)
