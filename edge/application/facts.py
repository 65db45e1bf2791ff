"""What was found and done, as the facts a node reports."""

from __future__ import annotations

from edge.domain.reflexes import ReflexChanged
from edge.domain.signals import AccessDecision, CodeReported
from schemas.events import AccessDecided, EquipmentReported, Event, ReflexActed

_CAUSE_LENGTH = 192


def fact(equipment: str, finding: AccessDecision | CodeReported, mono: float, t: float | None) -> Event:
    """An interpreter's finding that is no point."""
    if isinstance(finding, CodeReported):
        return EquipmentReported(
            kind=finding.kind, equipment=equipment, code=finding.code, meaning=finding.meaning, t=t, mono=mono
        )
    return AccessDecided(
        kind=finding.kind,
        equipment=equipment,
        credential=finding.credential,
        credential_key=finding.key,
        reason=finding.reason,
        t=t,
        mono=mono,
    )


def acted(action: ReflexChanged, mono: float, t: float | None) -> ReflexActed:
    """A reflex fired or was released."""
    return ReflexActed(
        kind=action.kind,
        reflex=action.reflex,
        outputs=list(action.outputs),
        cause=action.cause[:_CAUSE_LENGTH],
        t=t,
        mono=mono,
    )
