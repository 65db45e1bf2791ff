"""Why me: how a hazard at a place finds its parties, with every step of the reasoning kept for people to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Party, PartyRef
from cloud.domain.duties.availability import Availability, available
from cloud.domain.duties.duty import Duty, PartLimits, fallback_duty, with_last_resort, with_safety_floor
from cloud.domain.duties.oversight import Appointment
from cloud.domain.duties.reach import Ground, Reach, reach
from cloud.domain.duties.register import Register
from schemas.hazards import Severity, hazard


class TraceKind(StrEnum):
    WON = "won"
    OUTRANKED = "outranked"
    LEAD = "lead"
    SUPPORT = "support"
    OBSERVER = "observer"
    SKIPPED = "skipped"
    ON_DUTY = "on_duty"
    NOBODY_ON_DUTY = "nobody_on_duty"
    FALLBACK = "fallback"


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One step of the reasoning, as a sentence."""

    kind: TraceKind
    subject: str
    text: Names


@dataclass(frozen=True, slots=True)
class Routing:
    """The parties of a task, the duty they answer to, and the trace that says why. `reached`: of each party that has
    people here, whom its roster has called first.
    """

    duty: Duty
    lead: Party
    supports: tuple[Party, ...]
    observers: tuple[Party, ...]
    trace: tuple[TraceLine, ...]
    reached: tuple[Reach, ...] = ()


@dataclass
class _Router:
    register: Register
    hazard_id: str
    place_id: str
    local: datetime
    trace: list[TraceLine] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    def say(self, kind: TraceKind, subject: str, zh: str, en: str) -> None:
        self.trace.append(TraceLine(kind, subject, Names(zh, en)))

    def first(self, refs: Iterable[PartyRef], *, leads: bool = False) -> Party | None:
        """The first party, in the order of the references, that can be asked here and now; each that is passed over leaves
        a line. Where there are people of none, it is the first of those within their hours: it answers for its part, and
        that nobody of it is here is a hole in coverage.
        """
        empty: list[Party] = []
        for ref in refs:
            meant = self.register.meant(ref, self.place_id)
            if not meant:
                self.say(TraceKind.SKIPPED, str(ref), f"此处没有“{ref}”", f"nobody here is {ref}")
            for party in meant:
                if party.id in self.taken or (leads and not self._may_lead(party)):
                    continue
                names = party.names
                if available(self.register, party, self.place_id, self.local) is Availability.AT_WORK:
                    for one in empty:
                        zh, en = f"{one.names.zh}在此没有人员", f"{one.names.en} has nobody here"
                        self.say(TraceKind.SKIPPED, one.id, zh, en)
                    return party
                if party.hours.cover(self.local):
                    empty.append(party)
                else:
                    zh, en = f"{names.zh}不在服务时间", f"{names.en} is outside its service hours"
                    self.say(TraceKind.SKIPPED, party.id, zh, en)
        return empty[0] if empty else None

    def _may_lead(self, party: Party) -> bool:
        """A matrix from before this was checked may still name one that may not."""
        may, names = party.may_lead_in(self.hazard_id, self.place_id), party.names
        if not may:
            self.say(TraceKind.SKIPPED, party.id, f"{names.zh}不得牵头", f"{names.en} may not lead this")
        return may

    def people_of(self, party: Party) -> Reach:
        """Whom the party's roster has called first; said where it has one."""
        found = reach(self.register, party.id, self.local)
        who, rest = _listed(found.first), _listed(found.then)
        if found.ground is Ground.ROSTER:
            aside = Names(f"，暂不呼叫{rest.zh}", f"; not called first: {rest.en}") if found.then else Names("", "")
            zh, en = f"{party.names.zh}当班：{who.zh}{aside.zh}", f"on duty for {party.names.en}: {who.en}{aside.en}"
            self.say(TraceKind.ON_DUTY, party.id, zh, en)
        elif found.ground is Ground.EMPTY_ROSTER:
            zh = f"{party.names.zh}的值班表此时无人当班（值守空档），改为呼叫全体：{who.zh}"
            en = f"nobody is on {party.names.en}'s roster now (a hole in coverage); all of it are called: {who.en}"
            self.say(TraceKind.NOBODY_ON_DUTY, party.id, zh, en)
        return found

    def all_of(self, refs: Iterable[PartyRef], kind: TraceKind) -> tuple[Party, ...]:
        found: list[Party] = []
        for ref in refs:
            party = self.first((ref,))
            if party is None:
                continue
            if kind is TraceKind.SUPPORT and party.keeps_out(self.hazard_id):
                zh, en = f"{party.names.zh}不得进入火场", f"{party.names.en} never enters where it burns"
                self.say(TraceKind.SKIPPED, party.id, zh, en)
                continue
            self.taken.add(party.id)
            found.append(party)
            word = Names("协办", "supports") if kind is TraceKind.SUPPORT else Names("知会", "is told")
            self.say(kind, party.id, f"{party.names.zh}{word.zh}", f"{party.names.en} {word.en}")
        return tuple(found)


