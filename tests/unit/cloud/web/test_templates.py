from __future__ import annotations

import re
from importlib.resources import files

import pytest

ROOM = files("cloud.entrypoints.web")
TEMPLATES = sorted(entry.name for entry in (ROOM / "templates").iterdir() if entry.name.endswith(".html"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_nothing_stands_inline_that_the_content_policy_forbids(name):
    source = (ROOM / "templates" / name).read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=[\"\']|javascript:", source)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", source))


@pytest.mark.parametrize("name", TEMPLATES)
def test_nothing_is_marked_safe_in_a_template(name):
    source = (ROOM / "templates" / name).read_text(encoding="utf-8")
    assert "|safe" not in source.replace(" ", "")
    assert "autoescape" not in source


def test_scripts_never_write_markup():
    for entry in (ROOM / "static").iterdir():
        if entry.name.endswith(".js"):
            source = entry.read_text(encoding="utf-8")
            assert not re.search(
                r"innerHTML\s*[+]?=[^=]|insertAdjacentHTML|outerHTML\s*=[^=]|document\.write|eval\(", source
            )
