"""Several nodes over REST: one change checked at each, issued to all in one rollout, and followed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from cloud.application.fleet.configure_nodes import MOST, Checked, Choice, Done
from cloud.application.fleet.document_change import read_change
from cloud.domain.duties.register import EquipmentKind
from cloud.domain.fleet.configuration import Rollout
from cloud.entrypoints.api import cursors
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.nodes import Operates, Reason, Runs
from cloud.entrypoints.api.problems import documented, not_found

router = Interface("/estates/{estate}/rollouts", tags=["nodes"])

ANSWERS: Final = documented(
    HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY
)
Estate = Annotated[str, Path(max_length=64)]
RolloutId = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{8,64}$")]
Version = Annotated[int, Field(ge=0, lt=2**53)]


class Chosen(BaseModel):
    """Nodes within a place, with equipment of a kind, that run a version of the program or of their document; what is not named,
    every one has.
    """

    model_config = ConfigDict(extra="forbid")

    place: str = Field("", max_length=256)
    kind: EquipmentKind | None = None
    agent: str = Field("", max_length=64)
    version: Version | None = None

    def choice(self) -> Choice:
        return Choice(self.place, self.kind, self.agent, self.version)


class Change(BaseModel):
    """What is the same for all. `document`: a JSON merge patch (RFC 7396) of each node's document; `rules`: what is set in every
    rule of a hazard, or of a name.
    """

    model_config = ConfigDict(extra="forbid")

    document: dict[str, Any] = {}
    rules: list[dict[str, Any]] = Field(
        [], max_length=100, examples=[[{"rule": "held-open", "set": {"on_delay_s": 90}}]]
    )


class ChangeChecked(BaseModel):
    """`nodes`: by id; none means all that `where` chooses."""

    model_config = ConfigDict(extra="forbid")

    change: Change
    nodes: list[Annotated[str, Field(max_length=64)]] = Field([], max_length=MOST)
    where: Chosen | None = None


class ChangeIssued(ChangeChecked):
    """`seen`: the latest version of a node when it was looked at; refused where there is a newer one. `rollout`: the same sent again
    goes on where it ended; without one it gets a new one.
    """

    seen: dict[str, Version] = Field({}, max_length=MOST)
    rollout: RolloutId | None = None
    reason: Reason = ""


def _seen(estate: Estate, member: Operates) -> str:
    return _own(estate, member.estates)


def _run(estate: Estate, member: Runs) -> str:
    return _own(estate, member.estates)


def _own(estate: str, estates: Sequence[str]) -> str:
    if estate not in estates:
        raise not_found("such estate")
    return estate


Seen = Annotated[str, Depends(_seen)]
Run = Annotated[str, Depends(_run)]


@router.post("/check", summary="What one change would do at each of several nodes", responses=ANSWERS)
def check(given: ChangeChecked, services: Given, member: Runs, estate: Run) -> Sequence[Checked]:
    change = read_change(given.change.model_dump())
    return services.tuning.several.check(estate, change, _nodes(given, services, member, estate), member)


@router.post("", summary="Issue one change to several nodes", status_code=HTTPStatus.CREATED, responses=ANSWERS)
def issue(given: ChangeIssued, services: Given, member: Runs, estate: Run) -> Done:
    change, rollout = read_change(given.change.model_dump()), given.rollout or str(uuid.uuid4())
    wanted: Mapping[str, int | None] = {node: given.seen.get(node) for node in _nodes(given, services, member, estate)}
    return services.tuning.several.push(estate, change, wanted, member.member, rollout=rollout, reason=given.reason)


@router.get("", summary="Changes that were issued to several nodes, newest first", responses=ANSWERS)
def list_deeds(
    services: Given,
    member: Operates,
    estate: Seen,
    onward: cursors.ThisPage,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[Rollout]:
    found = services.tuning.several.rollouts(estate, member, limit + 1, onward.moment)
    return onward.page(found, limit, lambda one: [one.at.isoformat(), one.id])


@router.get("/{rollout}", summary="How far each node is with such a change", responses=ANSWERS)
def follow(services: Given, member: Operates, estate: Seen, rollout: Annotated[str, Path(max_length=64)]) -> Done:
    return services.tuning.several.follow(estate, rollout, member)


def _nodes(given: ChangeChecked, services: Given, member: Runs, estate: str) -> Sequence[str]:
    if given.nodes or given.where is None:
        return given.nodes
    return [one.id for one in services.tuning.several.candidates(estate, member, given.where.choice())]
