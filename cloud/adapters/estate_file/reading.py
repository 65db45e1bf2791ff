"""Reads an estate's YAML into its description, with errors that name the row and the remedy."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from cloud.adapters.estate_file.documents import (
    CalendarDocument,
    DutyDocument,
    EquipmentDocument,
    EstateFile,
    HoursDocument,
    LimitsDocument,
    MemberDocument,
    Named,
    NodeDocument,
    PartyDocument,
    PlaceDocument,
    RosterDocument,
    StepDocument,
)
from cloud.adapters.estate_file.externals import EXTERNALS_OF
from cloud.adapters.estate_file.yaml_text import located, problems_of, read_yaml
from cloud.domain.community.contacts import checked_address
from cloud.domain.community.faults import fault, under
from cloud.domain.community.hours import Hours
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Membership, Party
from cloud.domain.community.place import Place
from cloud.domain.community.public_days import DEFAULT_REGION, PublicDays, known_region
from cloud.domain.community.roster import Roster, Rotation, Shift
from cloud.domain.duties.description import EstateDescription, NamedContact
from cloud.domain.duties.duty import Duty, PartLimits
from cloud.domain.duties.escalation import Condition, EscalationPolicy, Repeat, Step
from cloud.domain.duties.register import Equipment, Estate, NodeEntry
from cloud.domain.duties.upkeep import Upkeep
from cloud.errors import Invalid

_DUTIES: Final = TypeAdapter(list[DutyDocument])
_CONDITIONS: Final = {
    "acknowledged": Condition.IF_NOT_ACKNOWLEDGED,
    "arrived": Condition.IF_NOT_ARRIVED,
    "lead-arrived": Condition.IF_LEAD_NOT_ARRIVED,
    "closed": Condition.IF_NOT_CLOSED,
}
MATRICES: Final = {"CN": "default_duties.yaml", "GB": "duties_gb.yaml"}


def read_estate(path: Path) -> EstateDescription:
    """The estate described in a YAML file. Raises Invalid, which names each row, key and remedy."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(f"The estate's file {path} is not as expected.", [fault("no-utf8")]) from error
    except OSError as error:
        raise Invalid(
            f"The estate's file {path} cannot be read ({error.strerror}). Check its path and rights."
        ) from error
    raw = read_yaml(text, str(path))
    try:
        document = EstateFile.model_validate(raw)
    except ValidationError as error:
        raise Invalid(f"The estate's file {path} is not as expected.", problems_of(error, raw, text)) from error
    description = description_of(document)
    with located(text):
        description.register(1)
    return description


def default_duties(region: str = "CN") -> tuple[Duty, ...]:
    """The matrix that a new estate in that country gets, each row with its basis, to be confirmed locally. Raises Invalid
    where there is none for it.
    """
    return read_duties(default_matrix(region), "the default matrix")


def default_matrix(region: str = "CN") -> str:
    """The same as its YAML, remarks included."""
    name = MATRICES.get(region)
    if name is None:
        known = ", ".join(sorted(MATRICES))
        raise Invalid(
            f"There is no default matrix for {region!r}.", [fault("no-matrix-of-country", region=region, known=known)]
        )
    return resources.files("cloud.adapters.estate_file").joinpath(name).read_text(encoding="utf-8")


def read_duties(text: str, name: str = "the matrix") -> tuple[Duty, ...]:
    """A matrix by itself: a YAML list of rows. Raises Invalid, which names line and remedy."""
    raw = read_yaml(text, name)
    try:
        return tuple(duty_of(row) for row in _DUTIES.validate_python(raw))
    except ValidationError as error:
        raise Invalid(f"The duties in {name} are not as expected.", problems_of(error, raw, text)) from error


def names_of(document: Named) -> Names:
    return Names(document.zh, document.en)


def hours_of(document: HoursDocument) -> Hours:
    return Hours(frozenset(document.days), document.start, document.end)


def _step(document: StepDocument) -> Step:
    return Step(
        delay=document.after,
        condition=_CONDITIONS[document.unless],
        targets=tuple(document.call),
        importance=document.importance,
        multi_ack=document.multi_ack,
        call_sheet=document.call_sheet,
        repeat=Repeat(document.every, document.times) if document.every else None,
    )


