"""The use cases by which it is assured that a hazard is dealt with, for whoever wires them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from cloud.application.asking.photos import ReadPhotos
from cloud.application.assurance_ports import PhotoFiles
from cloud.application.ports import Clock, Ids, UnitsOfWork
from cloud.application.tasks.attach_photo import AttachPhoto
from cloud.application.tasks.follow_reports import Following, FollowReports
from cloud.application.tasks.hand_slip import HandSlip
from cloud.application.tasks.keep_upkeep import KeepUpkeep
from cloud.application.tasks.keep_windows import KeepWindows
from cloud.application.tasks.plan_exercises import PlanExercises
from cloud.application.tasks.planned import AskPlanned
from cloud.application.tasks.record_call import RecordCall
from cloud.application.tasks.say_more import SayMore
from cloud.application.tasks.verify_task import VerifyTask
from cloud.application.tasks.walk_patrols import WalkPatrols


@dataclass(frozen=True, slots=True)
class Assurance:
    verify: VerifyTask
    attach: AttachPhoto
    photos: ReadPhotos
    follow: FollowReports
    exercises: PlanExercises
    windows: KeepWindows
    planned: AskPlanned
    record_call: RecordCall
    upkeep: KeepUpkeep
    patrols: WalkPatrols
    slips: HandSlip
    say_more: SayMore

    @classmethod
    def on(cls, units: UnitsOfWork, clock: Clock, ids: Ids, files: PhotoFiles, following: Following) -> Self:
        return cls(
            VerifyTask(units, clock, ids),
            AttachPhoto(units, clock, ids, files),
            ReadPhotos(units, clock, files),
            FollowReports(units, clock, ids, files, following),
            PlanExercises(units, clock, ids),
            KeepWindows(units, clock, ids),
            AskPlanned(units, clock),
            RecordCall(units, clock, ids),
            KeepUpkeep(units, clock),
            WalkPatrols(units, clock, ids),
            HandSlip(units, clock),
            SayMore(units, clock, ids),
        )
