"""What consultation rests on, over REST: petitions, the electoral roll, the estate's terms."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Response
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from cloud.application.consultation.seat import MAX_WORDS
from cloud.application.consultation.views import PetitionView
from cloud.domain.community.names import Names
from cloud.domain.consultation.majorities import RULES, Rule, Share
from cloud.domain.consultation.patterns import Thresholds
from cloud.domain.consultation.proposal import MatterKind
from cloud.domain.consultation.roll import LARGEST_M2, Owner, Unit
from cloud.domain.consultation.terms import Terms
from cloud.entrypoints.api import cursors, unchanged
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.neighbours import CurrentNeighbour, SharedEstate
from cloud.entrypoints.api.tasks import Cause
from cloud.entrypoints.api.topics import ANSWERS, Id

router = Interface(tags=["consultation"])

Key = Annotated[str, Field(min_length=1, max_length=128)]
Portion = Annotated[str, Field(pattern=r"^[0-9]{1,6}(/[1-9][0-9]{0,5})?$", examples=["2/3"])]
Days = Annotated[int, Field(ge=1, le=366)]
Count = Annotated[int, Field(ge=2, le=1000)]


class PetitionGiven(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=MAX_WORDS)
    equipment: str | None = Field(default=None, max_length=128)


class UnitGiven(BaseModel):
    """`owner`: a key of the estate's own making, never a name."""

    model_config = ConfigDict(extra="forbid")

    unit: Key
    owner: Key
    area_m2: Annotated[
        Decimal,
        Field(gt=0, le=LARGEST_M2, decimal_places=4, max_digits=11),
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "number", "exclusiveMinimum": 0, "maximum": int(LARGEST_M2)},
                    {"type": "string", "pattern": r"^[1-9][0-9]{0,5}(\.[0-9]{1,4})?$"},
                ]
            }
        ),
    ]


class RollGiven(BaseModel):
    """`members`: owner → the member who signs in as this owner."""

    model_config = ConfigDict(extra="forbid")

    units: list[UnitGiven] = Field(min_length=1, max_length=20_000)
    members: dict[Key, Key] = {}


class ShareGiven(BaseModel):
    """`inclusive`: exactly that much is enough. Without `heads` or `area` the other alone decides."""

    model_config = ConfigDict(extra="forbid")

    heads: Portion | None = None
    area: Portion | None = None
    inclusive: bool

    def made(self) -> Share:
        return Share(
            (self.heads and Fraction(self.heads)) or None, (self.area and Fraction(self.area)) or None, self.inclusive
        )

    @classmethod
    def of(cls, share: Share) -> ShareGiven:
        heads, area = (str(part) if part is not None else None for part in (share.heads, share.area))
        return cls(heads=heads, area=area, inclusive=share.inclusive)


class RuleGiven(BaseModel):
    """How votes count. `special`: matters that need another majority."""

    model_config = ConfigDict(extra="forbid")

    id: Key
    zh: str = Field(min_length=1, max_length=200)
    en: str = Field(min_length=1, max_length=200)
    quorum: ShareGiven | None = None
    majority: ShareGiven
    special: dict[MatterKind, ShareGiven] = {}
    early_close: bool = True

    def made(self) -> Rule:
        special = {kind: share.made() for kind, share in self.special.items()}
        quorum = self.quorum.made() if self.quorum else None
        return Rule(self.id, Names(self.zh, self.en), self.majority.made(), quorum, special, self.early_close)

    @classmethod
    def of(cls, rule: Rule) -> RuleGiven:
        return cls(
            id=rule.id,
            zh=rule.names.zh,
            en=rule.names.en,
            quorum=ShareGiven.of(rule.quorum) if rule.quorum else None,
            majority=ShareGiven.of(rule.majority),
            special={kind: ShareGiven.of(share) for kind, share in rule.special.items()},
            early_close=rule.early_close,
        )


class ThresholdsGiven(BaseModel):
    """From when on something repeats. A rise needs both minimum counts, so that 1 → 2 is no trend."""

    model_config = ConfigDict(extra="forbid")

    equipment_count: Count = 3
    equipment_days: Days = 30
    hazard_count: Count = 10
    hazard_days: Days = 30
    rise_days: Days = 30
    rise_factor: Portion = "2"
    rise_minimum: Count = 6
    rise_minimum_before: Count = 2
    declines: Count = 2

    def made(self) -> Thresholds:
        return Thresholds(**{**self.model_dump(), "rise_factor": Fraction(self.rise_factor)})


