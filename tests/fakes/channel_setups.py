"""Channels that were set up, in memory."""

from __future__ import annotations

import json


class FakeChannelSetups:
    def __init__(self, kept):
        self._kept = kept

    def all(self):
        return [self._kept[kind] for kind in sorted(self._kept)]

    def get(self, kind):
        return self._kept.get(kind)

    def save(self, setup):
        self._kept[setup.kind] = setup

    def remove(self, kind):
        self._kept.pop(kind, None)


class OpenChannelSeal:
    """Seals nothing, so that the same comes of the same."""

    def sealed(self, secrets, kind):
        return json.dumps([kind, dict(secrets)], sort_keys=True)

    def opened(self, sealed, kind):
        of, secrets = json.loads(sealed)
        return secrets if of == kind else None