def _listed(members: Iterable[Member]) -> Names:
    members = tuple(members)
    return Names("、".join(m.names.zh for m in members), ", ".join(m.names.en for m in members))


def _choose(router: _Router, hazard_id: str, severity: Severity) -> Duty:
    ranked = router.register.matrix.ranked(hazard_id, router.place_id, router.local, severity)
    if not ranked:
        router.say(TraceKind.FALLBACK, "", "没有匹配的职责", "no duty matches")
        return fallback_duty([PartyRef("id", router.register.fallback.id)])
    won, *others = ranked
    basis = won.basis
    router.say(TraceKind.WON, won.id, f"适用职责“{won.id}”：{basis.zh}", f"duty {won.id!r} applies: {basis.en}")
    for other in others:
        router.say(
            TraceKind.OUTRANKED,
            other.id,
            f"职责“{other.id}”也匹配，但不如“{won.id}”具体",
            f"duty {other.id!r} matches too, but {won.id!r} is more specific",
        )
    return _as_it_holds(router, won)


def _as_it_holds(router: _Router, won: Duty) -> Duty:
    """With the limits of where it is: outside towns whoever comes has further to go."""
    if won.arrive_outside_towns is None or not router.register.outside_towns(router.place_id):
        return won
    minutes = won.arrive_outside_towns.total_seconds() / 60
    zh = f"此处属乡镇：到场时限为 {minutes:g} 分钟"
    router.say(TraceKind.WON, won.id, zh, f"a township serves the place: {minutes:g} minutes to be on site")
    return won.outside_towns()


def _by_party(register: Register, limits: Iterable[PartLimits], place_id: str) -> Iterator[PartLimits]:
    """The same for whoever is meant there, by id; so they hold for a party that is called in later, too."""
    for one in limits:
        yield from (replace(one, ref=PartyRef("id", party.id)) for party in register.meant(one.ref, place_id))


def route(
    register: Register, hazard_id: str, place_id: str, now: datetime, *, severity: Severity | None = None,
    known: bool = True, appointed: Appointment | None = None,
) -> Routing:  # fmt: skip
    """Find the parties. `severity`: the hazard's own unless another is named; `known`: whether the equipment stands in the register; what does not goes to the fallback
    party first, and whom the duty names supports it. `appointed` leads whatever the duty names, and whom it was appointed
    over supports it. There is always a lead.
    """
    router = _Router(register, hazard_id, place_id, register.estate.local(now))
    duty = _choose(router, hazard_id, severity or hazard(hazard_id).severity)
    lead = appointed.lead if appointed else router.first(duty.leads, leads=True)
    helpers: tuple[PartyRef, ...] = (PartyRef("id", appointed.party.id),) if appointed else ()
    if appointed:
        router.say(TraceKind.LEAD, appointed.lead.id, appointed.words.zh, appointed.words.en)
    elif lead is None or not known:
        reason = (
            Names("设备未登记", "the equipment is not in the register")
            if not known
            else Names("没有可用的牵头单位", "no lead is to be had")
        )
        helpers = (PartyRef("id", lead.id),) if lead is not None else ()
        lead = register.fallback
        text = Names(
            f"{reason.zh}，由兜底单位{lead.names.zh}牵头", f"{reason.en}: fallback party {lead.names.en} leads"
        )
        router.trace.append(TraceLine(TraceKind.FALLBACK, lead.id, text))
    else:
        router.say(TraceKind.LEAD, lead.id, f"{lead.names.zh}牵头", f"{lead.names.en} leads")
    assert lead is not None
    router.taken.add(lead.id)
    floor = with_safety_floor if hazard(hazard_id).life_safety else with_last_resort
    duty = replace(duty, calendar=register.estate.calendar(duty.running))
    duty = floor(duty, PartyRef("id", register.fallback.id))
    supports = router.all_of(tuple(ref for ref in (*helpers, *duty.supports)), TraceKind.SUPPORT)
    observers = router.all_of(duty.observers, TraceKind.OBSERVER)
    reached = tuple(router.people_of(party) for party in (lead, *supports, *observers) if not party.external)
    limits = tuple(_by_party(register, duty.limits, place_id))
    duty = replace(duty, version=register.matrix.version, limits=limits)
    return Routing(duty, lead, supports, observers, tuple(router.trace), reached)
