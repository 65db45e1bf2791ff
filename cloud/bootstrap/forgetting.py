"""What goes on by itself so that nothing is kept beyond its time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from cloud.adapters.photos import PhotoShelf
from cloud.adapters.sealing import FernetSeal
from cloud.application.accounts.tries import ForgetTries
from cloud.application.answer_once import AnswerOnce
from cloud.application.estates.purge_links import PurgeLinks
from cloud.application.forget_settled import ForgetSettled
from cloud.application.intake.throttle import Throttle
from cloud.application.ledger.erase_personal import ExpirePersonal
from cloud.application.ledger.expire_civic import ExpireCivic
from cloud.application.retention import ForgetPersonal
from cloud.application.tasks.attach_photo import SweepPhotos
from cloud.bootstrap.shared import Shared
from cloud.bootstrap.watches import unhurried
from cloud.domain.records.personal import PersonalClass
from cloud.domain.records.privacy import Periods
from cloud.entrypoints.timers import Loop, forgetting

PHOTOS_S: Final = 60.0
"""How often erased pictures leave the disk."""

RETENTION_S: Final = 3600.0
"""How often it is looked whether personal data has outlived its time: it is a matter of days."""


def forgetting_loops(common: Shared) -> list[Loop]:
    """What cannot be undone waits while it is doubted what time it is."""
    looks = {
        "forgetting": unhurried(forgetting(ForgetPersonal(common.units, common.clock, _periods(common))), common),
        "retention": unhurried(_expiring(common), common),
        "photos": _sweeping(common),
    }
    return [Loop(name, look, common.clock, common.readiness) for name, look in looks.items()]


def _expiring(common: Shared) -> Callable[[], float]:
    kept = common.settings.retention
    days = {
        PersonalClass.NOTE: kept.note_days,
        PersonalClass.CONTACT: kept.contact_days,
        PersonalClass.REPORTER: kept.reporter_days,
    }
    keep = {sort: timedelta(days=number) for sort, number in days.items() if number is not None}
    expire = ExpirePersonal(common.units, common.clock, keep)
    days = {
        PersonalClass.VOTE: kept.vote_days,
        PersonalClass.SIGNATURE: kept.signature_days,
        PersonalClass.POSTING: kept.posting_days,
    }
    civic = {sort: timedelta(days=number) for sort, number in days.items() if number is not None}
    lapse = ExpireCivic(common.units, common.clock, civic)
    asked = None if kept.command_days is None else timedelta(days=kept.command_days)
    forget = ForgetSettled(common.units, common.clock, asked, lambda uow: uow.orders)
    told = None if kept.message_days is None else timedelta(days=kept.message_days)
    unsay = ForgetSettled(common.units, common.clock, told, lambda uow: uow.missives)
    unpost = ForgetSettled(common.units, common.clock, told, lambda uow: uow.webhooks)
    purge, tries = PurgeLinks(common.units, common.clock), ForgetTries(common.units, common.clock)
    throttle = Throttle(common.units, common.clock)
    once = AnswerOnce(common.units, common.clock, FernetSeal())

    def work() -> float:
        purge()
        tries()
        throttle.tidy()
        once.tidy()
        more = forget() + unsay() + unpost() + expire() + lapse()
        return 1.0 if more else RETENTION_S

    return work


def _sweeping(common: Shared) -> Callable[[], float]:
    sweep = SweepPhotos(common.units, common.clock, PhotoShelf(common.settings.photos_path))

    def work() -> float:
        sweep()
        return PHOTOS_S

    return work


def _periods(common: Shared) -> Periods:
    kept = common.settings.retention
    return Periods(
        timedelta(days=kept.identified_access_days),
        timedelta(days=kept.pseudonymous_access_days),
        timedelta(days=kept.dead_letter_days),
    )
