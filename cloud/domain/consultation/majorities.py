"""Which majority a matter needs, as data, and whether votes reach it. Exact: shares are fractions, areas decimals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from cloud.domain.community.faults import fault
from cloud.domain.community.names import Names
from cloud.domain.consultation.proposal import MatterKind
from cloud.errors import Invalid


class Outcome(StrEnum):
    CARRIED = "carried"
    REJECTED = "rejected"
    NO_QUORUM = "no-quorum"


@dataclass(frozen=True, slots=True)
class Weight:
    """Owners and their exclusive area (m²). An owner of several units is one head with the area of all of them."""

    heads: int = 0
    area: Decimal = Decimal(0)

    def __add__(self, other: Weight) -> Weight:
        return Weight(self.heads + other.heads, self.area + other.area)


@dataclass(frozen=True, slots=True)
class Share:
    """A share that must be reached: of heads, of area, or of both. `inclusive`: exactly that much is enough (≥), else more
    than that is needed (>). None: does not matter.
    """

    heads: Fraction | None
    area: Fraction | None
    inclusive: bool

    def reached(self, part: Weight, whole: Weight) -> bool:
        return self._of(Fraction(part.heads), Fraction(whole.heads), self.heads) and self._of(
            Fraction(part.area), Fraction(whole.area), self.area
        )

    def _of(self, part: Fraction, whole: Fraction, needed: Fraction | None) -> bool:
        if needed is None:
            return True
        return part >= whole * needed if self.inclusive else part > whole * needed


@dataclass(frozen=True)
class Rule:
    """How a ballot counts. `quorum`: what must take part, of the whole roll; None: nobody need. `special`: matters that
    need another majority of those who take part than `majority`. `early_close`: the convenor may close once all have voted.
    """

    id: str
    names: Names
    majority: Share
    quorum: Share | None = None
    special: Mapping[MatterKind, Share] = field(default_factory=dict)
    early_close: bool = True

    def needed(self, matter: MatterKind) -> Share:
        return self.special.get(matter, self.majority)

    def decide(self, matter: MatterKind, roll: Weight, participating: Weight, in_favour: Weight) -> Outcome:
        """Where nobody took part nothing was decided, whatever the quorum."""
        if participating.heads == 0 or (self.quorum is not None and not self.quorum.reached(participating, roll)):
            return Outcome.NO_QUORUM
        return Outcome.CARRIED if self.needed(matter).reached(in_favour, participating) else Outcome.REJECTED


_TWO_THIRDS, _THREE_QUARTERS, _HALF = Fraction(2, 3), Fraction(3, 4), Fraction(1, 2)
_GRAVE: Final = Share(_THREE_QUARTERS, _THREE_QUARTERS, inclusive=True)

CIVIL_CODE_278: Final = Rule(
    "civil-code-278",
    Names("《民法典》第二百七十八条（请按当地规定确认）", "Civil Code of the PRC, art. 278 (confirm locally)"),
    majority=Share(_HALF, _HALF, inclusive=False),
    quorum=Share(_TWO_THIRDS, _TWO_THIRDS, inclusive=True),
    special=dict.fromkeys((MatterKind.RAISE_FUND, MatterKind.REBUILD, MatterKind.CHANGE_COMMON_USE), _GRAVE),
)
ONE_MEMBER_ONE_VOTE: Final = Rule(
    "one-member-one-vote",
    Names("一人一票，简单多数", "One member, one vote, simple majority"),
    majority=Share(_HALF, None, inclusive=False),
)
RULES: Final[Mapping[str, Rule]] = {rule.id: rule for rule in (CIVIL_CODE_278, ONE_MEMBER_ONE_VOTE)}


_CALLED: Final = {
    "majority": "同意比例", "quorum": "参与比例", "raise-maintenance-fund": "筹集维修资金", "rebuild": "改建、重建",
    "change-common-use": "改变共有部分用途", "use-maintenance-fund": "使用维修资金", "ordinary": "一般事项",
}  # fmt: skip


def checked(rule: Rule) -> Rule:
    """The rule, if its shares are shares. Raises Invalid."""
    shares = {"majority": rule.majority, "quorum": rule.quorum, **{str(kind): s for kind, s in rule.special.items()}}
    problems = [
        fault("share-unsound", name=name, name_zh=_CALLED.get(name, name))
        for name, share in shares.items()
        if share is not None and not _sound(share)
    ]
    if problems:
        raise Invalid("The rule was not taken.", problems)
    return rule


def _sound(share: Share) -> bool:
    given = [part for part in (share.heads, share.area) if part is not None]
    return bool(given) and all(0 <= part <= 1 for part in given)
