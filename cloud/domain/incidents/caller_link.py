"""The private link of somebody who phoned: it is the caller's, and the desk that took the call is not to judge in their place."""

from __future__ import annotations

from collections.abc import Iterable

from cloud.domain.community.names import Names
from cloud.domain.community.party import Member
from cloud.domain.duties.register import Register
from cloud.domain.incidents.report import Report, Way
from cloud.domain.records.missive import Missive, Subject

WORDS = Names(
    "您电话反映的问题已登记。凭以下链接可查看进展，并在处置后评价（仅限您本人）：",
    "What you reported by phone was taken down. With this link, yours alone, you follow it and judge the result:",
)

_NOT_BY_PHONE = ("这不是电话代报", "Nobody phoned this in: who reported it has the link.")
_NOT_YOURS = ("只有接听电话的单位可以打印", "Only the party that took the call hands the caller a slip.")
_ON_ITS_WAY = (
    "链接已发往来电人留下的联系方式",
    "The link went, or is going, to what the caller has left; a slip is for callers who left nothing that can be reached.",
)


def slip_refusal(
    report: Report, missives: Iterable[Missive], member: Member, register: Register
) -> tuple[str, str] | None:
    """Why that member may not print the caller's link for the caller, in Chinese and English; None when they may."""
    if report.way is not Way.DESK:
        return _NOT_BY_PHONE
    desk = register.members.get(report.desk_id or "")
    if desk is None or member.role_in(desk.party_id) is None:
        return _NOT_YOURS
    links = (one for one in missives if one.subject is Subject.REPORT_LINK)
    gone = any(one.failed_at is None and one.withdrawn_at is None for one in links)
    return _ON_ITS_WAY if gone else None
