"""Who reported lately, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Sources:
    keys: dict = field(default_factory=dict)
    seen: list = field(default_factory=list)


class FakeReportSources:
    def __init__(self, kept):
        self._kept = kept

    def key(self, name):
        return self._kept.keys.get(name, (None,))[0]

    def make_key(self, name, now):
        self._kept.keys[name] = (name.encode().ljust(32, b"k"), now)
        return self._kept.keys[name][0]

    def drop_keys(self, prefix, before):
        old = [name for name, (_, at) in self._kept.keys.items() if name.startswith(prefix) and at < before]
        for name in old:
            del self._kept.keys[name]

    def forget(self, before):
        self._kept.seen[:] = [(source, at) for source, at in self._kept.seen if at > before]

    def count(self, source=None):
        return sum(source in (None, one) for one, _ in self._kept.seen)

    def add(self, source, at):
        self._kept.seen.append((source, at))
