"""Threats to life as Common Alerting Protocol 1.2 (OASIS): one document per message, and their index as Atom.

Loaded when it is asked for: an estate where nobody subscribes pays nothing for it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from cloud.application.asking.public_warnings import WarningsView, WarningView
from cloud.domain.community.names import Language, Names
from cloud.domain.records.warnings import Certainty, MessageType, PublicWarning
from cloud.entrypoints.feeds.markup import put, written

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
MEDIA_TYPE: Final = "application/cap+xml"
ATOM: Final = "http://www.w3.org/2005/Atom"

_CATEGORY: Final = {"fire": "Fire", "lift": "Rescue"}
_ENGLISH: Final = frozenset({"AU", "CA", "GB", "HK", "IE", "IN", "MT", "NZ", "SG", "US", "ZA"})
"""Countries whose own English is said to be it; elsewhere it is what CAP takes for granted."""

_HEADLINES: Final = {
    MessageType.ALERT: Names("{hazard}：{area}", "{hazard}: {area}"),
    MessageType.UPDATE: Names("更新：{hazard}，{area}", "Update: {hazard}, {area}"),
    MessageType.CANCEL: Names("解除：{hazard}，{area}", "Over: {hazard}, {area}"),
}
_MERGED: Final = Names("已并入另一事件：{hazard}，{area}", "Goes on in another incident: {hazard}, {area}")
_TITLE: Final = Names("{estate} · 生命安全警报（CAP 1.2）", "{estate} · Life-safety alerts (CAP 1.2)")
_EXERCISE: Final = Names("演练", "Exercise")
_DRILL: Final = Names("【演练】", "[EXERCISE] ")
_WHAT_TO_DO: Final = Names(
    "请远离该处并听从现场人员指挥。紧急情况请拨打{number}。",
    "Keep away and do as those on site say. In an emergency call {number}.",
)
_SURE: Final = {
    Certainty.POSSIBLE: Names(
        "自{since}起有人报告，尚未得到其他来源证实。",
        "Reported by people since {since}; nothing else bears it out yet.",
    ),
    Certainty.LIKELY: Names(
        "自{since}起有传感器报警或多人报告。", "A sensor, or more than one person, says so since {since}."
    ),
}
_STILL: Final = Names(
    "自{since}起仍未解除，特此重申。", "Not over since {since}: said again so that it does not lapse."
)
_ENDED: Final = Names("始于{since}，现已结束。", "It began at {since} and is over.")
_ELSEWHERE: Final = Names(
    "始于{since}，并未结束：后续情况见其他消息。", "It began at {since} and is not over: other messages go on with it."
)
_NOTHING_TO_DO: Final = Names("无需采取行动。", "Nothing needs to be done.")


def cap_document(url: str, view: WarningView) -> bytes:
    """`url`: the service's own address, whose host stands in the sender's name."""
    warning = view.warning
    root = ET.Element("alert", {"xmlns": NAMESPACE})
    put(root, "identifier", warning.identifier)
    put(root, "sender", _sender(url, view.estate))
    put(root, "sent", _moment(view.sent))
    put(root, "status", "Exercise" if warning.exercise else "Actual")
    put(root, "msgType", warning.type.value)
    put(root, "scope", "Public")
    if warning.exercise:
        put(root, "note", " ".join(map(_EXERCISE.of, view.languages)))
    if view.references:
        sender = _sender(url, view.estate)
        put(root, "references", " ".join(f"{sender},{one},{_moment(at)}" for one, at in view.references))
    put(root, "incidents", warning.incident_id)
    for language in view.languages:
        _info(ET.SubElement(root, "info"), view, language, url)
    return written(root)


def _info(info: ET.Element, view: WarningView, language: Language, url: str) -> None:
    """In the order of the schema, which is a sequence."""
    warning, over = view.warning, view.warning.type is MessageType.CANCEL
    hazard, area = view.hazard_names.of(language), view.area.of(language)
    put(info, "language", _tag(language, view.region))
    put(info, "category", _CATEGORY.get(warning.hazard.partition(".")[0], "Safety"))
    put(info, "event", hazard)
    put(info, "responseType", "AllClear" if over and warning.over else "None" if over else "Avoid")
    put(info, "urgency", "Past" if over else "Immediate")
    put(info, "severity", _severity(warning))
    put(info, "certainty", warning.certainty.value)
    code = ET.SubElement(info, "eventCode")
    put(code, "valueName", "tocsin:hazard")
    put(code, "value", warning.hazard)
    put(info, "onset", _moment(view.since))
    if view.expires is not None:
        put(info, "expires", _moment(view.expires))
    put(info, "senderName", view.sender_names.of(language))
    headline = _headline(view, language)
    put(info, "headline", headline)
    put(info, "description", _description(view).of(language).format(since=_clock_time(view.since)))
    todo = _NOTHING_TO_DO if warning.exercise or over else _WHAT_TO_DO
    put(info, "instruction", todo.of(language).format(number=view.number))
    put(info, "web", f"{url}/public/{view.estate}")
    put(ET.SubElement(info, "area"), "areaDesc", area)


def cap_index(url: str, index: WarningsView) -> bytes:
    """An Atom feed whose entries link to the documents."""
    here = f"{url}/feeds/{index.estate}/cap.atom"
    feed_id = uuid5(NAMESPACE_URL, here)
    feed = ET.Element("feed", {"xmlns": ATOM})
    put(feed, "id", f"urn:uuid:{feed_id}")
    put(feed, "title", " · ".join(_TITLE.of(one).format(estate=index.names.of(one)) for one in index.languages))
    put(feed, "updated", index.warnings[0].sent.isoformat() if index.warnings else index.mark.changed_at.isoformat())
    put(ET.SubElement(feed, "author"), "name", "Tocsin")
    ET.SubElement(feed, "link", {"rel": "self", "href": here, "type": "application/atom+xml"})
    for view in index.warnings:
        entry = ET.SubElement(feed, "entry")
        put(entry, "id", f"urn:uuid:{uuid5(feed_id, view.warning.identifier)}")
        put(entry, "title", " · ".join(_headline(view, one) for one in view.languages))
        put(entry, "updated", view.sent.isoformat())
        address = f"{url}/feeds/{index.estate}/cap/{view.warning.identifier}"
        ET.SubElement(entry, "link", {"rel": "alternate", "href": address, "type": MEDIA_TYPE})
        put(entry, "summary", " · ".join((view.warning.type.value, *map(view.area.of, view.languages))))
    return written(feed)


def _headline(view: WarningView, language: Language) -> str:
    warning = view.warning
    merged = warning.type is MessageType.CANCEL and not warning.over
    form = (_MERGED if merged else _HEADLINES[warning.type]).of(language)
    drill = _DRILL.of(language) if warning.exercise else ""
    return drill + form.format(hazard=view.hazard_names.of(language), area=view.area.of(language))


def _tag(language: Language, region: str) -> str:
    """RFC 3066. The Chinese is written as on the mainland wherever it is read."""
    if language == "zh":
        return "zh-CN"
    return f"en-{region}" if region in _ENGLISH else "en-US"


def _severity(warning: PublicWarning) -> str:
    if warning.hazard == "fire.presumed":
        return "Extreme"
    return "Severe" if warning.severity in {"critical", "major"} else "Moderate"


def _sender(url: str, estate: str) -> str:
    """No spaces, commas or brackets, as section 3.2.1 wants it: names of estates and hosts have none."""
    return f"{estate}@{urlsplit(url).hostname or 'localhost'}"


def _moment(moment: datetime) -> str:
    """Whole seconds with the offset in figures: CAP takes neither fractions nor Z, and UTC is -00:00 (section 3.3.2)."""
    written_ = moment.replace(microsecond=0).isoformat()
    return f"{written_[:-6]}-00:00" if written_.endswith("+00:00") else written_


def _clock_time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _description(view: WarningView) -> Names:
    """How much is known of it, and by whom; nothing that anybody wrote."""
    warning = view.warning
    if warning.type is MessageType.CANCEL:
        return _ENDED if warning.over else _ELSEWHERE
    if warning.renewed:
        return _STILL
    return _SURE[warning.certainty]
