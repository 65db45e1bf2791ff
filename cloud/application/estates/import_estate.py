"""Files bring an estate in, or things into it: everything of them or nothing, tried first where one wants to, the same again
without effect; and what there is goes out as files that come in again unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final, Protocol

from cloud.application.estates.amend_estate import administrates
from cloud.application.estates.households import with_homes
from cloud.application.estates.load_estate import (
    beside_others,
    end_gone,
    keep_promises,
    lay_contacts,
    lay_upkeep,
    others_than,
)
from cloud.application.estates.sign_in import Identity
from cloud.application.estates.table_files import TableWriter
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.community.faults import fault
from cloud.domain.community.party import Role
from cloud.domain.community.roster import Roster, laid_over
from cloud.domain.duties.amending import Amendment, Change, amended, changes, described, settled
from cloud.domain.duties.description import EstateDescription, NamedContact
from cloud.domain.duties.neighbours import reaches_beyond
from cloud.domain.duties.register import Register
from cloud.domain.duties.register_warnings import register_warnings
from cloud.domain.duties.upkeep import Upkeep
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import Invalid, NotAllowed, NotFound, Refused

MOST_FILES: Final = 12


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file by its name, as it came."""

    name: str
    content: bytes


class Read(Protocol):
    """What files say. `whole`: a description of an estate, which replaces what is known of it; None: only `amendment`, which
    adds and edits.
    """

    @property
    def whole(self) -> EstateDescription | None: ...
    @property
    def amendment(self) -> Amendment: ...
    @property
    def contacts(self) -> tuple[NamedContact, ...]:
        """Channels of members that tables name."""
        ...

    def located(self, problem: str) -> str:
        """The problem with the file, line and column at which it stands."""
        ...


class EstateFiles(TableWriter, Protocol):
    def read(self, files: Sequence[GivenFile], estate: str | None) -> Read:
        """`estate`: where tables belong. Raises Invalid, naming file, line, column and remedy."""
        ...

    def write(self, description: EstateDescription) -> Mapping[str, bytes]:
        """By name: the whole as one file, and each table as one."""
        ...

    def templates(self) -> Mapping[str, bytes]:
        """By name: each table with its columns and how they are filled in."""
        ...


@dataclass(frozen=True, slots=True)
class Imported:
    """What the files changed, or would: nothing when they say what is known. `version` of the register in force."""

    estate: str
    version: int
    changes: tuple[Change, ...]
    tried: bool
    warnings: tuple[str, ...] = ()


