"""One application for all these tests, which costs a second to make; each test has a house of its own behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from fastapi import FastAPI

from cloud.entrypoints.app import create_app
from tests.integration.accounts.at_the_door import Browsers
from tests.integration.accounts.in_process import Answering
from tests.integration.cloud_web.house import House, built_in
from tests.integration.cloud_web.serving import UNHURRIED


@pytest.fixture(scope="session")
def first_house(tmp_path_factory) -> Iterator[House]:
    with built_in(tmp_path_factory.mktemp("first")) as house:
        yield house


@pytest.fixture(scope="session")
def app(first_house) -> FastAPI:
    return create_app(first_house.services, pace=UNHURRIED)


@pytest.fixture(scope="session")
def answering() -> Iterator[Answering]:
    answering = Answering()
    yield answering
    answering.close()


@pytest.fixture
def house(tmp_path, app) -> Iterator[House]:
    with built_in(tmp_path) as house:
        app.state.services = house.services
        yield house


@pytest.fixture
def browsers(app, answering, house) -> Iterator[Browsers]:
    with ExitStack() as stack:
        yield Browsers(app, answering, stack)


@pytest.fixture
def visitor(browsers) -> httpx.Client:
    """A browser that has not signed in; its forms come from the service's own pages."""
    return browsers()


@pytest.fixture
def another(browsers) -> httpx.Client:
    return browsers()


@pytest.fixture
def manager(visitor, house) -> httpx.Client:
    visitor.cookies.set("tocsin_session", house.session_of("manager"))
    return visitor