def duty_of(document: DutyDocument) -> Duty:
    return Duty(
        id=document.id,
        hazards=tuple(document.hazards),
        leads=tuple(document.lead),
        tto=document.tto,
        ttr=document.ttr,
        basis=names_of(document.basis),
        basis_seen=document.basis.seen,
        place_id=document.place,
        hours=hours_of(document.hours),
        supports=tuple(document.supports),
        observers=tuple(document.observers),
        arrive=document.arrive,
        arrive_outside_towns=document.arrive_outside_towns,
        ladder=EscalationPolicy(tuple(_step(step) for step in document.ladder)),
        needs=frozenset(document.needs),
        resolve_delay=document.resolve_delay,
        pause_reasons=tuple(document.pause_reasons),
        call_sheet=tuple(document.call_sheet),
        severity=document.severity,
        running=document.calendar,
        limits=tuple(
            PartLimits(ref, own.accept, own.arrive, own.finish)
            for ref in document.supports
            if (own := document.limits.get(str(ref))) is not None and own != LimitsDocument()
        ),
    )


def _days(document: CalendarDocument) -> PublicDays:
    return PublicDays(document.region, frozenset(document.holidays), frozenset(document.workdays))


def _roster(estate: str, document: RosterDocument) -> Roster:
    rotations = [
        Rotation(tuple(r.participants), r.starts_on, r.handoff, r.every_days, r.only) for r in document.rotations
    ]
    shifts = [
        Shift(tuple(s.members), s.start, s.end, frozenset(s.days), s.only, s.since, s.until) for s in document.shifts
    ]
    return Roster(document.id, estate, document.party, names_of(document), tuple(rotations), tuple(shifts), laid=True)


def contacts_of(members: Iterable[MemberDocument]) -> list[NamedContact]:
    """Raises Invalid, naming the member but never the address: messages end up in logs."""
    found, problems = [], []
    for member in members:
        for contact in member.contacts:
            try:
                found.append(
                    NamedContact(member.id, contact.channel, checked_address(contact.channel, contact.address))
                )
            except Invalid as error:
                problems += [
                    under(one, f"member {member.id!r}, {contact.channel}: ", f"成员 {member.id!r} {contact.channel}：")
                    for one in error.problems
                ]
    if problems:
        raise Invalid("The contacts in the estate's file are not as expected.", problems)
    return found


def member_of(document: MemberDocument) -> Member:
    also = tuple(Membership(one.party, one.role) for one in document.also)
    return Member(document.id, document.party, names_of(document), document.role, document.language, also)


def party_of(document: PartyDocument) -> Party:
    return Party(
        id=document.id,
        kind=document.kind,
        names=names_of(document),
        serves=tuple(document.serves),
        phone=document.phone,
        capabilities=frozenset(document.capabilities),
        hours=hours_of(document.hours),
    )


def place_of(document: PlaceDocument) -> Place:
    return Place(document.id, document.kind, names_of(document))


def node_of(document: NodeDocument) -> NodeEntry:
    return NodeEntry(document.id, document.place, names_of(document))


def equipment_of(document: EquipmentDocument) -> Equipment:
    return Equipment(document.id, document.kind, document.place, names_of(document), document.node)


def upkeep_of(estate: str, documents: Iterable[EquipmentDocument]) -> tuple[Upkeep, ...]:
    dated = (one for one in documents if one.maintained_on or one.inspected_until)
    return tuple(Upkeep(estate, one.id, one.maintained_on, one.inspected_until) for one in dated)


def description_of(file: EstateFile, *, externals: bool = True) -> EstateDescription:
    """`externals`: with the bodies that are phoned in its country, as far as the file does not describe them itself."""
    head = file.estate
    parties = [party_of(document) for document in file.parties]
    region = head.calendar.region
    phones = {party.phone for party in parties if party.external}
    rows = (
        default_duties(region if known_region(region) else DEFAULT_REGION)
        if file.duties is None
        else tuple(duty_of(row) for row in file.duties)
    )
    added = tuple(duty_of(row) for row in file.more_duties)
    return EstateDescription(
        estate=Estate(
            head.id,
            head.place,
            names_of(head),
            head.fallback,
            head.time_zone,
            head.reopen_window,
            _days(head.calendar),
            head.calendar.working_from,
            head.calendar.working_until,
            head.arbiter,
            head.arbitrate_within,
        ),
        places=tuple(map(place_of, file.places)),
        parties=(
            *parties,
            *(party for party in (EXTERNALS_OF.get(region, ()) if externals else ()) if party.phone not in phones),
        ),
        members=tuple(member_of(member) for member in file.members),
        rosters=tuple(_roster(head.id, roster) for roster in file.rosters),
        contacts=tuple(contacts_of(file.members)),
        nodes=tuple(map(node_of, file.nodes)),
        equipment=tuple(map(equipment_of, file.equipment)),
        upkeep=upkeep_of(head.id, file.equipment),
        duties=(*rows, *added),
        matrix_given=file.duties is not None,
        added_duties=added,
    )
