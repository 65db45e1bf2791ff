"""Somebody without an account who went wrong sees whom to call and the way back to the label, not a button to the board."""

from __future__ import annotations

import pytest

from tests.integration.cloud_web.test_labels import codes


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_at_a_label_the_way_back_and_every_number_stand_on_the_page(house, visitor, lang):
    code = codes(house)["b3/lift-2"]
    for answer in (
        visitor.get(f"/at/{code}/nonsense", params={"lang": lang}),
        visitor.post(f"/at/{code}", params={"lang": lang}, data={"same_as": "gone"}),
    ):
        assert 400 <= answer.status_code < 500
        assert f'class="button" href="/at/{code}"' in answer.text
        assert 'href="tel:119"' in answer.text
        assert 'href="tel:120"' in answer.text
        assert 'class="button" href="/"' not in answer.text


def test_on_a_page_to_follow_that_is_not_there_the_numbers_stand(visitor):
    answer = visitor.get("/follow/nothing", params={"lang": "en"})
    assert answer.status_code == 404
    assert 'href="tel:119"' in answer.text
    assert 'class="button" href="/"' not in answer.text


def test_who_may_have_a_board_is_still_led_to_the_start(visitor):
    assert 'class="button" href="/"' in visitor.get("/nothing-here").text
