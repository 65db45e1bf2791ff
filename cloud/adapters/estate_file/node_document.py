"""Reads a node's configuration from a file: JSON as it is shown and sent, or a node.toml's [config]."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from cloud.errors import Invalid


def read_node_document(path: Path) -> dict[str, Any]:
    """The document, not yet validated. Raises Invalid that says what cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{path} cannot be read: {error}. Check its path and rights.") from error
    except ValueError as error:
        raise Invalid(f"{path} is neither JSON nor (with the suffix .toml) TOML: {error}") from error
    document = document.get("config", document) if isinstance(document, dict) else document
    if not isinstance(document, dict):
        raise Invalid(f"{path} holds no configuration: it begins with {{ and names equipment.")
    return document
