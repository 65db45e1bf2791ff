"""Every example of RFC 8428 resolves to its published form."""

import base64
import json
import os
from pathlib import Path

import pytest

from schemas import senml

DATA = Path(os.environ.get("TOCSIN_TEST_DATA", Path(__file__).parents[3].parent / "shared" / "data")) / "senml"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(),
    reason="the examples of RFC 8428 are not here: set TOCSIN_TEST_DATA to the folder that holds senml/",
)

PUBLISHED = [f"ex{number}" for number in range(1, 13)]


def read(name):
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def as_json(record):
    """A resolved record as the published files write it."""
    label, value = {
        bool: lambda value: ("vb", value),
        str: lambda value: ("vs", value),
        bytes: lambda value: ("vd", base64.urlsafe_b64encode(value).decode().rstrip("=")),
        float: lambda value: ("v", value),
    }[type(record.value)](record.value)
    optional = {"u": record.unit, "s": record.sum, "ut": record.update_time}
    return (
        {"n": record.name, "t": record.time, label: value}
        | {key: given for key, given in optional.items() if given is not None}
        | record.extensions
    )


def resolved(name, *, now, **options):
    return [as_json(record) for record in senml.resolve(read(f"{name}.gen.json"), now=now, **options)]


@pytest.mark.parametrize("name", [name for name in PUBLISHED if name != "ex7"])
def test_resolves_to_its_published_form(name):
    published = read(f"{name}.gen.resolved.json")
    # An example without a time was resolved "now", and each at a now of its own: it stands in its published form.
    now = published[0]["t"]
    # Example 8 carries a link ('l'), a label of an earlier draft which the published form hands on.
    assert resolved(name, now=now, understood=frozenset({"l"})) == published


def test_example_7_is_published_without_its_data_value():
    published = read("ex7.gen.resolved.json")
    ours = resolved("ex7", now=published[0]["t"])
    assert ours[-1]["vd"] == "aGkgCg"
    assert [record for record in ours if "vd" not in record] == published


def test_example_3_keeps_no_base_version():
    assert "bver" in read("ex3.gen.json")[0]
    assert not any("bver" in record for record in resolved("ex3", now=0.0))


def test_example_13_has_no_published_form():
    assert not (DATA / "ex13.gen.resolved.json").exists()
    records = senml.resolve(read("ex13.gen.json"), now=1.0)
    assert [(record.name, record.time, record.value) for record in records] == [
        ("2001:db8::3", 1320078429.0, 0.5),
        ("2001:db8::4", 1320078429.0, 0.5),
        ("2001:db8::3", 1320078429.1, 0.0),
        ("2001:db8::4", 1320078429.1, 0.0),
    ]
    assert {record.unit for record in records} == {"/"}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_form_resolves_to_itself(name):
    published = read(f"{name}.gen.resolved.json")
    again = senml.resolve(published, now=0.0, understood=frozenset({"l"}))
    assert [as_json(record) for record in again] == published
