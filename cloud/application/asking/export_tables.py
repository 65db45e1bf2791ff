"""One register of an estate as a file that comes in again unchanged: places, parties, duties, members."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cloud.application.asking.personal_looks import PersonalLooks
from cloud.application.estates.sign_in import Identity
from cloud.application.estates.table_files import Form, Table, TableWriter
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.application.sight import Sight
from cloud.domain.duties.amending import described
from cloud.domain.duties.description import EstateDescription, NamedContact
from cloud.domain.records.personal import PersonalClass
from cloud.errors import NotFound


class ExportTables:
    """As much as the viewer's lists show them: of the parties those that are seen here, of the equipment what their duties have to
    do with. An estate the viewer has nothing to do with does not exist for them: NotFound.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, files: Callable[[], TableWriter]) -> None:
        self._units, self._files, self._looks = units, files, PersonalLooks(units, clock)

    def __call__(self, estate: str, viewer: Identity, table: Table, form: Form, *, contacts: bool = False) -> bytes:
        """`contacts`: of members also the channels that files named, whose owners' ledger says who took them out. What members
        added themselves is theirs and in no file.
        """
        with self._units.reading() as uow:
            found = _described(uow, estate, viewer)
            named = _laid(uow, found) if contacts and table == "members" else ()
        for member in sorted({one.member_id for one in named}):
            self._looks.note(viewer, estate, f"member:{member}", PersonalClass.CONTACT)
        return self._files().write_one(replace(found, contacts=named), table, form)


def _described(uow: UnitOfWork, estate: str, viewer: Identity) -> EstateDescription:
    register = uow.registers.find(estate)
    if register is None or estate not in viewer.estates:
        raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
    sight = Sight(uow, register, viewer)
    whole = described(register, uow.upkeep.of(estate).values())
    equipment = tuple(one for one in whole.equipment if sight.equipment(one))
    seen = {one.id for one in equipment}
    return replace(
        whole,
        parties=tuple(one for one in whole.parties if one.external or register.seen_by(one)),
        equipment=equipment,
        upkeep=tuple(one for one in whole.upkeep if one.equipment in seen),
    )


def _laid(uow: UnitOfWork, found: EstateDescription) -> tuple[NamedContact, ...]:
    return tuple(
        NamedContact(member.id, one.channel, one.address)
        for member in found.members
        for one in uow.contacts.of(member.id)
        if one.laid
    )
