"""What everybody tries first: zxcvbn's list of passwords, the most frequent of published leaks."""

from __future__ import annotations

import runpy
from importlib.util import find_spec
from pathlib import Path

from cloud.domain.accounts.passwords import SHORTEST_WITH_SECOND


def common_passwords() -> frozenset[str]:
    """Those long enough to be asked about, in lower case. Read anew each time: a password is set once in a while, and the
    lists, imported, would stay as 13 MiB; their package's own estimate of strength is not asked, being a rule of composition.
    """
    package = find_spec("zxcvbn")
    assert package is not None, "zxcvbn is not installed; install tocsin[cloud]"
    assert package.submodule_search_locations is not None
    file = Path(package.submodule_search_locations[0]) / "frequency_lists.py"
    lists = runpy.run_path(str(file))["FREQUENCY_LISTS"]
    return frozenset(word for word in lists["passwords"] if len(word) >= SHORTEST_WITH_SECOND)
