"""What nodes do and what is done with them, told to people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cloud.domain.records.ledger import Kind
from cloud.domain.records.telling import Tell, plain

TELL: Final[Mapping[str, Tell]] = {
    Kind.NODE_BORN: plain("节点 {node} 上线", "node {node} came online"),
    Kind.NODE_DIED: plain("节点 {node} 离线（{reason}）", "node {node} went offline ({reason})"),
    Kind.CLAIM_ISSUED: plain("为节点 {node} 发放登记码", "a claim code was given out for node {node}"),
    Kind.NODE_ENROLLED: plain("节点 {node} 已登记", "node {node} was enrolled"),
    Kind.BOARD_REPLACED: plain(
        "节点 {node} 已更换主板，旧主板只补传积压数据", "node {node} has a new board; the old one only drains"
    ),
    Kind.CREDENTIAL_RENEWED: plain("节点 {node} 的凭证已续期", "the credential of node {node} was renewed"),
    Kind.NODE_REVOKED: plain("节点 {node} 已被撤销，不得接入：{reason}", "access of node {node} was revoked: {reason}"),
    Kind.CONFIGURATION_ISSUED: plain(
        "已下发节点 {node} 的配置第 {version} 版", "version {version} was issued for node {node}"
    ),
    Kind.CONFIGURATION_APPLIED: plain("节点 {node} 已启用配置第 {version} 版", "node {node} runs version {version}"),
    Kind.CONFIGURATION_NOT_APPLIED: plain(
        "节点 {node} 未启用配置第 {version} 版：{outcome}", "node {node} did not take version {version}: {outcome}"
    ),
    Kind.CONFIGURATION_REPORTED: plain(
        "节点 {node} 上报了自带配置第 {version} 版", "node {node} reported the version {version} it runs by itself"
    ),
    Kind.COMMAND_ASKED: plain("向节点 {node} 发送命令：{action}", "node {node} was asked: {action}"),
    Kind.COMMAND_UNANSWERED: plain(
        "节点 {node} 未确认命令 {action}：请到现场查看",
        "node {node} did not confirm {action}: somebody has to look on site",
    ),
    Kind.COMMAND_ANSWERED: plain(
        "节点 {node} 答复命令 {action}：{outcome}", "node {node} answered {action}: {outcome}"
    ),
    Kind.CARD_KEY_MADE: plain(
        "生成卡号密钥 {key}（第 {version} 版）：{reason}", "card key {key} was made (version {version}): {reason}"
    ),
    Kind.CARD_KEY_IN_USE: plain("节点 {node} 已启用卡号密钥 {key}", "node {node} uses card key {key}"),
    Kind.CLOCK_STEPPED: plain("服务器时钟被调整（{seconds} 秒）", "the clock of the server was set by {seconds} s"),
    Kind.RECORDS_LOST: plain(
        "节点 {node} 有 {count} 批数据已不在节点上，也从未送达",
        "{count} batches of node {node} left it and never arrived",
    ),
    Kind.RECORDS_FOUND: plain(
        "节点 {node} 曾判定丢失的 {count} 批数据已送达",
        "{count} batches of node {node} that counted as lost have arrived",
    ),
    Kind.LETTER_REPLAYED: plain(
        "节点 {node} 曾被拒收的消息已重新收下", "a refused message of node {node} was taken after all"
    ),
    Kind.DEAD_LETTER: plain("消息被拒收：{reason}", "a message was refused: {reason}"),
}
