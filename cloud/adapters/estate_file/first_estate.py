"""An estate of which only the name is known: the register that a first administrator begins with."""

from __future__ import annotations

from typing import Final

from cloud.adapters.estate_file.reading import EXTERNALS, default_duties
from cloud.application.accounts.make_administrator import FirstPlace
from cloud.domain.community.party import Party, PartyKind
from cloud.domain.community.place import Place, PlaceKind
from cloud.domain.duties.description import EstateDescription
from cloud.domain.duties.register import Estate, Register

FIRST: Final = "estate-1"
OPERATOR: Final = "operator"


def first_estate(place: FirstPlace) -> Register:
    """One party, which answers for everything until others are named; the default matrix. Raises Invalid."""
    operator = Party(OPERATOR, PartyKind.PLATFORM_OPERATOR, place.operator, (FIRST,))
    return EstateDescription(
        Estate(FIRST, FIRST, place.estate, OPERATOR),
        places=(Place(FIRST, PlaceKind.ESTATE, place.estate),),
        parties=(operator, *EXTERNALS),
        duties=default_duties(),
    ).register(1)
