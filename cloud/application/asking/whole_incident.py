"""Everything about one incident, with what was merged into it, as one member may see it."""

from __future__ import annotations

from collections.abc import Iterator

from cloud.application.asking import officers, views
from cloud.application.asking.depict import Depiction
from cloud.application.asking.depict_parts import party_view
from cloud.application.asking.part_views import BarredView, MergeableView, PartyView
from cloud.application.ports import UnitOfWork
from cloud.application.records import Note
from cloud.application.sight import Sight
from cloud.domain.community.party import Member
from cloud.domain.incidents.alert import Alert
from cloud.domain.incidents.caller_link import slip_refusal
from cloud.domain.incidents.incident import Incident
from cloud.domain.incidents.report import MORE, Report, Way
from cloud.domain.tasks import joint_work, merging
from cloud.domain.tasks.actions import Action, acting, barred_actions
from cloud.domain.tasks.sight import private
from cloud.domain.tasks.stand_down_refusals import releasable
from cloud.domain.tasks.succession import eligible, nameable
from cloud.domain.tasks.task import Task
from cloud.domain.tasks.verification import ticks


class WholeIncident:
    """One incident and its task, within one unit of work."""

    def __init__(self, uow: UnitOfWork, depict: Depiction, sight: Sight, task: Task, incident: Incident) -> None:
        self._uow, self._depict, self._task, self._incident = uow, depict, task, incident
        self._sight = sight

    def view(self, shown: views.TaskView, viewer: Member | None) -> views.IncidentView:
        """`viewer` None is the program itself, which reads every note."""
        uow, depict, task, incident = self._uow, self._depict, self._task, self._incident
        viewer = acting(task, viewer) if viewer else None
        ids = (incident.id, *self._merged())
        entries = sorted((entry for id_ in ids for entry in uow.ledger.of_incident(id_)), key=lambda entry: entry.seq)
        notes = sorted((note for id_ in ids for note in uow.notes.of_incident(id_)), key=lambda note: note.at)
        alerts = uow.alerts.of_incidents([incident.id]).get(incident.id, ())
        helpers = joint_work.helpers(task, depict.register, incident.place_id, depict.now)
        return views.IncidentView(
            task=shown,
            alerts=[depict.alert(alert) for alert in alerts if alert.born and not self._of_a_home(alert)],
            timeline=[depict.line(entry) for entry in entries],
            notes=[view for note in notes if self._may_read(note, viewer) and (view := depict.note(note)) is not None],
            trace=task.trace,
            ticks=ticks(task, depict.now),
            basis=task.duty.basis,
            basis_seen=task.duty.basis_seen,
            duty_id=task.duty.id,
            duty_hazards=task.duty.hazards,
            duty_version=task.duty.version,
            call_sheet=depict.call_sheet(task, incident),
            officers=officers.depicted(depict, task, incident, viewer),
            hides=self._hides(),
            eligible=[party_view(party) for party in eligible(depict.register, incident.place_id, depict.now)],
            nameable=list(self._nameable(viewer)) if Action.ARBITRATE in shown.allowed else [],
            helpers=[party_view(party) for party in helpers],
            capabilities=sorted({capability for party in helpers for capability in party.capabilities}),
            calls=[depict.call(call) for call in task.calls],
            merged=ids[1:],
            mergeable=list(self._mergeable(viewer)) if Action.MERGE in shown.allowed else [],
            releasable=[party_view(depict.register.party(one)) for one in releasable(task)],
            barred=[BarredView(action, why) for action, why in barred_actions(task, viewer, depict.now)],
            photos=list(self._photos(ids, viewer)),
            reports=list(self._reports(ids, viewer)),
            seq=uow.ledger.head(incident.estate).seq,
        )

    def _nameable(self, viewer: Member | None) -> Iterator[PartyView]:
        if viewer is not None:
            depict = self._depict
            named = nameable(self._task, depict.register, viewer, self._incident.place_id, depict.now)
            yield from map(party_view, named)

    def _hides(self) -> list[str]:
        hidden = [one.id for one in self._uow.incidents.hidden_by(self._incident.id)]
        seen = self._sight.matters(hidden)
        return [id_ for id_ in hidden if id_ in seen]

    def _merged(self) -> Iterator[str]:
        """What was merged into it is one matter with it; but for a home's, which was, before that was refused."""
        incidents, seen = self._uow.incidents.among(self._task.merged), self._sight.matters(self._task.merged)
        for id_ in self._task.merged:
            home = id_ not in incidents or private(incidents[id_].hazard)
            if not home or id_ in seen:
                yield id_

    def _of_a_home(self, alert: Alert) -> bool:
        """Whether it is of a home's matter, merged into this one, that is not the viewer's to see."""
        home = private(alert.fingerprint.hazard) and not private(self._task.hazard)
        return home and not self._sight.outlook.homes

    def _photos(self, ids: tuple[str, ...], viewer: Member | None) -> Iterator[views.PhotoView]:
        for photo in self._uow.photos.of_incidents(ids):
            if photo.public or self._takes_part(viewer):
                by = self._depict.member(photo.by)
                yield views.PhotoView(photo.id, photo.stage, photo.at, by, photo.public, photo.erased_at)

    def _reports(self, ids: tuple[str, ...], viewer: Member | None) -> Iterator[views.ReportedView]:
        if not self._takes_part(viewer):
            return
        for report in self._uow.reports.of_incidents(ids):
            kept = self._uow.personal.of_subject(report.estate, report.subject)
            texts = {one.id: one.text for one in kept}
            words, contact = texts.get(f"{report.id}-words", ""), texts.get(f"{report.id}-contact", "")
            begins = f"{report.id}{MORE}"
            more = [
                views.SaidView(one.id, one.at, one.text, one.erased_at) for one in kept if one.id.startswith(begins)
            ]
            slip = self._hands_slip(report, viewer)
            yield views.ReportedView(report.id, report.at, report.way.value, words, contact, slip, more)

    def _hands_slip(self, report: Report, viewer: Member | None) -> bool:
        if viewer is None or report.way is not Way.DESK:
            return False
        return slip_refusal(report, self._uow.missives.about(report.id), viewer, self._depict.register) is None

    def _takes_part(self, viewer: Member | None) -> bool:
        return viewer is None or self._task.part_of(viewer.party_id) is not None

    def _may_read(self, note: Note, viewer: Member | None) -> bool:
        """A private note is for the parties of the task, those that declined or were only told among them."""
        return note.public or viewer is None or self._task.part_of(viewer.party_id) is not None

    def _mergeable(self, viewer: Member | None) -> Iterator[MergeableView]:
        others = [task for task in self._sight.open() if task.id != self._task.id]
        incidents = self._uow.incidents.among([task.incident_id for task in others])
        alerts = self._uow.alerts.of_incidents(list(incidents))
        anywhere = self._depict.whistles(viewer, self._incident)
        for task in others:
            incident = incidents[task.incident_id]
            takes_part = anywhere or (viewer is not None and task.part_of(viewer.party_id) is not None)
            pair = merging.Pair(self._incident, incident, self._depict.register)
            if takes_part and merging.merge_refusal(self._task, task, pair) is None:
                names = self._depict.hazard_names(incident)
                address = self._depict.incident_address(incident, alerts.get(incident.id, ()))
                yield MergeableView(task.id, incident.id, names, address)
