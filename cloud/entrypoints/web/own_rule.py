"""An estate's own rule of counting votes, as a form has it: shares of heads and of area, typed as 1/2 or 2/3."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Final, Self

from pydantic import BaseModel, Field

from cloud.domain.consultation.majorities import Rule, Share
from cloud.domain.consultation.proposal import MatterKind
from cloud.entrypoints.api.consultation import RuleGiven, ShareGiven

OWN: Final = "own"
"""What is chosen, and the rule's id, where the estate gives one here."""

Part = Annotated[str, Field(pattern=r"^([0-9]{1,6}(/[1-9][0-9]{0,5})?)?$")]
"""A share, or nothing where it does not matter."""
Name = Annotated[str, Field(max_length=200)]


class OwnRuleForm(BaseModel):
    """What takes part and what is a special matter's majority is always reached by exactly that much; `own_than`: whether an
    ordinary majority is.
    """

    own_zh: Name = ""
    own_en: Name = ""
    own_heads: Part = ""
    own_area: Part = ""
    own_than: bool = False
    own_quorum_heads: Part = ""
    own_quorum_area: Part = ""
    own_special: list[MatterKind] = []
    own_special_heads: Part = ""
    own_special_area: Part = ""
    own_early: bool = False

    def own_rule(self) -> RuleGiven:
        """Whether its shares are sound the domain says. Either language's name will do for both."""
        quorum = _share(self.own_quorum_heads, self.own_quorum_area, inclusive=True)
        special = _share(self.own_special_heads, self.own_special_area, inclusive=True)
        return RuleGiven(
            id=OWN,
            zh=self.own_zh.strip() or self.own_en.strip() or "本小区规则",
            en=self.own_en.strip() or self.own_zh.strip() or "The estate's own rule",
            majority=_share(self.own_heads, self.own_area, inclusive=self.own_than),
            quorum=quorum if quorum != _NOTHING else None,
            special=dict.fromkeys(self.own_special, special),
            early_close=self.own_early,
        )


@dataclass(frozen=True, slots=True)
class RuleShown:
    """The rule in force as the form begins with it. `mine`: whether it was given by this form, which can say all of
    it; one that a program gave may differ in what exactly is enough, or have several special majorities.
    """

    rule: Rule
    special: Share | None
    mine: bool

    @classmethod
    def of(cls, rule: Rule) -> Self:
        shares = set(rule.special.values())
        apart = [*shares, *([rule.quorum] if rule.quorum else [])]
        sayable = len(shares) <= 1 and all(share.inclusive for share in apart)
        return cls(rule, next(iter(shares), None), sayable and rule.id == OWN)

    @staticmethod
    def said(part: Fraction | None) -> str:
        return "" if part is None else str(part)


def _share(heads: str, area: str, *, inclusive: bool) -> ShareGiven:
    return ShareGiven(heads=heads or None, area=area or None, inclusive=inclusive)


_NOTHING: Final = _share("", "", inclusive=True)
