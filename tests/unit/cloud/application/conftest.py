import pytest

from tests.fakes.scene import Scene


@pytest.fixture
def scene() -> Scene:
    return Scene()
