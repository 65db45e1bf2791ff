from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where an outbox is kept."""
    return tmp_path / "outbox.db"
