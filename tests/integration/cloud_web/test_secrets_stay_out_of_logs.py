"""Secrets are never in logs, whatever breaks: addresses of links carry them."""

from __future__ import annotations

import logging

import pytest

from cloud.application.tasks.follow_reports import FollowReports

SECRET = "k" * 43


@pytest.mark.parametrize("shown", ["/follow/{token}", "/follow/{token}/now"])
def test_where_a_page_of_a_link_breaks_its_route_is_logged_and_not_its_address(
    house, visitor, monkeypatch, caplog, shown
):
    assert house

    def breaks(*_args, **_named):
        raise RuntimeError("the row breaks the page")

    monkeypatch.setattr(FollowReports, "read", breaks)
    with caplog.at_level(logging.ERROR):
        answer = visitor.get(shown.replace("{token}", SECRET))
    assert answer.status_code == 500
    said = [record.getMessage() for record in caplog.records if record.name == "cloud.entrypoints.api.failures"]
    assert said == [f"request GET {shown} failed"]
    assert SECRET not in caplog.text
