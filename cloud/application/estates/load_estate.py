"""An estate's description becomes what the cloud knows of it; loading the same again changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cloud.application.identifiers import RandomIds
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.domain.community.contact import Contact
from cloud.domain.community.roster import laid_over
from cloud.domain.duties.description import EstateDescription
from cloud.domain.duties.neighbours import beside, disagreements
from cloud.domain.duties.register import Register
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import Invalid


@dataclass(frozen=True, slots=True)
class Loaded:
    """`version` of the register now in force; `changed` False when it said so already."""

    estate: str
    version: int
    changed: bool


class LoadEstate:
    """Raises Invalid, naming every fault with its remedy, and then nothing has changed; Unavailable."""

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids | None = None) -> None:
        self._units, self._clock, self._ids = units, clock, ids or RandomIds()

    def __call__(self, description: EstateDescription, *, actor: str = "system") -> Loaded:
        digest, estate = description.digest(), description.estate.id
        with self._units.writing() as uow:
            known = uow.registers.find(estate)
            if known is not None and uow.registers.digest(estate) == digest:
                if self._lay_contacts(uow, description):
                    uow.commit()
                return Loaded(estate, known.version, changed=False)
            if known is not None:
                description = description.beside(known.matrix)
            register = description.register(known.version + 1 if known else 1)
            if known is not None:
                self._keep_promises(uow, known, register)
                register = replace(register, rosters=laid_over(known.rosters, register.rosters), _by_closeness={})
            register = self._beside_others(uow, register)
            uow.registers.store(register, digest)
            self._lay_contacts(uow, description)
            data = {"version": register.version, "digest": digest}
            uow.ledger.append(estate, [Draft(Kind.ESTATE_LOADED, self._clock.now(), actor, None, estate, digest, data)])
            uow.commit()
            return Loaded(estate, register.version, changed=True)

    def _lay_contacts(self, uow: UnitOfWork, description: EstateDescription) -> bool:
        """The channels that the file names, as it names them now; those that members added themselves stay. Whether any
        changed. They are kept apart from all else: they are personal data.
        """
        named = {(one.member_id, one.kind, one.address) for one in description.contacts}
        held = uow.contacts.of_members([member.id for member in description.members])
        known = {(c.member_id, c.kind, c.address): c for contacts in held.values() for c in contacts}
        gone = [contact for key, contact in known.items() if contact.laid and key not in named]
        fresh = sorted(named - known.keys())
        for contact in gone:
            uow.contacts.remove(contact.id)
        for member, kind, address in fresh:
            now = self._clock.now()
            uow.contacts.save(Contact(self._ids.new(now), member, kind, address, now, laid=True))
        return bool(gone or fresh)

    @staticmethod
    def _beside_others(uow: UnitOfWork, register: Register) -> Register:
        """Parties and members are kept once for all estates: what is said of them here must hold there too."""
        ids = (estate.id for estate in uow.registers.estates() if estate.id != register.estate.id)
        others = [other for id_ in ids if (other := uow.registers.find(id_)) is not None]
        problems = list(disagreements(register, others))
        if problems:
            raise Invalid(f"Estate {register.estate.id!r} contradicts the estates beside it.", problems)
        return beside(register, others)

    @staticmethod
    def _keep_promises(uow: UnitOfWork, known: Register, register: Register) -> None:
        """A party that is responsible for an open task cannot vanish: nobody would be."""
        gone = known.parties.keys() - register.parties.keys()
        holding = [task for task in uow.tasks.open(known.estate.id) if task.responsible_id in gone]
        if holding:
            raise Invalid(
                "Parties that are responsible for open tasks cannot be removed.",
                [f"party {task.responsible_id!r}: close task {task.id} first, or keep the party" for task in holding],
            )
