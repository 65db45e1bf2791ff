"""How the worth of a joint act is divided among those who did it: the Shapley value, exact, in whole points.

A joint act is a sum of unanimity games (Shapley 1953): each step is worth something, and is done only when all of those
without whom it would not have been done are there. For such a sum the value has a closed form: each step's worth,
equally among them. Synergies that were declared beyond that are a characteristic function of their own, whose value is
computed from every order in which its players could have come; the two add up, since the value is additive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, combinations
from math import factorial
from typing import Final

from cloud.errors import Invalid

MAX_PLAYERS: Final = 10
"""How many may take part in a declared synergy: its exact value looks at 2ⁿ coalitions."""

Coalition = frozenset[str]
Shares = dict[str, Fraction]


@dataclass(frozen=True, slots=True)
class Step:
    """A unanimity game: `worth` whole points, for nothing unless all of `needed` are there."""

    worth: int
    needed: Coalition

    def __post_init__(self) -> None:
        if self.worth < 0 or not self.needed:
            raise Invalid(
                "A step cannot be divided.",
                [f"a step is worth 0 points or more and needs at least one person, not {self.worth} and {self.needed}"],
            )


@dataclass(frozen=True)
class Synergy:
    """A declared characteristic function: what each coalition is worth by itself, in whole points.

    A coalition that is not named is worth what the best named one within it is, so more people are never worth less.
    """

    worths: Mapping[Coalition, int]

    def __post_init__(self) -> None:
        problems = [
            f"coalition {sorted(named)} is worth {worth}: name people and give 0 points or more"
            for named, worth in self.worths.items()
            if worth < 0 or not named
        ]
        problems += [
            f"coalition {sorted(named)} is worth {worth}, less than {self.of(named)} of some within it: raise it"
            for named, worth in self.worths.items()
            if worth < self.of(named)
        ]
        if len(self.players) > MAX_PLAYERS:
            problems.append(
                f"{len(self.players)} people are named: a synergy has at most {MAX_PLAYERS}; leave the others to the steps"
            )
        if problems:
            raise Invalid("The declared synergy does not hold together.", problems)

    @property
    def players(self) -> Coalition:
        return frozenset(chain.from_iterable(self.worths))

    def of(self, coalition: Coalition) -> int:
        return max((worth for named, worth in self.worths.items() if named <= coalition), default=0)


def divided(steps: Iterable[Step]) -> Shares:
    """The Shapley value of a sum of unanimity games, by its closed form."""
    shares: Shares = {}
    for step in steps:
        for player in step.needed:
            shares[player] = shares.get(player, Fraction(0)) + Fraction(step.worth, len(step.needed))
    return shares


def coalitions(players: Collection[str]) -> Iterable[Coalition]:
    """Every coalition there can be, the empty one included."""
    sizes = range(len(players) + 1)
    return (frozenset(some) for size in sizes for some in combinations(sorted(players), size))


def exact(players: Collection[str], worth: Mapping[Coalition, int]) -> Shares:
    """The Shapley value by its definition: what each player adds, averaged over all orders in which they could have come.

    `worth` names every coalition of the players. At most ten of them: 2ⁿ coalitions are looked at.
    """
    if len(players) > MAX_PLAYERS:
        raise Invalid(
            "This is too large to be computed exactly.", [f"{len(players)} people: name at most {MAX_PLAYERS}"]
        )
    count = len(players)
    orders = {size: factorial(size) * factorial(count - size - 1) for size in range(count)}
    added = dict.fromkeys(players, 0)
    for coalition in coalitions(players):
        for player in coalition:
            before = coalition - {player}
            added[player] += orders[len(before)] * (worth[coalition] - worth[before])
    return {player: Fraction(sum_, factorial(count)) for player, sum_ in added.items()}


def shares_of(steps: Iterable[Step], *synergies: Synergy) -> Shares:
    """Everybody's part in a joint act; what each synergy gives adds up."""
    shares = divided(steps)
    for synergy in synergies:
        table = {coalition: synergy.of(coalition) for coalition in coalitions(synergy.players)}
        for player, share in exact(synergy.players, table).items():
            shares[player] = shares.get(player, Fraction(0)) + share
    return shares


def whole_points(shares: Mapping[str, Fraction], lot: str) -> dict[str, int]:
    """Shares as whole points with the same sum, by the method of the largest remainder (Hamilton).

    Everybody gets the whole part of their share; the points that are left go one each to the largest remainders. Among
    equal remainders the order is that of SHA-256 of `lot` (the act's id) and the player: anybody can repeat it, and over
    many acts it favours nobody. Raises Invalid when the sum is no whole number.
    """
    total = sum(shares.values(), Fraction(0))
    if total.denominator != 1:
        raise Invalid("These shares are no whole points.", [f"their sum is {total}: divide whole points"])
    points = {player: int(share // 1) for player, share in shares.items()}
    left = int(total) - sum(points.values())

    def rank(player: str) -> tuple[Fraction, bytes]:
        return -(shares[player] % 1), hashlib.sha256(f"{lot}\n{player}".encode()).digest()

    for player in sorted(shares, key=rank)[:left]:
        points[player] += 1
    return points
