"""Forms of the incident page by which it is verified: checks, photos, the sounder, reports, exercises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Final, Protocol

from fastapi import Form
from fastapi.responses import RedirectResponse

from cloud.application.tasks.deeds import Acted
from cloud.application.tasks.verify_task import VerifyTask
from cloud.domain.tasks.dialling import Outcome
from cloud.domain.tasks.witness import Stage
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.verification import Picture, bytes_of
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.posting import PartyId, ThisPosting

router = PageRouter("/tasks")


class Step(Protocol):
    """What somebody does to a task with nothing but their words."""

    def __call__(
        self, verify: VerifyTask, task_id: str, member_id: str, /, *, revision: int | None, note: str
    ) -> Acted:
        """See `Deeds` for what is raised."""
        ...


STEPS: Final[Mapping[str, Step]] = {
    "check": VerifyTask.check,
    "look": VerifyTask.look,
    "cannot-look": VerifyTask.cannot_look,
    "mute": VerifyTask.mute,
    "confirm-report": VerifyTask.confirm,
    "turn-real": VerifyTask.turn_real,
}


def _taking(step: Step) -> Callable[..., RedirectResponse]:
    def take(posted: ThisPosting, services: Given) -> RedirectResponse:
        step(services.assurance.verify, *posted.who, **posted.words)
        return posted.back()

    return take


for name, step in STEPS.items():
    router.post(f"/{{task_id}}/{name}", name=name)(_taking(step))


@router.post("/{task_id}/photos")
def add_photo(
    posted: ThisPosting,
    services: Given,
    photo: Picture,
    stage: Annotated[Stage, Form()] = Stage.OTHER,
    *,
    public: Annotated[bool, Form()] = False,
) -> RedirectResponse:
    services.assurance.attach(*posted.who, bytes_of(photo), stage, public=public)
    return posted.back()


@router.post("/{task_id}/calls")
def record_call(
    posted: ThisPosting, services: Given, party: PartyId, outcome: Annotated[Outcome, Form()]
) -> RedirectResponse:
    services.assurance.record_call(*posted.who, outcome, party=party, note=posted.note)
    return posted.back()
