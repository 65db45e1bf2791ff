"""`make fuzz TARGET=telemetry SECONDS=60`: a decoder is fed what finds new ways through its code, as Atheris sees them.

What was found stays in .fuzz/TARGET and is begun with the next time. Bytes that break it are kept there as crash-…; feed them
again with `make fuzz TARGET=telemetry ARGS=.fuzz/telemetry/crash-…`.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from importlib import import_module
from pathlib import Path

import atheris

from tests.fuzz.json_changes import changed
from tests.fuzz.names import NAMES
from tests.fuzz.target import Target

INSTRUMENTED = ["cloud", "edge", "schemas", "firmware_sim", "yaml", "icalendar", "pymodbus", "python_multipart", "PIL"]
_WORD = re.compile(rb"[A-Za-z][A-Za-z0-9_-]{1,40}")
_MOST_WORDS = 400


def main() -> None:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("target", choices=NAMES)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--into", type=Path, default=Path(".fuzz"), help="where what was found is kept")
    parser.add_argument("again", nargs="*", help="files to be fed once each, instead of looking for more")
    given = parser.parse_args()
    with atheris.instrument_imports(include=INSTRUMENTED):
        target: Target = import_module(f"tests.fuzz.{given.target}").TARGET
    folder = given.into / given.target
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    words = folder / "words"
    words.write_bytes(_dictionary(target))
    options = [
        f"-max_total_time={given.seconds}", f"-max_len={target.longest}", f"-artifact_prefix={folder}/", "-timeout=10",
        "-rss_limit_mb=2048", "-print_final_stats=1", "-verbosity=0",
        *([f"-dict={words}"] if words.stat().st_size else []),
    ]  # fmt: skip
    more = {"custom_mutator": _as_json} if target.structured else {}
    atheris.Setup([sys.argv[0], *options, *(given.again or [str(corpus)])], target.one, **more)
    atheris.Fuzz()


def _as_json(data: bytes, longest: int, seed: int) -> bytes:
    chance = random.Random(seed)
    made = changed(data, chance) if chance.randrange(8) else None
    return made[:longest] if made is not None else atheris.Mutate(data, longest)


def _dictionary(target: Target) -> bytes:
    words = sorted({word for seed in target.seeds for word in _WORD.findall(seed)})[:_MOST_WORDS]
    return b"".join(b'"%b"\n' % word for word in words)


if __name__ == "__main__":
    main()
