"""Nodes over REST: what each is told to be, version by version, and what is asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from cloud.application.estates.sign_in import Identity
from cloud.application.fleet.configure_node import MAX_REASON
from cloud.application.fleet.node_questions import ConfigurationView, OrderView, VersionView, order_view
from cloud.domain.community.party import Member
from cloud.entrypoints.api import cursors, unchanged
from cloud.entrypoints.api.access import Area, CurrentMember, Given, entrance
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.problems import documented, not_found
from schemas.commands import Action
from schemas.topics import NodeAddress, TopicError

router = Interface("/estates/{estate}/nodes/{node}", tags=["nodes"])

ANSWERS: Final = documented(
    HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY
)
Reason = Annotated[str, Field(max_length=MAX_REASON, description="Why, for the history.")]


class ThisNode:
    """The node in the path, where the member may see its estate; to anyone else it does not exist."""

    def __init__(
        self,
        estate: Annotated[str, Path(max_length=64)],
        node: Annotated[str, Path(max_length=64)],
        member: CurrentMember,
        services: Given,
    ) -> None:
        if estate not in member.estates:
            raise not_found("such estate")
        try:
            NodeAddress(estate, node)
        except TopicError:
            raise not_found("such node") from None
        self.estate, self.id, self.member, self.services = estate, node, member, services


Operates = Annotated[Identity, Depends(entrance(Area.OPERATIONS))]
Tunes = Annotated[Identity, Depends(entrance(Area.RULES))]
Runs = Annotated[Identity, Depends(entrance(Area.NODES))]
Asked = Annotated[ThisNode, Depends(ThisNode)]


def seen_node(member: Operates, node: Asked) -> ThisNode:  # noqa: ARG001 - let in first
    return node


def tuned_node(member: Tunes, node: Asked) -> ThisNode:  # noqa: ARG001 - as above
    return node


def run_node(member: Runs, node: Asked) -> ThisNode:  # noqa: ARG001 - as above
    return node


SeenNode = Annotated[ThisNode, Depends(seen_node)]
TunedNode = Annotated[ThisNode, Depends(tuned_node)]
RunNode = Annotated[ThisNode, Depends(run_node)]


class Document(BaseModel):
    """A whole configuration. Its `version` is of no account: it gets the next one."""

    model_config = ConfigDict(extra="forbid")

    document: dict[str, Any]
    reason: Reason = ""


class RuleChange(BaseModel):
    """Fields of a rule, as a JSON merge patch (RFC 7396): what is not named stays, null takes a field away."""

    model_config = ConfigDict(extra="forbid")

    changes: dict[str, Any] = Field(examples=[{"on_delay_s": 5, "enabled": True}])
    reason: Reason = ""


class Return(BaseModel):
    """Back to an earlier version, whose content is issued under a higher one."""

    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=1)
    reason: Reason = ""


class CommandAsked(BaseModel):
    """A command; `identify` takes seconds, `test-alarm` equipment, hazard and seconds. It expires after a minute."""

    model_config = ConfigDict(extra="forbid")

    action: Action
    arguments: dict[str, str | float | bool] = {}


@router.get("/config", summary="What the node is told to be, and whether it is", responses=ANSWERS)
def read_configuration(node: SeenNode, response: Response) -> ConfigurationView:
    found = node.services.nodes.configuration(node.estate, node.id, node.member)
    unchanged.tagged(response, unchanged.tag(found.latest.version if found.latest else 0))
    return found


def version_seen(
    node: SeenNode,
    seen: Annotated[
        int | None, Query(ge=0, description="The version seen; refused with 409 where there is a newer one.")
    ] = None,
    if_match: unchanged.IfMatch = None,
) -> int | None:
    """Said in either way; the use case looks again in its unit of work."""

    def latest() -> int:
        known = node.services.nodes.configuration(node.estate, node.id, node.member).latest
        return known.version if known else 0

    matched = unchanged.seen_version(if_match, latest)
    return seen if matched is None else matched


Seen = Annotated[int | None, Depends(version_seen)]


@router.put("/config", summary="Issue a whole configuration", responses={**ANSWERS, **unchanged.CHANGED})
def put_configuration(given: Document, node: RunNode, seen: Seen, response: Response) -> ConfigurationView:
    configure = node.services.configure
    configure.put(node.estate, node.id, given.document, _member(node.member), reason=given.reason, seen=seen)
    return read_configuration(node, response)


@router.get("/config/versions", summary="Every version: who, when, why, and what came of it", responses=ANSWERS)
def list_versions(
    node: SeenNode,
    onward: cursors.ThisPage,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[VersionView]:
    before = onward.number
    found = node.services.nodes.versions(node.estate, node.id, node.member, limit=limit + 1, before=before)
    return onward.page(found, limit, lambda one: [one.version])


@router.get("/config/versions/{version}", summary="The document of one version", responses=ANSWERS)
def read_version(node: SeenNode, version: Annotated[int, Path(ge=1, lt=2**53)]) -> Mapping[str, Any]:
    return node.services.nodes.version(node.estate, node.id, version, node.member)


@router.post("/config/rollback", summary="Issue an earlier content under a higher version", responses=ANSWERS)
def roll_back(given: Return, node: RunNode, response: Response) -> ConfigurationView:
    configure = node.services.configure
    configure.go_back(node.estate, node.id, given.version, _member(node.member), reason=given.reason)
    return read_configuration(node, response)


@router.patch(
    "/rules/{rule:path}", summary="Change fields of one alarm rule", responses={**ANSWERS, **unchanged.CHANGED}
)
def edit_rule(
    given: RuleChange, node: TunedNode, rule: Annotated[str, Path(max_length=128)], seen: Seen, response: Response
) -> ConfigurationView:
    node.services.configure.edit_rule(
        node.estate, node.id, rule, given.changes, _member(node.member), reason=given.reason, seen=seen
    )
    return read_configuration(node, response)


@router.get("/commands", summary="What was asked of the node, and what it answered", responses=ANSWERS)
def list_commands(
    node: SeenNode,
    onward: cursors.ThisPage,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[OrderView]:
    before = onward.moment
    found = node.services.nodes.orders(node.estate, node.id, node.member, limit=limit + 1, before=before)
    return onward.page(found, limit, lambda one: [one.at.isoformat(), one.id])


@router.post("/commands", summary="Ask something of the node", status_code=HTTPStatus.ACCEPTED, responses=ANSWERS)
def ask(given: CommandAsked, node: RunNode) -> OrderView:
    services = node.services
    order = services.command(node.estate, node.id, given.action, given.arguments, _member(node.member))
    return order_view(order, services.clock.now())


def _member(identity: Identity) -> Member:
    return identity.member
