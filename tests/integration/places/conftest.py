"""The estate of the places, and its members, each with an interface of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from cloud.adapters.estate_file import read_estate
from cloud.application.estates.load_estate import LoadEstate
from tests.integration.cloud_web.house import House, built_in
from tests.integration.cloud_web.serving import served
from tests.integration.places.people import Person

BEGINS = datetime(2026, 5, 12, 2, 0, tzinfo=UTC)
"""A Tuesday, 10:00 in Shanghai."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with built_in(tmp_path, BEGINS) as house:
        # A new estate, so that it gets the default matrix and not the one that stands in this house.
        described = replace(read_estate(Path(__file__).with_name("estate.yaml")), matrix_given=True)
        LoadEstate(house.units, house.clock)(described)
        yield house


@pytest.fixture
def person(house: House) -> Iterator[Callable[[str], Person]]:
    """The member of that id, who acts through the interface and nothing else."""
    with ExitStack() as stack:
        address = stack.enter_context(served(house))
        known: dict[str, Person] = {}

        def one(member: str) -> Person:
            if member not in known:
                headers = {"authorization": f"Bearer {house.api_token_of(member)}"}
                client = httpx.Client(base_url=f"{address}/api/v1", headers=headers, trust_env=False, timeout=30)
                known[member] = Person(stack.enter_context(client))
            return known[member]

        yield one


@pytest.fixture
def anybody(person: Callable[[str], Person]) -> Iterator[httpx.Client]:
    """Somebody without a login."""
    with httpx.Client(base_url=person("manager").address, trust_env=False, timeout=30) as client:
        yield client
