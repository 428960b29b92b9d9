"""Colours: enough of them, and no two alike."""

from __future__ import annotations

import re

import numpy as np
import pytest

from calc.colors import distinct_colors, next_color, oklab

# In OKLab a difference of 0.02 is just seen side by side
FAR = 0.07


def test_84_products_are_told_apart():
    codes = distinct_colors(84)
    places = oklab(codes)
    gaps = np.linalg.norm(places[:, None] - places[None], axis=2)[np.triu_indices(84, 1)]
    assert gaps.min() > FAR
    assert len(set(codes)) == 84
    assert all(re.fullmatch("#[0-9A-F]{6}", code) for code in codes)


def test_a_longer_list_begins_with_a_shorter():
    assert distinct_colors(12)[:5] == distinct_colors(5)
    assert next_color(distinct_colors(11)) == distinct_colors(12)[-1]
    assert next_color([code.lower() for code in distinct_colors(11)]) == distinct_colors(12)[-1]


def test_a_new_colour_keeps_away_from_foreign_ones():
    taken = ["#FF0000", "#00FF00", "#0000FF"]
    assert np.linalg.norm(oklab(taken) - oklab([next_color(taken)]), axis=1).min() > FAR


def test_oklab_of_white_is_light_without_colour():
    assert np.allclose(oklab(["#FFFFFF", "#000000"]), [[1, 0, 0], [0, 0, 0]], atol=1e-6)


@pytest.mark.parametrize("code", ["red", "#12", "FF00000", "#GGGGGG"])
def test_refuses_what_is_no_hex_code(code):
    with pytest.raises(ValueError, match=r"#RRGGBB|hexadecimal"):
        next_color([code])
