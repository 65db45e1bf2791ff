"""A file in another encoding, or another file altogether: an operator is told which one, and what to do."""

from __future__ import annotations

import codecs

import pytest

from cloud.adapters.estate_file.reading import read_estate
from cloud.connection_settings import secret_in
from cloud.errors import Invalid
from cloud.settings import load_settings
from deploy.example import ESTATE_FILE

IN_GBK = "estate: 示例小区\n".encode("gbk")


def test_an_estate_in_another_encoding_is_refused_with_what_to_do(tmp_path):
    file = tmp_path / "estate.yaml"
    file.write_bytes(IN_GBK)
    with pytest.raises(Invalid, match=r"estate.yaml.*\n.*save it in UTF-8"):
        read_estate(file)


def test_a_secret_that_is_no_text_is_refused_and_not_quoted(tmp_path):
    file = tmp_path / "password"
    file.write_bytes(b"hush\xff")
    with pytest.raises(Invalid, match="is no text in UTF-8") as refused:
        secret_in(None, file, "broker.password_file", "password")
    assert "hush" not in str(refused.value)


def test_what_an_editor_on_windows_puts_before_a_text_is_passed_over(tmp_path):
    settings, estate = tmp_path / "cloud.toml", tmp_path / "estate.yaml"
    settings.write_bytes(codecs.BOM_UTF8 + b"[web]\nport = 8123\n")
    assert load_settings(settings).web.port == 8123
    estate.write_bytes(codecs.BOM_UTF8 + ESTATE_FILE.read_bytes())
    assert read_estate(estate) == read_estate(ESTATE_FILE)