class ImportEstate:
    """For administrators; `viewer` None is the command line. Raises NotFound, NotAllowed, Refused, Invalid with every fault
    and its remedy, Unavailable - and then nothing has changed.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, files: Callable[[], EstateFiles]) -> None:
        self._units, self._clock, self._files = units, clock, files

    def templates(self) -> Mapping[str, bytes]:
        return self._files().templates()

    def __call__(
        self, estate: str | None, files: Sequence[GivenFile], viewer: Identity | None, *, dry_run: bool = False,
        actor: str = "system",
    ) -> Imported:  # fmt: skip
        """`estate`: into which, where the files do not say."""
        if not 1 <= len(files) <= MOST_FILES:
            raise Refused(f"Choose 1 to {MOST_FILES} files.", f"请选择1到{MOST_FILES}个文件")
        read = self._files().read(files, estate)
        with _located(read), self._units.writing() as uow:
            name = read.whole.estate.id if read.whole else estate
            uow.accounts.hold()
            uow.ledger.hold(name or "")
            known = self._known(uow, name, viewer, whole=read.whole is not None)
            before = described(known, uow.upkeep.of(known.estate.id).values()) if known else None
            after = with_homes(uow, known, self._after(known, before, read), self._clock.now())
            version = known.version + 1 if known else 1
            register = _register(uow, known, after, version, viewer)
            found = changes(before, described(register, _upkeep(uow, after)))
            by = f"member:{viewer.member.id}" if viewer else actor
            # Who is named without any channel keeps theirs: an export says nothing of them.
            named = {one.member_id for one in after.contacts}
            told = [one for one in after.members if one.id in named]
            laid = lay_contacts(uow, after, told, by, self._clock.now())
            _within_reach(uow, register, laid, viewer)
            warnings = tuple(register_warnings(register))
            if laid and not any(change.table == "members" for change in found):
                found = (*found, Change("members", edited=tuple(sorted(draft.subject or "" for draft in laid))))
            if not found:
                assert known is not None, "an estate that is new is a change"
                return Imported(register.estate.id, known.version, (), dry_run, warnings)
            if not dry_run:
                self._store(uow, register, after, laid, found, by=by)
                uow.commit()
            return Imported(register.estate.id, version, found, dry_run, warnings)

    def export(self, estate: str, viewer: Identity | None) -> Mapping[str, bytes]:
        """Files by name, which say everything but contacts, overrides and credit."""
        with self._units.reading() as uow:
            known = self._known(uow, estate, viewer, whole=False)
            assert known is not None, "one that is not there is refused"
            description = described(known, uow.upkeep.of(estate).values())
        return self._files().write(description)

    @staticmethod
    def _after(known: Register | None, before: EstateDescription | None, read: Read) -> EstateDescription:
        if read.whole is None:
            assert before is not None, "tables are taken into an estate that is known"
            return replace(amended(before, read.amendment), contacts=read.contacts)
        whole = read.whole.beside(known.matrix) if known else read.whole
        return replace(amended(whole, read.amendment), contacts=(*whole.contacts, *read.contacts))

    @staticmethod
    def _known(uow: UnitOfWork, estate: str | None, viewer: Identity | None, *, whole: bool) -> Register | None:
        """Raises NotFound, NotAllowed."""
        known = uow.registers.find(estate) if estate else None
        if viewer is not None and known is not None:
            administrates(known.estate.id, viewer)
        elif viewer is not None and viewer.member.role is not Role.ADMINISTRATOR:
            raise NotAllowed("Estates are brought in by administrators. Ask one of them.", "小区由系统管理员导入")
        if known is None and not whole:
            raise NotFound(
                f"There is no estate {estate!r} into which tables could be taken: name one, or import its YAML first.",
                "没有可导入表格的小区，请先导入小区文件",
            )
        return known

    def _store(
        self, uow: UnitOfWork, register: Register, after: EstateDescription, laid: Sequence[Draft],
        found: Sequence[Change], *, by: str,
    ) -> None:  # fmt: skip
        estate, digest = register.estate.id, settled(after).digest()
        known = uow.registers.find(estate)
        uow.registers.store(register, f"{digest[:32]}{register.version:032d}")
        if known is not None:
            end_gone(uow, known, by, self._clock.now())
        lay_upkeep(uow, after)
        data = {"version": register.version, "digest": digest, "changed": [one.table for one in found]}
        told = Draft(Kind.ESTATE_LOADED, self._clock.now(), by, None, estate, digest, data)
        uow.ledger.append(estate, [told, *laid])


def _within_reach(uow: UnitOfWork, register: Register, laid: Sequence[Draft], viewer: Identity | None) -> None:
    """By a member's channels go links to what they see, in every estate. Raises Invalid."""
    if viewer is None or not laid:
        return
    others, members = others_than(uow, register.estate.id), [register.members[one.subject or ""] for one in laid]
    beyond = [one.id for one in members if reaches_beyond(one, others, viewer.estates)]
    if beyond:
        problems = [fault("channels-beyond", ("member", id_)) for id_ in beyond]
        raise Invalid("Channels of members of other estates are not set here.", problems)


def _register(
    uow: UnitOfWork, known: Register | None, after: EstateDescription, version: int, viewer: Identity | None
) -> Register:
    register = after.register(version, known.matrix if known else None)
    if known is None:
        return beside_others(uow, register, viewer)
    keep_promises(uow, known, register)
    before = {roster.id: roster for roster in known.rosters}
    same = {one.id for one in register.rosters if one.id in before and _bare(one) == _bare(before[one.id])}
    laid = laid_over(known.rosters, register.rosters)
    rosters = tuple(before[one.id] if one.id in same else one for one in laid)
    return beside_others(uow, replace(register, rosters=rosters, _by_closeness={}), viewer)


def _bare(roster: Roster) -> Roster:
    """Without what was made since a file named it."""
    return replace(roster, overrides=(), revision=1, laid=True)


def _upkeep(uow: UnitOfWork, after: EstateDescription) -> list[Upkeep]:
    """As it will stand: a later day that is known already is not undone."""
    known = dict(uow.upkeep.of(after.estate.id))
    for said in after.upkeep:
        before = known.get(said.equipment, said)
        known[said.equipment] = before.with_later(said.maintained_on, said.inspected_until)
    return list(known.values())


@contextmanager
def _located(read: Read) -> Iterator[None]:
    """What is found to be wrong within, with the place in the files at which it stands."""
    try:
        yield
    except Invalid as error:
        headline = str(error).partition("\n")[0]
        raise Invalid(headline, [read.located(problem) for problem in error.problems]) from error
