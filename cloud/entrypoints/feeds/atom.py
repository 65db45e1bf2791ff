"""The heads of the ledger as an Atom feed (RFC 4287): whoever subscribes holds the past in their own hands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from cloud.application.ledger_ports import PublishedHead

NAMESPACE: Final = "http://www.w3.org/2005/Atom"
MEDIA_TYPE: Final = "application/atom+xml"
PAGE: Final = 100

ET.register_namespace("", NAMESPACE)


def ledger_feed(url: str, estate: str, heads: Sequence[PublishedHead], *, more: bool) -> bytes:
    """The newest first. `url` is the service's own address, `more` whether older ones follow (RFC 5005, `next`).

    An entry's id covers its hash: a head that was rewritten would come as a new entry beside the old one.
    """
    here = f"{url}/feeds/{estate}/ledger.atom"
    feed_id = uuid5(NAMESPACE_URL, here)
    feed = ET.Element(f"{{{NAMESPACE}}}feed")
    _put(feed, "id", f"urn:uuid:{feed_id}")
    _put(feed, "title", f"Tocsin · 存证日志 · Ledger · {estate}")
    _put(feed, "updated", heads[0].at.isoformat())
    _put(ET.SubElement(feed, f"{{{NAMESPACE}}}author"), "name", "Tocsin")
    _link(feed, "self", here, MEDIA_TYPE)
    _link(feed, "alternate", f"{url}/public/{estate}/ledger", "text/html")
    if more:
        _link(feed, "next", f"{here}?before={heads[-1].seq}", MEDIA_TYPE)
    for one in heads:
        entry = ET.SubElement(feed, f"{{{NAMESPACE}}}entry")
        _put(entry, "id", f"urn:uuid:{uuid5(feed_id, f'{one.seq}:{one.hash}')}")
        _put(entry, "title", f"存证日志第 {one.seq} 条 · Ledger entry {one.seq}")
        _put(entry, "updated", one.at.isoformat())
        _put(entry, "content", f"{one.seq}:{one.hash}").set("type", "text")
    body: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return body


def _put(parent: ET.Element, name: str, text: str) -> ET.Element:
    made = ET.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    made.text = text
    return made


def _link(parent: ET.Element, rel: str, href: str, kind: str) -> None:
    ET.SubElement(parent, f"{{{NAMESPACE}}}link", {"rel": rel, "href": href, "type": kind})
