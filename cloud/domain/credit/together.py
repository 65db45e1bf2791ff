"""What the published table declares to be worth more where it is done together: the synergies of a response."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final

from cloud.domain.community.names import Names
from cloud.domain.credit.shapley import MAX_PLAYERS, Coalition, Synergy

LEAST_CAPABILITIES: Final = 2
MOST_CAPABILITIES: Final = 4

Skills = Mapping[str, Coalition]
"""By capability, those who brought it, and whose party's part is done."""


@dataclass(frozen=True, slots=True)
class Together:
    """A response is worth so many more points where each of these capabilities was brought by somebody else."""

    capabilities: tuple[str, ...]
    points: int
    names: Names

    def problems(self) -> Iterator[str]:
        said = "+".join(self.capabilities) or "nothing"
        each_once = len(set(self.capabilities)) == len(self.capabilities)
        if not each_once or not LEAST_CAPABILITIES <= len(self.capabilities) <= MOST_CAPABILITIES:
            yield f"credit together {said}: name {LEAST_CAPABILITIES} to {MOST_CAPABILITIES} capabilities, each once"
        if self.points < 1:
            yield f"credit together {said}: give at least 1 point, or leave it out"


@dataclass(frozen=True, slots=True)
class JointWorth:
    """A rule that was met, and by whom. `synergy` None: by more than can be computed exactly, so that nothing is paid for it."""

    rule: Together
    people: Coalition
    synergy: Synergy | None


def joint_worth(rule: Together, skills: Skills) -> JointWorth | None:
    """None where not every capability was brought, or not each by somebody else.

    Any such group of people is worth the rule's points, once, however many there are: to bring more of a kind earns nothing.
    """
    brought = [skills.get(one, frozenset()) for one in rule.capabilities]
    people = frozenset[str]().union(*brought)
    if not _distinct(brought):
        return None
    if len(people) > MAX_PLAYERS:
        return JointWorth(rule, people, None)
    groups = {frozenset(some) for some in product(*brought) if len(set(some)) == len(some)}
    return JointWorth(rule, people, Synergy(dict.fromkeys(groups, rule.points)))


def _distinct(brought: list[Coalition], taken: Coalition = frozenset()) -> bool:
    """Whether each can be somebody else. Of many who could bring one, four are enough to look at: three at most are needed beside."""
    if not brought:
        return True
    return any(_distinct(brought[1:], taken | {one}) for one in sorted(brought[0] - taken)[:MOST_CAPABILITIES])
