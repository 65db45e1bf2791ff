"""The words on screen for nodes: how they are, what they run, what they are told, and why they are shut out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cloud.entrypoints.web.language import N_

REVOCATIONS: Final[Mapping[str, str]] = {
    "stolen": N_("Its board was lost or stolen"),
    "key_exposed": N_("Its key may have been read by others"),
    "misbehaves": N_("It misbehaves"),
    "retired": N_("It is retired"),
    "replaced": N_("Its board was replaced"),
    "other": N_("Another reason"),
}
NODE_CLOCKS: Final[Mapping[str, str]] = {
    "synchronised": N_("synchronised"),
    "unsynchronised": N_("not synchronised"),
}
CONDITIONS: Final[Mapping[str, str]] = {
    "silent": N_("silent"),
    "losing": N_("losing data"),
    "offline": N_("offline"),
    "unobserved": N_("points not observed"),
    "filling": N_("storage nearly full"),
    "ailing": N_("power or card failing"),
    "adrift": N_("clock off"),
    "well": N_("all well"),
}
CONFIGURATIONS: Final[Mapping[str, str]] = {
    "unknown": N_("not known yet"),
    "installed": N_("its own, as installed"),
    "applied": N_("in force"),
    "sent": N_("sent, no answer yet"),
    "refused": N_("the new one was refused"),
    "failed": N_("the new one could not be applied"),
    "different": N_("differs from what was issued"),
}
OUTCOMES: Final[Mapping[str, str]] = {
    "applied": N_("applied"),
    "refused": N_("refused"),
    "failed": N_("could not be applied"),
}
ROLLOUT_PROGRESS: Final[Mapping[str, str]] = {
    "refused": N_("refused"),
    "failed": N_("could not be applied"),
    "superseded": N_("overtaken by a newer one"),
    "away": N_("offline, will be told when it is back"),
    "sent": N_("sent, no answer yet"),
    "applied": N_("applied"),
}
CARD_KEYS: Final[Mapping[str, str]] = {
    "has": N_("uses it"),
    "asked": N_("was sent it"),
    "issue": N_("is sent it now"),
    "pauses": N_("not applied yet, will be sent again"),
    "away": N_("offline, will get it when it is back"),
    "not_enrolled": N_("not enrolled, cannot be sent it"),
    "unknown_lists": N_("what its gates list is not known yet"),
    "would_close": N_("its gates list cards by an older key: list them anew"),
    "used_before": N_("used it before, a new key is needed"),
}
COMMANDS: Final[Mapping[str, str]] = {
    "identify": N_("Identify"),
    "test-alarm": N_("Test alarm (exercise)"),
    "reload": N_("Reload"),
    "report-configuration": N_("Report its configuration"),
    "rotate-credentials": N_("Rotate credentials"),
    "accept-card-key": N_("Accept a new card key"),
    "mute": N_("Mute the sounders"),
    "unmute": N_("Sound again"),
    "sound": N_("Sound the duty room"),
    "hush": N_("Stop sounding the duty room"),
}
ORDERS: Final[Mapping[str, str]] = {
    "waiting": N_("waiting for an answer"),
    "done": N_("done"),
    "failed": N_("failed"),
    "refused": N_("refused"),
    "unanswered": N_("no answer until it expired"),
}
