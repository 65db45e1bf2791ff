"""Sentences for what assures that a hazard is dealt with: checks, verdicts, reports, mutes, exercises, maintenance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cloud.domain.community.names import Names
from cloud.domain.records.ledger import Kind

PLAIN: Final[Mapping[str, Names]] = {
    Kind.CLOSED_UNVERIFIED: Names(
        "报告人 7 天内未评价，以“未核验”关闭", "no reporter answered within 7 days: closed as unverified"
    ),
    Kind.RESULT_JUDGED: Names("报告人评价：{verdict}", "the reporter judged the result: {verdict}"),
    Kind.SOUNDER_BACK: Names("鸣响恢复：{ground}", "it sounds again: {ground}"),
    Kind.HAZARD_REPORTED: Names("居民报告：{concern}（{channel}）", "reported by a resident: {concern} ({channel})"),
    Kind.REPORTER_SAID: Names("报告人补充了情况", "the reporter said more"),
    Kind.LINK_SENT: Names(
        "报告人的私人链接已发往其联系方式（{channel}）", "the caller's own link was sent to the caller ({channel})"
    ),
    Kind.LINK_NOT_SENT: Names(
        "报告人的私人链接未能发出：{reason}，可打印交给来电人",
        "the caller's own link could not be sent: {reason}; a slip can be printed for them",
    ),
    Kind.OTHERS_JOINED: Names("通知其他单位：{ground}", "the other parties were called: {ground}"),
    Kind.PHOTO_ADDED: Names("添加照片：{stage}", "a photo was added: {stage}"),
    Kind.EXERCISE_ENDED: Names("演练结束", "the exercise is over"),
    Kind.WINDOW_ENDED: Names(
        "维护时段结束：期间暂缓 {held} 次报警，{count} 个仍未恢复",
        "maintenance is over: {held} alarms were held back, {count} still fire",
    ),
}
ABOUT_ALERT: Final[Mapping[str, Names]] = {
    Kind.UPKEEP_NOTED: Names(
        "登记{where}：上次维保 {maintained}，检验有效期至 {inspected}",
        "{where} was noted: maintained on {maintained}, inspection valid until {inspected}",
    ),
    Kind.FALSE_ALARMS_COUNTED: Names(
        "{where}在 {days} 天内误报 {count} 次，均经两人核实：疑为探测器故障",
        "{where} raised {count} false alarms within {days} days, each found so by two people: the detector itself is suspected",
    ),
    Kind.ALARM_IN_EXERCISE: Names("{where}报警{what}：属于演练", "{where} raised {what}: part of the exercise"),
    Kind.ALERT_HELD_BACK: Names(
        "{where}报警{what}：维护时段内，暂缓处理", "{where} raised {what}: held back, it is under maintenance"
    ),
}
ABOUT_PARTY: Final[Mapping[str, Names]] = {
    Kind.LINK_HANDED: Names("{who}将私人链接打印交给来电人", "{who} printed the caller's own link for the caller"),
    Kind.TASK_CHECKED: Names("{who}独立核验", "{who} checked it independently"),
    Kind.TASK_CANCELLED: Names("{who}取消任务（理由见备注）", "{who} cancelled it (why stands in the note)"),
    Kind.CLAIM_CONTRADICTED: Names(
        "已报{reason}，但传感器仍在报警：由{who}负责",
        "said to be {reason}, but the sensor goes on firing: {who} answers for it",
    ),
    Kind.CLEARING_REFUSED: Names(
        "{who}劝阻无效：对方拒绝清理，立即上报",
        "{who} was refused: whoever obstructs it does not clear it, so it goes up at once",
    ),
    Kind.LOOK_PROMISED: Names(
        "{who}派人前往核验，逾期未核验将再请他人",
        "{who} goes and looks; the others are asked again should it not be verified in time",
    ),
    Kind.LOOK_TAKEN_BACK: Names("{who}不能前往核验", "{who} cannot go and look after all"),
    Kind.SOUNDER_MUTED: Names("{who}现场消音 15 分钟", "{who} muted the sounder on site for 15 minutes"),
    Kind.EXERCISE_PLANNED: Names("{who}安排演练：{count} 个测点", "{who} planned an exercise of {count} points"),
    Kind.EXERCISE_REAL: Names("{who}宣布：不是演练，是真实险情", "{who} said: this is no exercise, it is real"),
    Kind.VISIT_CONFIRMED: Names(
        "已确认{who}于 {on} 完成维保到访：{count} 部电梯",
        "a maintenance visit of {who} on {on} was confirmed: {count} lifts",
    ),
    Kind.PATROL_WALKED: Names(
        "{who}完成巡查（{round}）：查看 {count} 处，{found}",
        "{who} walked a patrol ({round}): {count} points seen, {found}",
    ),
    Kind.WINDOW_OPENED: Names("{who}登记维护时段：{reason}", "{who} opened a maintenance window: {reason}"),
    Kind.TECHNICIAN_TOLD: Names("{who}正在现场维护，首先通知", "{who} is on site for maintenance and was told first"),
}
