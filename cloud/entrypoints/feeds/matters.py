"""The matters of an estate, a building or a party as an Atom feed (RFC 4287)."""

from __future__ import annotations

from typing import Final
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from cloud.application.asking.public_matters import MattersView, MatterView
from cloud.domain.community.names import Names
from cloud.entrypoints.feeds.cap import ATOM
from cloud.entrypoints.feeds.markup import put, written
from cloud.entrypoints.feeds.states import STATES

MEDIA_TYPE: Final = "application/atom+xml"


def matters_feed(here: str, shown: MattersView, *, page: str | None = None) -> bytes:
    """`here`: the feed's own address; `page`: where an incident's page is, for who may read it.

    An entry is the matter, whatever becomes of it: its id stays, its `updated` moves.
    """
    feed_id = uuid5(NAMESPACE_URL, here)
    feed = ET.Element("feed", {"xmlns": ATOM})
    put(feed, "id", f"urn:uuid:{feed_id}")
    put(feed, "title", f"Tocsin · {shown.names.zh} · {shown.names.en}")
    latest = shown.matters[0].changed_at if shown.matters else shown.mark.changed_at
    put(feed, "updated", latest.isoformat())
    put(ET.SubElement(feed, "author"), "name", "Tocsin")
    ET.SubElement(feed, "link", {"rel": "self", "href": here, "type": MEDIA_TYPE})
    for matter in shown.matters:
        _entry(ET.SubElement(feed, "entry"), matter, f"urn:uuid:{uuid5(feed_id, matter.incident_id)}", page)
    return written(feed)


def _entry(entry: ET.Element, matter: MatterView, entry_id: str, page: str | None) -> None:
    put(entry, "id", entry_id)
    drill = Names("【演练】", "[EXERCISE] ") if matter.exercise else Names("", "")
    hazard, address = matter.hazard_names, matter.address
    put(entry, "title", f"{drill.zh}{hazard.zh}：{address.zh} · {drill.en}{hazard.en}: {address.en}")
    put(entry, "published", matter.opened_at.isoformat())
    put(entry, "updated", matter.changed_at.isoformat())
    if page is not None:
        ET.SubElement(entry, "link", {"rel": "alternate", "href": f"{page}/{matter.incident_id}", "type": "text/html"})
    if matter.life_safety:
        ET.SubElement(entry, "category", {"term": "life-safety", "label": "生命安全 · Life safety"})
    state, party = STATES[matter.state], matter.responsible
    words = f"{state.zh}，责任单位：{party.zh} · {state.en}, responsible: {party.en}"
    put(entry, "content", words).set("type", "text")
