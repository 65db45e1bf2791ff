"""The credit table stands in the estate's file; without one the default holds."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from cloud.adapters.estate_file import credit_table_of, default_credit_table, read_estate
from cloud.domain.credit.table import ActKind
from cloud.errors import Invalid

EXAMPLE = Path("deploy/example_estate/estate.yaml")
CREDIT = """
credit:
  daily_cap: 12
  acts:
    - act: patrol
      zh: 巡查
      en: A patrol
      daily_cap: {cap}
      steps: [{{step: {step}, points: 6, zh: 完成, en: done}}]
"""


def written(tmp_path: Path, **words: object) -> Path:
    path = tmp_path / "estate.yaml"
    text = EXAMPLE.read_text(encoding="utf-8") + CREDIT.format(**{"cap": 12, "step": "done", **words})
    path.write_text(text, encoding="utf-8")
    return path


def test_an_estate_publishes_its_own_table(tmp_path):
    table = credit_table_of(written(tmp_path))
    assert (table.daily_cap, [row.act for row in table.rows]) == (12, [ActKind.PATROL])
    assert table.row(ActKind.PATROL).points == 6
    assert read_estate(written(tmp_path)) == read_estate(EXAMPLE), "what an act is worth is no part of the register"


def test_without_one_the_default_holds():
    assert credit_table_of(EXAMPLE) is None
    assert {row.act for row in default_credit_table().rows} == set(ActKind)


@pytest.mark.parametrize(
    ("words", "said"),
    [({"cap": 5}, "less than one act's 6 points"), ({"step": "half"}, "its steps are done, not half")],
)
def test_what_does_not_hold_together_is_named(tmp_path, words, said):
    with pytest.raises(Invalid, match=said):
        credit_table_of(written(tmp_path, **words))


def test_an_unknown_key_is_named_with_its_line(tmp_path):
    path = written(tmp_path)
    path.write_text(
        path.read_text(encoding="utf-8").replace("daily_cap: 12\n  acts", "cap: 12\n  acts"), encoding="utf-8"
    )
    assert "cap" in yaml.safe_load(path.read_text(encoding="utf-8"))["credit"]
    with pytest.raises(Invalid, match=r"line \d+: credit"):
        credit_table_of(path)
