"""An estate's description becomes what the cloud knows of it; loading the same again changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from cloud.application.estates.households import with_homes
from cloud.application.estates.leaving import Leaving
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.community.contacts import Contact
from cloud.domain.community.party import Member
from cloud.domain.community.roster import laid_over
from cloud.domain.duties.description import EstateDescription
from cloud.domain.duties.neighbours import beside, disagreements, overreach
from cloud.domain.duties.register import Register
from cloud.domain.duties.register_warnings import register_warnings
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.tasks.reliance import relied_on
from cloud.errors import Invalid


@dataclass(frozen=True, slots=True)
class Loaded:
    """`version` of the register now in force; `changed` False when it said so already. `warnings`: what of it will
    not hold as it stands.
    """

    estate: str
    version: int
    changed: bool
    warnings: tuple[str, ...] = ()


class LoadEstate:
    """Raises Invalid, naming every fault with its remedy, and then nothing has changed; Unavailable."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def __call__(self, description: EstateDescription, *, actor: str = "system") -> Loaded:
        digest, estate = description.digest(), description.estate.id
        with self._units.writing() as uow:
            uow.accounts.hold()
            uow.ledger.hold(estate)
            known = uow.registers.find(estate)
            if known is not None and uow.registers.digest(estate) == digest:
                if laid := lay_contacts(uow, description, description.members, actor, self._clock.now()):
                    uow.ledger.append(estate, laid)
                    uow.commit()
                return Loaded(estate, known.version, changed=False, warnings=_warnings(known))
            if known is not None:
                description = with_homes(uow, known, description.beside(known.matrix), self._clock.now())
            in_force = known.matrix if known else None
            register = description.register(known.version + 1 if known else 1, in_force)
            if known is not None:
                keep_promises(uow, known, register)
                register = replace(register, rosters=laid_over(known.rosters, register.rosters), _by_closeness={})
            register = beside_others(uow, register)
            uow.registers.store(register, digest)
            if known is not None:
                end_gone(uow, known, actor, self._clock.now())
            laid = lay_contacts(uow, description, description.members, actor, self._clock.now())
            lay_upkeep(uow, description)
            data = {"version": register.version, "digest": digest}
            loaded = Draft(Kind.ESTATE_LOADED, self._clock.now(), actor, None, estate, digest, data)
            uow.ledger.append(estate, [loaded, *laid])
            uow.commit()
            return Loaded(estate, register.version, changed=True, warnings=_warnings(register))


def lay_contacts(
    uow: UnitOfWork, description: EstateDescription, members: Iterable[Member], actor: str, now: datetime
) -> list[Draft]:
    """Of these members the channels that the file names, as it names them now; those that members added themselves stay. An
    entry for each member whose changed: their channels, never an address, which are personal data.
    """
    changed = []
    for member in members:
        named = [(one.channel, one.address) for one in description.contacts if one.member_id == member.id]
        before = list(uow.contacts.of(member.id))
        kept = [one for one in before if not one.laid or (one.channel, one.address) in named]
        known = {(one.channel, one.address) for one in kept}
        fresh = [
            Contact(member.id, channel, address, preference=len(kept) + number, laid=True)
            for number, (channel, address) in enumerate(dict.fromkeys(named))
            if (channel, address) not in known
        ]
        if fresh or kept != before:
            uow.contacts.replace(member.id, [*kept, *fresh])
            channels = [one.channel for one in (*kept, *fresh)]
            data = {"member": member.id, "party": member.party_id, "channels": channels}
            changed.append(Draft(Kind.CONTACTS_LAID, now, actor, None, member.id, None, data))
    return changed


def end_gone(uow: UnitOfWork, known: Register, actor: str, now: datetime) -> None:
    """Members whom no file names any more, nor anybody has asked in: their keys would open again if the file named them again."""
    for member_id in sorted(known.members):
        if uow.registers.member(member_id) is None:
            leaving = Leaving(uow, member_id, now, actor)
            leaving.shut_out()
            leaving.forget()
            told = Draft(Kind.MEMBER_REMOVED, now, actor, None, member_id, "file", {"member": member_id})
            uow.ledger.append(known.estate.id, [told])


def lay_upkeep(uow: UnitOfWork, description: EstateDescription) -> None:
    """A visit that was confirmed since, or a later inspection, is not undone by what the file still says."""
    known = uow.upkeep.of(description.estate.id)
    for said in description.upkeep:
        laid = known.get(said.equipment, said).with_later(said.maintained_on, said.inspected_until)
        if laid != known.get(said.equipment):
            uow.upkeep.save(laid)


def beside_others(uow: UnitOfWork, register: Register, viewer: Identity | None = None) -> Register:
    """Parties and members are kept once for all estates: what is said of them here must hold there too, and gives nobody a way
    into estates with which the `viewer` has nothing to do; None is the program itself. Raises Invalid.
    """
    others = others_than(uow, register.estate.id)
    if viewer is not None:
        known = uow.registers.find(register.estate.id)
        reaching = list(overreach(register, known, others, viewer.estates))
        if reaching:
            raise Invalid("Members would come into estates that are not yours.", reaching)
    problems = list(disagreements(register, others))
    if problems:
        raise Invalid(f"Estate {register.estate.id!r} contradicts the estates beside it.", problems)
    return beside(register, others)


def others_than(uow: UnitOfWork, estate: str) -> list[Register]:
    return [one for one in uow.registers.every() if one.estate.id != estate]


def keep_promises(uow: UnitOfWork, known: Register, register: Register) -> None:
    """A party that is responsible for an open task cannot vanish, nor one that would be if another let go, or that has
    a part in it still: nobody would answer. Raises Invalid.
    """
    gone = known.parties.keys() - register.parties.keys()
    open_tasks = uow.tasks.open(known.estate.id)
    holding = [(party, task.id) for task in open_tasks for party in sorted(relied_on(task) & gone)]
    if holding:
        raise Invalid(
            "Parties that are responsible for open tasks, or take part in them, cannot be removed.",
            [f"party {party!r}: close task {task_id} first, or keep the party" for party, task_id in holding],
        )


def _warnings(register: Register) -> tuple[str, ...]:
    return tuple(register_warnings(register))
