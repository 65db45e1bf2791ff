"""Rosters, contacts, registers, credit, offers and needs, and who was let in, told to people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cloud.domain.records.ledger import Kind
from cloud.domain.records.telling import Tell, about_equipment, about_party, fixed, plain

TELL: Final[Mapping[str, Tell]] = {
    Kind.CONTACTS_LAID: fixed("小区文件更改了一名成员的联系方式", "the estate's file changed how a member is reached"),
    Kind.CONTACTS_CHANGED: fixed("成员更新了联系方式", "a member changed how to be reached"),
    Kind.DUTIES_CHANGED: fixed(
        "职责矩阵已修改；进行中的任务沿用原版本", "the duty matrix was changed; running tasks keep theirs"
    ),
    Kind.ROSTER_CHANGED: about_party("{who}的值班表“{roster}”已更新", "{who}'s roster {roster} was changed"),
    Kind.ROSTER_REMOVED: about_party("{who}的值班表“{roster}”已删除", "{who}'s roster {roster} was removed"),
    Kind.OVERRIDE_ADDED: about_party("{who}的值班表“{roster}”增加替班", "{who}'s roster {roster} was overridden"),
    Kind.OVERRIDE_REMOVED: about_party(
        "{who}的值班表“{roster}”取消替班", "an override of {who}'s roster {roster} was taken back"
    ),
    Kind.CALENDAR_IMPORTED: about_party(
        "{who}的值班表“{roster}”导入日历：替班 {overrides} 条，班次 {shifts} 条",
        "a calendar came into {who}'s roster {roster}: {overrides} overrides, {shifts} shifts",
    ),
    Kind.HANDOVER_DRAWN: about_party(
        "{who}填写交接班记录：{count} 项", "{who} drew up a shift handover of {count} items"
    ),
    Kind.HANDOVER_SIGNED: about_party("{who}交接班签字：{side}", "{who} signed a shift handover: {side}"),
    Kind.CONTACT_ADDED: about_party(
        "{who}的成员增加联系方式：{channel}", "a member of {who} has a new channel: {channel}"
    ),
    Kind.CONTACT_REMOVED: about_party(
        "{who}的成员删除联系方式：{channel}", "a channel of a member of {who} was removed: {channel}"
    ),
    Kind.CONTACT_CODE_SENT: about_party(
        "已向{who}的成员发送验证码：{channel}", "a code was sent to a member of {who}: {channel}"
    ),
    Kind.CONTACT_VERIFIED: about_party(
        "{who}的成员已验证联系方式：{channel}", "a member of {who} verified a channel: {channel}"
    ),
    Kind.ESTATE_LOADED: fixed("小区资料已载入", "the estate's register was loaded"),
    Kind.LABEL_MADE: about_equipment("{where}有了编码标签", "{where} has a label with a code"),
    Kind.LABEL_REPLACED: about_equipment(
        "{where}的编码标签已更换，旧编码失效", "the label of {where} was replaced; its old code opens nothing any more"
    ),
    Kind.CREDIT_GRANTED: plain("积分 +{points}：{act}", "{points} points were granted for {act}"),
    Kind.CREDIT_REVERSED: plain(
        "积分冲正 {points}：{act}（{reason}）", "{points} points for {act}, taken back: {reason}"
    ),
    Kind.CREDIT_TOGETHER: plain(
        "多方专长合力，按积分标准另计 {points} 分：{capabilities}",
        "brought together, as the credit table declares, it is worth {points} points more: {capabilities}",
    ),
    Kind.CREDIT_TOGETHER_REFUSED: plain(
        "{capabilities}：{people} 人参与，最多只能精确计算 {most} 人，合力分值未支付；请按能力少邀几方",
        "{capabilities}: {people} people took part and at most {most} are computed exactly, so nothing more was paid for doing it"
        " together; call fewer parties by their capability",
    ),
    Kind.CREDIT_TABLE_PUBLISHED: plain(
        "已公布积分标准第 {version} 版", "version {version} of the credit table was published"
    ),
    Kind.OFFER_POSTED: fixed("发布了一项供给", "an offer was posted"),
    Kind.OFFER_CHANGED: fixed("修改了一项供给", "an offer was changed"),
    Kind.OFFER_WITHDRAWN: fixed("撤回了一项供给", "an offer was withdrawn"),
    Kind.NEED_POSTED: fixed("发布了一项需求", "a need was posted"),
    Kind.NEED_CHANGED: fixed("修改了一项需求", "a need was changed"),
    Kind.NEED_WITHDRAWN: fixed("撤回了一项需求", "a need was withdrawn"),
    Kind.NEED_MET: fixed("一项需求已得到满足", "a need has been met"),
    Kind.SMALL_TASK_POSTED: about_party("{who}发布{act}", "{who} posted {act}"),
    Kind.SMALL_TASK_CLAIMED: about_party("{who}的{act}已被认领", "{act} of {who} was claimed"),
    Kind.SMALL_TASK_RELEASED: about_party("{who}的{act}已退回", "{act} of {who} was given back"),
    Kind.SMALL_TASK_DONE: about_party("{who}的{act}报告已完成", "{act} of {who} is said to be done"),
    Kind.SMALL_TASK_SENT_BACK: about_party("{who}的{act}未通过核验", "{act} of {who} was sent back"),
    Kind.SMALL_TASK_CONFIRMED: about_party("{who}的{act}已核验", "{act} of {who} was confirmed"),
    Kind.SMALL_TASK_WITHDRAWN: about_party("{who}撤回{act}", "{who} withdrew {act}"),
    Kind.SIGNED_IN: fixed("成员登录", "a member signed in"),
    Kind.SIGNED_OUT: fixed("成员退出登录", "a member signed out"),
    Kind.ACCESS_GRANTED: plain("为成员 {member} 发放{purpose}", "{purpose} was given out for member {member}"),
    Kind.ACCESS_REVOKED: plain("成员 {member} 的{purpose}已撤销", "{purpose} of member {member} was revoked"),
    Kind.ACCOUNT_CHANGED: plain("成员 {member} 的账号变更：{what}", "the account of member {member} changed: {what}"),
    Kind.MEMBER_INVITED: plain("已邀请成员 {member}（{role}）", "{member} was invited as {role}"),
    Kind.INVITATION_ENDED: plain("成员 {member} 的邀请：{how}", "the invitation of {member}: {how}"),
    Kind.MEMBER_REMOVED: plain("成员 {member} 已移除", "member {member} was taken out"),
    Kind.CONSENT_GIVEN: fixed(
        "一位居民同意在家中久无活动时得到关照", "a resident asked to be looked after when nothing stirs at home"
    ),
    Kind.CONSENT_CHANGED: fixed(
        "一位居民更改了居家关照的同意", "a resident changed what they consent to about their home"
    ),
    Kind.CONSENT_WITHDRAWN: fixed(
        "一位居民撤回了居家关照的同意", "a resident took their consent about their home back"
    ),
    Kind.PERSONAL_READ: plain("查看了个人信息：{class}", "personal data was read: {class}"),
    Kind.PERSONAL_ERASED: plain("个人信息已删除：{class}（{ground}）", "personal data was erased: {class} ({ground})"),
}