class TermsGiven(BaseModel):
    """The estate's terms. `rule`: one of the known rules by its id, or a rule in full."""

    model_config = ConfigDict(extra="forbid")

    thresholds: ThresholdsGiven = ThresholdsGiven()
    petition_signatures: int = Field(default=10, ge=1, le=100_000)
    rule: RuleGiven | Annotated[str, Field(pattern=f"^({'|'.join(RULES)})$")] = "civil-code-278"
    currency: str = Field(default="CNY", pattern=r"^[A-Z]{3}$")
    review_after_days: int = Field(default=90, ge=1, le=3660)

    def made(self) -> Terms:
        rule = RULES[self.rule] if isinstance(self.rule, str) else self.rule.made()
        return Terms(self.thresholds.made(), self.petition_signatures, rule, self.currency, self.review_after_days)

    @classmethod
    def of(cls, terms: Terms) -> TermsGiven:
        limits = {name: getattr(terms.thresholds, name) for name in ThresholdsGiven.model_fields}
        return cls(
            thresholds=ThresholdsGiven(**{**limits, "rise_factor": str(terms.thresholds.rise_factor)}),
            petition_signatures=terms.petition_signatures,
            rule=RuleGiven.of(terms.rule),
            currency=terms.currency,
            review_after_days=terms.review_after_days,
        )


@router.get("/petitions", summary="Petitions, newest first")
def list_petitions(
    services: Given, member: CurrentNeighbour, estate: SharedEstate, piece: cursors.Piece
) -> list[PetitionView]:
    found = services.consulting.ask.petitions(estate, member, limit=piece.asked, before=piece.moment)
    return piece.of(found, lambda one: (cursors.at(one.started_at), one.id))


@router.post("/petitions", summary="Ask for a topic", status_code=HTTPStatus.CREATED, responses=ANSWERS)
def start_petition(
    given: PetitionGiven, services: Given, member: CurrentNeighbour, estate: SharedEstate, cause: Cause
) -> PetitionView:
    started = services.consulting.petitions.start(estate, given.text, member, equipment=given.equipment, cause=cause)
    return services.consulting.ask.petition(started.id, member)


def known_petition(petition_id: Id, services: Given, member: CurrentNeighbour) -> str:
    return services.consulting.ask.petition(petition_id, member).id


KnownPetition = Annotated[str, Depends(known_petition)]


@router.get("/petitions/{petition_id}", summary="One petition", responses=ANSWERS)
def read_petition(petition: KnownPetition, services: Given, member: CurrentNeighbour) -> PetitionView:
    return services.consulting.ask.petition(petition, member)


@router.post(
    "/petitions/{petition_id}/sign", summary="Sign it; with enough signatures it is a topic", responses=ANSWERS
)
def sign_petition(petition: KnownPetition, services: Given, member: CurrentNeighbour, cause: Cause) -> PetitionView:
    services.consulting.petitions.sign(petition, member, cause=cause)
    return services.consulting.ask.petition(petition, member)


@router.get("/electoral-roll", summary="Owners with their areas, for who convenes", responses=ANSWERS)
def read_roll(
    services: Given, member: CurrentNeighbour, estate: SharedEstate, cut: cursors.Cut, response: Response
) -> list[Owner]:
    """The ETag is the whole roll's, whichever page is read."""
    owners = sorted(services.consulting.roll.read(estate, member), key=lambda one: one.id)
    unchanged.tagged(response, unchanged.tag_of(owners))
    return cut.of(owners, lambda one: (one.id,))


@router.put(
    "/electoral-roll",
    summary="Give the whole roll anew; ballots that run keep theirs",
    responses={**ANSWERS, **unchanged.CHANGED},
)
def put_roll(
    given: RollGiven,
    services: Given,
    member: CurrentNeighbour,
    estate: SharedEstate,
    cause: Cause,
    *,
    response: Response,
    if_match: unchanged.IfMatch = None,
) -> list[Owner]:
    units = [Unit(one.unit, one.owner, one.area_m2) for one in given.units]
    check = unchanged.checking(if_match)
    kept = list(services.consulting.roll.replace(estate, units, given.members, member, check=check, cause=cause))
    unchanged.tagged(response, unchanged.tag_of(sorted(kept, key=lambda one: one.id)))
    return kept


@router.get("/consultation-terms", summary="When something is a pattern, and how votes count", responses=ANSWERS)
def read_terms(services: Given, member: CurrentNeighbour, estate: SharedEstate, response: Response) -> TermsGiven:
    shown = TermsGiven.of(services.consulting.roll.terms(estate, member))
    unchanged.tagged(response, unchanged.tag_of(shown))
    return shown


@router.put(
    "/consultation-terms",
    summary="Set them; running ballots keep their rule",
    responses={**ANSWERS, **unchanged.CHANGED},
)
def put_terms(
    given: TermsGiven,
    services: Given,
    member: CurrentNeighbour,
    estate: SharedEstate,
    cause: Cause,
    *,
    response: Response,
    if_match: unchanged.IfMatch = None,
) -> TermsGiven:
    def check(standing: Terms) -> None:
        unchanged.require(if_match, unchanged.tag_of(TermsGiven.of(standing)))

    kept = services.consulting.roll.set_terms(estate, given.made(), member, check=check, cause=cause)
    shown = TermsGiven.of(kept)
    unchanged.tagged(response, unchanged.tag_of(shown))
    return shown
