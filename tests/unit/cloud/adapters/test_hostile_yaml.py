"""Text that is meant to harm: each reader of YAML refuses it in a sentence, at once, and nothing else comes of it."""

from __future__ import annotations

import time

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from cloud.adapters.estate_file.files import Files
from cloud.adapters.estate_file.loading import MOST_DEEP, MOST_NODES, load
from cloud.adapters.estate_file.node_text import YamlDocument
from cloud.adapters.estate_file.sheet import YamlSheet
from cloud.application.estates.import_estate import GivenFile
from cloud.domain.community.faults import MOST_TOLD
from cloud.errors import Invalid

LONG = 50_000


def unfolding(levels: int, fan: int) -> str:
    """Each list is the one before it, several times over."""
    lines = ["x0: &x0 [lol, lol, lol]"]
    lines += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * fan)}]" for n in range(1, levels)]
    return "\n".join([*lines, f"duties: [{{id: a, lead: *x{levels - 1}}}]", ""])


HARMFUL = {
    "never closed": "a: " + "[" * LONG,
    "deep in brackets": "a: " + "[" * LONG + "]" * LONG,
    "deep in braces": "{a: " * LONG + "1" + "}" * LONG,
    "deep in lines": "\n".join(f"{' ' * n}a:" for n in range(200)),
    "a billion laughs": unfolding(9, 7),
    "two by two": unfolding(30, 2),
    "itself": "a: &x [*x]\n",
    "itself among places": "places: &x [*x]\n",
    "sixties to the end": "a: " + "1:" * LONG + "1\n",
    "sixties that overflow": "a: " + "1:" * 400 + "1.5\n",
    "a long number": "a: " + "9" * LONG + "\n",
    "no number": "a: !!int foo\n",
    "an empty number": 'a: !!int ""\n',
    "no truth": "a: !!bool foo\n",
    "no time": "a: !!timestamp foo\n",
    "no day": "a: 2026-13-45\n",
    "no zone": "a: 2001-01-01T00:00:00+99:99\n",
    "a list for a key": "? [a]\n: b\n",
    "a mapping for a key": "? {a: b}\n: c\n",
    "a long tag": "a: !" + "x" * LONG + "\n",
    "a key twice": "a: 1\nb:\n  - {c: 1, d: 2}\na: 2\n",
    "a key twice within": "places:\n  - {id: b1, id: b2}\n",
    "a program": "a: !!python/object/apply:os.system [id]\n",
    "no character": 'a: "\\ud800"\x00\n',
}
READERS = {
    "a node's document": lambda text: YamlDocument().read(text),
    "a file of an estate": lambda text: Files().read([GivenFile("estate.yaml", text.encode())], "example"),
    "a matrix": lambda text: YamlSheet().read(text),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("harm", HARMFUL)
def test_it_is_refused_at_once_with_a_sentence(reader, harm):
    began = time.process_time()
    with pytest.raises(Invalid) as refused:
        READERS[reader](HARMFUL[harm])
    assert time.process_time() - began < 5, "a minute, before there was a bound"
    assert len(str(refused.value)) < 2000
    assert all(len(problem) < 2000 for problem in refused.value.problems)


@pytest.mark.parametrize("harm", ["never closed", "a billion laughs", "no day", "a list for a key"])
def test_it_names_the_line(harm):
    with pytest.raises(Invalid, match=r"line \d+"):
        YamlDocument().read(HARMFUL[harm])


def test_more_than_anybody_writes_is_not_read_to_its_end():
    text = "a: [" + "1," * (MOST_NODES + 10) + "]\n"
    with pytest.raises(Invalid, match=f"more than {MOST_NODES} values; divide it"):
        Files().read([GivenFile("estate.yaml", text.encode())], "example")


def test_of_a_key_that_stands_twice_both_lines_are_named():
    with pytest.raises(Invalid, match=r"line 4.*'members' stands in line 1 already"):
        Files().read([GivenFile("more.yaml", b"members:\n  - {id: a}\nnodes: []\nmembers: []\n")], "example")


def test_as_much_is_said_of_a_wrong_file_as_somebody_reads():
    files = {"a.yaml": "places:\n" + "- a\n" * 5000, "places.csv": ",".join(f"c{n}" for n in range(5000)) + "\n"}
    for name, text in files.items():
        with pytest.raises(Invalid) as refused:
            Files().read([GivenFile(name, text.encode())], "example")
        assert len(refused.value.problems) == MOST_TOLD + 1
        assert "more; correct these first" in refused.value.problems[-1]
        assert refused.value.problems[-1].zh.startswith("另有")


def test_what_people_write_is_read_as_it_was():
    text = (
        "base: &base {accept: 3 min, days: [1, 2]}\nnight: *base\nday: {<<: *base, days: [6]}\nat: 20:00\nlot: 1.5e3\n"
    )
    assert load(text) == yaml.safe_load(text)
    nested = "[" * (MOST_DEEP - 1) + "1" + "]" * (MOST_DEEP - 1)
    assert load(nested) == yaml.safe_load(nested)


@given(st.text("[]{}:,&*!?|>-#'\"\n ax1.~<%@\\", max_size=60))
@example("a: !!omap [1]")
@example("!!set {a, b}")
def test_whatever_it_is_it_is_read_or_refused(text):
    for read in READERS.values():
        try:
            read(text)
        except Invalid:
            continue
