"""A node's configuration is issued, edited or taken back: always as a new version, told to the node after the commit."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from cloud.application.fleet.document_change import DocumentChange, merged, tuned
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.community.faults import Fault, fault, under
from cloud.domain.community.party import Member, Role
from cloud.domain.community.value_faults import value_fault
from cloud.domain.duties.register import Register
from cloud.domain.fleet.configuration import Configuration, Origin, Outcome, next_version
from cloud.domain.fleet.node import Node
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import Conflict, Invalid, NotAllowed, NotFound
from schemas.alarm_rules import AlarmRule
from schemas.hazards import hazard
from schemas.node_config import NodeConfig
from schemas.topics import MAX_PAYLOAD_BYTES

MAX_REASON = 512
Make = Callable[[Configuration | None], dict[str, Any]]
"""The new document, made from the latest one."""


class ConfigureNode:
    """Everything here raises NotFound, Conflict (`seen` is not the latest version any more), Invalid with every fault named,
    Unavailable - and then nothing has changed. `member` None is the command line.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def put(
        self,
        estate: str,
        node_id: str,
        document: Mapping[str, Any],
        member: Member | None,
        *,
        reason: str = "",
        seen: int | None = None,
    ) -> Configuration:
        """Issue a whole document. Its own version is of no account: it gets the next one."""
        return self._issue(estate, node_id, lambda _: dict(document), member, reason=reason, seen=seen)

    def edit_rule(
        self,
        estate: str,
        node_id: str,
        rule_id: str,
        changes: Mapping[str, Any],
        member: Member | None,
        *,
        reason: str = "",
        seen: int | None = None,
    ) -> Configuration:
        """Change fields of one rule, a default one too, as a JSON merge patch (RFC 7396) does; null takes a field away."""

        def make(latest: Configuration | None) -> dict[str, Any]:
            document = _document(latest, node_id)
            rule = _rule(NodeConfig.model_validate(document), rule_id)
            edited = merged(rule.model_dump(mode="json", exclude_none=True), changes) | {"id": rule.id}
            _allow(member, rule, edited)
            rules = [one for one in document.get("rules", []) if one["id"] != rule_id]
            return document | {"rules": [*rules, edited]}

        return self._issue(estate, node_id, make, member, reason=reason, seen=seen)

    def change(
        self, estate: str, node_id: str, change: DocumentChange, member: Member | None, *, reason: str = "",
        seen: int | None = None, rollout: str | None = None,
    ) -> Configuration:  # fmt: skip
        """Issue the latest document with that change in it. `rollout`: of which it is one part; what a rollout has issued to a node it
        does not issue again, whatever came of it since.
        """
        return self._issue(
            estate,
            node_id,
            lambda latest: _changed(latest, node_id, change),
            member,
            reason=reason,
            seen=seen,
            rollout=rollout,
        )

    def check_change(
        self, estate: str, node_id: str, change: DocumentChange, latest: Configuration | None
    ) -> NodeConfig:
        """The document as `change` would issue it on top of that one; nothing is changed."""
        return self.check(estate, node_id, _changed(latest, node_id, change))

    def check(self, estate: str, node_id: str, document: Mapping[str, Any]) -> NodeConfig:
        """The document as `put` would issue it; nothing is changed."""
        with self._units.reading() as uow:
            register, node = known_node(uow, estate, node_id)
            latest = uow.configurations.latest(estate, node_id)
        config = _validated({**document, "version": next_version(node, latest)}, register, node_id)
        _body(config)
        return config

    def go_back(
        self, estate: str, node_id: str, version: int, member: Member | None, *, reason: str = ""
    ) -> Configuration:
        """Issue the content of an earlier version under a higher one."""
        with self._units.reading() as uow:
            earlier = uow.configurations.get(estate, node_id, version)
        if earlier is None:
            raise NotFound(f"Node {node_id} has no version {version}.", "没有这个版本")
        return self._issue(
            estate, node_id, lambda _: json.loads(earlier.body), member, reason=reason or f"back to version {version}"
        )

    def _issue(
        self, estate: str, node_id: str, make: Make, member: Member | None, *, reason: str, seen: int | None = None,
        rollout: str | None = None,
    ) -> Configuration:  # fmt: skip
        if len(reason) > MAX_REASON:
            raise Invalid("The configuration was not taken.", [fault("document-reason", most=MAX_REASON)])
        with self._units.writing() as uow:
            uow.ledger.hold(estate)
            register, node = known_node(uow, estate, node_id)
            latest = uow.configurations.latest(estate, node_id)
            done = uow.configurations.of_rollout(estate, rollout) if rollout is not None else ()
            if issued_before := next((one for one in done if one.node_id == node_id), None):
                return issued_before
            if seen is not None and seen != (latest.version if latest else 0):
                raise Conflict(
                    f"Node {node_id} is at version {latest.version if latest else 0}; you saw {seen}. Read it again.",
                    "配置已被他人更新，请刷新后再操作",
                )
            config = _validated(make(latest) | {"version": next_version(node, latest)}, register, node_id)
            if latest is not None and _stands(latest, member) and _same(config, latest):
                return latest
            issued = self._issued(estate, node_id, config, member, reason)
            issued.rollout = rollout
            uow.configurations.save(issued)
            data = {"node": node_id, "version": issued.version, "digest": issued.digest}
            uow.ledger.append(
                estate, [Draft(Kind.CONFIGURATION_ISSUED, issued.at, issued.by, None, node_id, "request", data)]
            )
            uow.commit()
            return issued

    def _issued(
        self, estate: str, node_id: str, config: NodeConfig, member: Member | None, reason: str
    ) -> Configuration:
        now, by = self._clock.now(), _by(member)
        return Configuration(
            estate, node_id, config.version, config.digest(), _body(config), Origin.CLOUD, by, now, reason
        )


