"""An estate of which only the name is known: the register that a first administrator begins with."""

from __future__ import annotations

from typing import Final

from cloud.adapters.estate_file.externals import EXTERNALS
from cloud.adapters.estate_file.reading import default_duties
from cloud.application.accounts.make_administrator import FirstPlace
from cloud.domain.community.party import Party, PartyKind
from cloud.domain.community.place import Place, PlaceKind
from cloud.domain.duties.description import EstateDescription
from cloud.domain.duties.first_hour import NOT_NAMED
from cloud.domain.duties.register import Estate, Register

FIRST: Final = "estate-1"
OPERATOR: Final = "operator"
STREET: Final = "street"
COMMUNITY: Final = f"{STREET}/community"


def first_estate(place: FirstPlace) -> Register:
    """One party, which answers for everything until others are named; the default matrix; the street and the community
    around it, to be named. They stand from the start: an address that alarms point to is not moved later. Raises Invalid.
    """
    home = f"{COMMUNITY}/{FIRST}"
    operator = Party(OPERATOR, PartyKind.PLATFORM_OPERATOR, place.operator, (home,))
    return EstateDescription(
        Estate(FIRST, home, place.estate, OPERATOR),
        places=(
            Place(STREET, PlaceKind.STREET, NOT_NAMED),
            Place(COMMUNITY, PlaceKind.COMMUNITY, NOT_NAMED),
            Place(home, PlaceKind.ESTATE, place.estate),
        ),
        parties=(operator, *EXTERNALS),
        duties=default_duties(),
    ).register(1)
