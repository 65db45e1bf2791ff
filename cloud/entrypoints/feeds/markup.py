"""Writing XML that any reader takes: what XML 1.0 has no place for is left out."""

from __future__ import annotations

import re
from typing import Final
from xml.etree import ElementTree as ET

_ILLEGIBLE: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that even escaped are no XML (XML 1.0, section 2.2); names in a register may hold anything."""


def legible(text: str) -> str:
    return _ILLEGIBLE.sub("", text)


def put(parent: ET.Element, name: str, text: str) -> ET.Element:
    """A child with that text."""
    made = ET.SubElement(parent, name)
    made.text = legible(text)
    return made


def written(root: ET.Element) -> bytes:
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body
