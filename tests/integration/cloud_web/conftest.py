from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.integration.cloud_web.house import House, built_in
from tests.integration.cloud_web.serving import served


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with built_in(tmp_path) as house:
        yield house


@pytest.fixture
def address(house: House) -> Iterator[str]:
    with served(house) as address:
        yield address


@pytest.fixture
def visitor(address: str) -> Iterator[httpx.Client]:
    """A browser that has not signed in; its forms come from the service's own pages."""
    with httpx.Client(
        base_url=address, headers={"sec-fetch-site": "same-origin"}, trust_env=False, timeout=30
    ) as client:
        yield client


@pytest.fixture
def manager(visitor: httpx.Client, house: House) -> httpx.Client:
    """The property's duty manager, signed in."""
    visitor.cookies.set("tocsin_session", house.session_of("manager"))
    return visitor


@pytest.fixture
def program(address: str, house: House) -> Iterator[httpx.Client]:
    """A program that acts as the duty manager through an API token."""
    headers = {"authorization": f"Bearer {house.api_token_of('manager')}"}
    with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30) as client:
        yield client
