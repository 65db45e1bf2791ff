"""An estate that lives by chance: what happens is drawn, and now and then the cloud dies in the middle of it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from cloud.adapters.estate_file import default_credit_table, regulated_work
from cloud.application.consultation.consulting import Consulting
from cloud.application.consultation.run_consultation import RunConsultation
from cloud.application.credit.crediting import Crediting
from cloud.application.credit.following import CreditFollows
from cloud.application.exchange.exchanging import Exchanging
from cloud.application.incidents.watch_causes import WatchCauses
from cloud.application.incidents.watch_clock import WatchClock
from cloud.application.tasks.act_on_task import ActOnTask
from cloud.application.tasks.follow_reports import FollowReports
from cloud.application.tasks.keep_windows import KeepWindows
from cloud.application.tasks.plan_exercises import PlanExercises
from cloud.errors import CloudError
from tests.fakes.channels import FakeChannel, sender, sends_all
from tests.fakes.mortal import Died
from tests.faults.governance.world import Files, Stage, World, people

MEMBERS = sorted(one.id for one in people().members)
_TABLE, _REGULATED = cache(default_credit_table), cache(regulated_work)
MOMENTS = 60
"""Among the first so many moments of a deed one is drawn at which the cloud dies; a deed may be over before."""


class _Template:
    """The estate as it is on its first day, made once."""

    folder: ClassVar[Path | None] = None

    @classmethod
    def copied(cls, into: Path) -> Stage:
        if cls.folder is None:
            cls.folder = Path(tempfile.mkdtemp(prefix="tocsin-estate-"))
            Stage(Files(cls.folder), "first-day").engine.dispose()
        shutil.copy(cls.folder / "first-day.db", into / "first-day.db")
        return Stage(Files(into), "life", like="first-day")


class LivingEstate(RuleBasedStateMachine):
    """What every rule works with: the world, and deeds that may be refused or be the last."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="tocsin-life-"))
        self.stage = _Template.copied(self.folder)
        self.dies_at: int | None = None
        self.deaths = 0
        self.channel = FakeChannel(carries_links=False)
        """Out in the world: it stays cut, or not, whatever becomes of the cloud."""
        self.ringing: list[tuple[str, str, int, str]] = []
        self.description = people()

    @property
    def w(self) -> World:
        return self.stage.scene

    def does(self, deed: Callable[[], Any]) -> Any:
        """What it came to; None where it was refused. Where death is due it strikes in the middle, and whoever did it does
        it again. No two deeds are done in the same instant, so that a clock that starts anew is told from one that runs back.
        """
        self.w.clock.advance(milliseconds=1)
        if self.dies_at is not None:
            self.stage.fate.strike(self.dies_at)
            self.dies_at = None
        try:
            return deed()
        except CloudError:
            return None
        except Died:
            self.deaths += 1
            self.stage.fate.spare()
            self.stage.reborn()
            return self.does(deed)
        finally:
            self.stage.fate.spare()

    @rule(at=st.integers(0, MOMENTS))
    def death_comes(self, at: int) -> None:
        """In the next deed, whoever's it is."""
        self.dies_at = at

    @property
    def credit(self) -> Crediting:
        return Crediting(self.w.units, self.w.clock, self.w.ids, _TABLE)

    @property
    def follows(self) -> CreditFollows:
        return CreditFollows(self.credit.granting)

    @property
    def act(self) -> ActOnTask:
        return ActOnTask(self.w.units, self.w.clock, self.w.ids, self.follows.deed)

    @property
    def exchange(self) -> Exchanging:
        return Exchanging(self.w.units, self.w.clock, self.w.ids, _REGULATED, self.follows.small_task)

    @property
    def consulting(self) -> Consulting:
        return Consulting(self.w.units, self.w.clock, self.w.ids)

    @property
    def reports(self) -> FollowReports:
        return FollowReports(self.w.units, self.w.clock, self.w.ids, self.w.pictures, self.follows.verdicts)

    @property
    def exercises(self) -> PlanExercises:
        return PlanExercises(self.w.units, self.w.clock, self.w.ids)

    @property
    def windows(self) -> KeepWindows:
        return KeepWindows(self.w.units, self.w.clock, self.w.ids)

    def loops(self) -> None:
        """Every loop of the program comes round."""
        self.does(self._looks_at_the_clock)
        self.does(self.timers)
        self.does(self._looks_at_causes)
        self.does(lambda: sends_all(sender(self.w, {"console": self.channel})))
        self.does(self._consults)

    def timers(self) -> None:
        """Of the world as it is then: the one before may have died."""
        self.w.timers()

    def _looks_at_the_clock(self) -> None:
        WatchClock(self.w.units, self.w.clock, self.w.ids)()

    def _looks_at_causes(self) -> None:
        WatchCauses(self.w.units, self.w.clock, self.w.ids)()

    def _consults(self) -> None:
        RunConsultation(self.w.units, self.w.clock, self.w.ids)()

    def teardown(self) -> None:
        self.stage.close()
        shutil.rmtree(self.folder)