def known_node(uow: UnitOfWork, estate: str, node_id: str) -> tuple[Register, Node | None]:
    """The register, and what was heard of the node. Raises NotFound where it neither stands in the one nor ever spoke."""
    register, node = uow.registers.find(estate), uow.nodes.get(estate, node_id)
    if register is None or (node is None and node_id not in register.nodes):
        raise NotFound(f"There is no node {node_id!r} in estate {estate!r}.", "没有这个节点")
    return register, node


def _body(config: NodeConfig) -> str:
    """As it is sent. Raises Invalid where it is too long for a message."""
    body = config.model_dump_json(exclude_none=True)
    if len(body.encode()) > MAX_PAYLOAD_BYTES:
        raise Invalid(
            "The configuration was not taken.",
            [fault("document-too-large", size=len(body.encode()), most=MAX_PAYLOAD_BYTES)],
        )
    return body


def _validated(document: Mapping[str, Any], register: Register, node_id: str) -> NodeConfig:
    """By the schema that the node uses too, and by the register: its equipment is of this estate and wired to it."""
    try:
        config = NodeConfig.model_validate(document)
    except ValidationError as error:
        raise Invalid("The configuration does not hold together.", faults_named(error)) from None
    problems = []
    for item in config.equipment:
        known = register.equipment.get(item.id)
        if known is None:
            problems.append(fault("equipment-unknown", equipment=item.id))
        elif known.node_id not in (None, node_id):
            problems.append(fault("wired-elsewhere", equipment=item.id, there=known.node_id, here=node_id))
        elif known.kind.value != item.kind:
            problems.append(fault("another-kind", equipment=item.id, known=known.kind.value, kind=item.kind))
    if problems:
        raise Invalid("The configuration does not fit this estate.", problems)
    return config


def faults_named(error: ValidationError) -> list[Fault]:
    """Each fault by where it stands in the document: its `values` have the way there, as pydantic tells it, under `at`."""
    found = []
    for wrong in error.errors(include_url=False, include_input=False):
        told, way = value_fault(wrong), ".".join(map(str, wrong["loc"]))
        located = under(told, f"{way or 'document'}: ", f"{way or '配置'}：")
        found.append(Fault(located, located.zh, told.code, {**told.values, "at": wrong["loc"]}))
    return found


def _document(latest: Configuration | None, node_id: str) -> dict[str, Any]:
    if latest is None:
        raise NotFound(
            f"What {node_id} is configured with is not known here yet: wait until it has reported it, or put a whole document.",
            "尚不知道该节点的配置，请等待其上报，或提交完整配置",
        )
    document: dict[str, Any] = json.loads(latest.body)
    return document


def _changed(latest: Configuration | None, node_id: str, change: DocumentChange) -> dict[str, Any]:
    document: dict[str, Any] = merged(_document(latest, node_id), change.document)
    if not change.rules:
        return document
    try:
        rules = NodeConfig.model_validate(document).all_rules()
    except ValidationError as error:
        raise Invalid("The configuration does not hold together.", faults_named(error)) from None
    return tuned(document, rules, change.rules)


def _stands(latest: Configuration, member: Member | None) -> bool:
    """Whether it is in force, or was issued by the same person and is still to be answered: it is not issued twice."""
    waits = latest.outcome is None and latest.origin is Origin.CLOUD and latest.by == _by(member)
    return waits or latest.outcome is Outcome.APPLIED


def _by(member: Member | None) -> str:
    return f"member:{member.id}" if member else "system"


def _same(config: NodeConfig, latest: Configuration) -> bool:
    return config.model_copy(update={"version": latest.version}).digest() == latest.digest


def _rule(config: NodeConfig, rule_id: str) -> AlarmRule:
    found = {rule.id: rule for rule in config.all_rules()}
    if rule_id not in found:
        raise NotFound(f"There is no rule {rule_id!r}; the rules are {', '.join(sorted(found))}.", "没有这条规则")
    return found[rule_id]


def _allow(member: Member | None, rule: AlarmRule, edited: Mapping[str, Any]) -> None:
    """A manager tunes rules; to switch off what threatens life, or make something else of it, takes an operator."""
    if member is None or member.role is not Role.MANAGER or not hazard(rule.hazard).life_safety:
        return
    same = all(edited.get(key) == getattr(rule, key) for key in ("hazard", "equipment"))
    if not same or edited.get("enabled") is False:
        raise NotAllowed(
            f"Rule {rule.id} guards life safety: an operator or administrator may switch it off, a manager may not.",
            "该规则关系生命安全，只有运维或管理员可以停用",
        )
