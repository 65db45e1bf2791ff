"""The page on which one change is issued to several nodes: chosen, checked with each one's difference, sent, and followed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from cloud.application.fleet.configure_node import MAX_REASON
from cloud.application.fleet.configure_nodes import MOST, Candidate, Checked, Choice, Done
from cloud.domain.duties.register import EquipmentKind, Register
from cloud.domain.fleet.document_difference import DifferentLine
from cloud.domain.records import narrative
from cloud.entrypoints.api.access import CurrentOperator, EstateId, Given
from cloud.entrypoints.web.documents import Text
from cloud.entrypoints.web.fault_words import fault_words
from cloud.entrypoints.web.node_deeds import Commander
from cloud.entrypoints.web.page import Page, ThisPage
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages
from cloud.errors import CloudError, Invalid

LATELY: Final = 5
Ids = Annotated[list[Annotated[str, Form(max_length=64)]], Form(max_length=MOST)]
Seen = Annotated[list[Annotated[str, Form(max_length=96, pattern=r"^[^ ]+ [0-9]{1,15}$")]], Form(max_length=MOST)]
RolloutId = Annotated[str, Form(pattern=r"^[A-Za-z0-9-]{8,64}$")]


class Wanted:
    """Which nodes are looked at, as the address says it; what was left empty is not asked for."""

    def __init__(
        self,
        *,
        place: Annotated[str, Query(max_length=256)] = "",
        kind: Annotated[str, Query(max_length=32)] = "",
        agent: Annotated[str, Query(max_length=64)] = "",
        version: Annotated[str, Query(max_length=16)] = "",
    ) -> None:
        known = EquipmentKind(kind) if kind in list(EquipmentKind) else None
        self.choice = Choice(place, known, agent, int(version) if version.isascii() and version.isdigit() else None)


@dataclass(frozen=True, slots=True)
class Alike:
    """Nodes at which the same lines differ, told once."""

    nodes: Sequence[Checked]
    lines: Sequence[DifferentLine]


@dataclass(frozen=True, slots=True)
class CheckedView:
    """What a change would do: the nodes that cannot take it, those that would change, alike ones together, and those that say
    the same already. `rollout`: the name under which it is sent, so that it is sent once.
    """

    faulty: Sequence[Checked]
    alike: Sequence[Alike]
    same: Sequence[Checked]
    rollout: str

    @property
    def sound(self) -> Sequence[Checked]:
        return [one for group in self.alike for one in group.nodes]


def rollouts(pages: Pages) -> PageRouter:
    router = PageRouter("/fleet")
    _checking(router, pages)
    _sending(router, pages)
    return router


def _checking(router: PageRouter, pages: Pages) -> None:
    @router.get("/rollout")
    def show(
        request: Request, services: Given, member: Commander, page: ThisPage, estate: EstateId,
        *, wanted: Annotated[Wanted, Depends(Wanted)],
    ) -> HTMLResponse:  # fmt: skip
        return _Shown(pages, request, services, page.at("fleet"), member).page(estate, wanted.choice)

    @router.post("/rollout/check")
    def check(
        request: Request, services: Given, member: Commander, page: ThisPage, estate: EstateId,
        *, text: Text, nodes: Ids = [],  # noqa: B006 - FastAPI copies it
    ) -> HTMLResponse:  # fmt: skip
        shows, several = _Shown(pages, request, services, page.at("fleet"), member), services.tuning.several
        try:
            checked = several.check(estate, several.read(text), nodes, member)
        except Invalid as error:
            return shows.page(estate, Choice(), nodes, text, error=error)
        return shows.page(estate, Choice(), nodes, text, checked=checked)

    @router.get("/rollout/check")
    def checked(member: Commander, page: ThisPage, estate: EstateId) -> RedirectResponse:  # noqa: ARG001 - asked for to be let in
        """Another language: what was typed is not in the address."""
        return RedirectResponse(f"/fleet/rollout{page.estate_query}", HTTPStatus.SEE_OTHER)


def _sending(router: PageRouter, pages: Pages) -> None:
    @router.post("/rollout")
    def issue(
        request: Request, services: Given, member: Commander, page: ThisPage, estate: EstateId,
        *, text: Text, rollout: RolloutId, seen: Seen, reason: Annotated[str, Form(max_length=MAX_REASON)] = "",
    ) -> Response:  # fmt: skip
        several, looked_at = services.tuning.several, _looked_at(seen)
        shows = _Shown(pages, request, services, page.at("fleet"), member)
        try:
            done = several.push(estate, several.read(text), looked_at, member.member, rollout=rollout, reason=reason)
        except Invalid as error:
            return shows.page(estate, Choice(), list(looked_at), text, error=error)
        if done.unwritten:
            return shows.followed(estate, done)
        return RedirectResponse(f"/fleet/rollouts/{rollout}{page.estate_query}", HTTPStatus.SEE_OTHER)

    @router.get("/rollouts/{rollout}")
    def follow(
        request: Request, services: Given, member: CurrentOperator, page: ThisPage, estate: EstateId, *,
        rollout: Annotated[str, Path(max_length=64)],
    ) -> HTMLResponse:  # fmt: skip
        seq = services.queries.ledger_head(estate, member).seq
        done = services.tuning.several.follow(estate, rollout, member)
        return _Shown(pages, request, services, page.at("fleet", seq), member).followed(estate, done)


class _Shown:
    def __init__(self, pages: Pages, request: Request, services: Given, page: Page, member: Commander) -> None:
        self._pages, self._request, self._services, self._page, self._member = pages, request, services, page, member

    def page(
        self, estate: str, choice: Choice, nodes: Sequence[str] | None = None, text: str = "", *,
        checked: Sequence[Checked] | None = None, error: CloudError | None = None,
    ) -> HTMLResponse:  # fmt: skip
        """`nodes`: those that were chosen; None: all that the choice names."""
        several, member = self._services.tuning.several, self._member
        every = several.candidates(estate, member)
        shown = several.candidates(estate, member, choice) if nodes is None else every
        register = self._services.queries.register(estate, member)
        rollouts = several.rollouts(estate, member, LATELY)
        problems = error.problems or (str(error),) if isinstance(error, Invalid) else ()
        return self._pages.respond(
            self._request, "rollout.html", self._page,
            HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
            every=every, shown=shown, chosen={one.id for one in shown} if nodes is None else set(nodes), choice=choice, text=text,
            places={place: register.places.get(place).names for place in _houses(every, register)},
            kinds=sorted({kind for one in every for kind in one.kinds}), agents=sorted({one.agent for one in every if one.agent}),
            checked=_view(checked) if checked is not None else None,
            problems=[fault_words(one, self._page.language) for one in problems],
            rollouts=rollouts, people={one.by: narrative.doer(one.by, register) for one in rollouts},
        )  # fmt: skip

    def followed(self, estate: str, done: Done) -> HTMLResponse:
        register = self._services.queries.register(estate, self._member)
        return self._pages.respond(
            self._request, "rollout_followed.html", self._page,
            HTTPStatus.CONFLICT if done.unwritten else HTTPStatus.OK, done=done,
            by=narrative.doer(done.rollout.by, register),
            unwritten={
                id_: [fault_words(one, self._page.language) for one in why] for id_, why in done.unwritten.items()
            },
        )  # fmt: skip


def _houses(nodes: Sequence[Candidate], register: Register) -> Sequence[str]:
    return sorted({register.building_of(one.place_id) for one in nodes if one.place_id in register.places})


def _view(checked: Sequence[Checked]) -> CheckedView:
    groups: dict[tuple[tuple[str, str], ...], list[Checked]] = {}
    for one in checked:
        if one.lines:
            key = tuple((line.kind, line.text) for line in one.lines if line.kind in ("added", "removed"))
            groups.setdefault(key, []).append(one)
    alike = [Alike(nodes, nodes[0].lines) for nodes in groups.values()]
    faulty, same = [one for one in checked if one.faults], [one for one in checked if one.same]
    return CheckedView(faulty, sorted(alike, key=lambda one: -len(one.nodes)), same, str(uuid.uuid4()))


def _looked_at(seen: Sequence[str]) -> Mapping[str, int | None]:
    return {node: int(version) for node, _, version in (one.partition(" ") for one in seen)}
