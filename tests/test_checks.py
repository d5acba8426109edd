"""What is asked for plainly is passed; everything like it is refused with its mend."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from helpers.checks import listed, one_of, per_cent, positive, site_list, whole_number


@pytest.mark.parametrize(
    ("share", "decimals", "said"),
    [
        (0.9962, 0, "99.6"), (0.9949, 0, "99"), (0.995, 0, "99.5"), (0.99996, 1, "99.996"),
        (0.999999, 0, "99.99"), (-0.999, 0, "−99.9"), (1, 0, "100"), (1 - 1e-13, 1, "100.0"),
        (1.004, 0, "100"), (12.5, 0, "1,250"), (0.0, 0, "0"),
    ],
)  # fmt: skip
def test_only_the_whole_is_a_hundred_per_cent(share, decimals, said):
    assert per_cent(share, decimals) == f"{said}\xa0%"


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3)])
def test_a_whole_number_is_passed(value):
    found = whole_number(value, "patrols", most=3)
    assert found == 3 and type(found) is int


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (True, "patrols is a whole number of at least 1, not True"),
        (np.True_, "patrols is a whole number of at least 1, not np.True_"),
        (3.0, "patrols is a whole number of at least 1, not 3.0: write 3"),
        (np.float64(3.0), "patrols is a whole number of at least 1, not 3.0: write 3"),
        (3.5, "patrols is a whole number of at least 1, not 3.5"),
        ("3", "patrols is a whole number of at least 1, not '3': write it without quotes"),
        ("many", "patrols is a whole number of at least 1, not 'many'"),
        (None, "patrols is a whole number of at least 1, not None"),
        (float("nan"), "patrols is a whole number of at least 1, not nan"),
        ([3], "patrols is a whole number of at least 1, not [3]"),
        (np.array([3]), "patrols is a whole number of at least 1, not array([3])"),
        (0, "patrols is a whole number of at least 1, not 0"),
    ],
)
def test_what_is_no_whole_number_is_refused(value, sentence):
    with pytest.raises(ValueError) as told:
        whole_number(value, "patrols")
    assert str(told.value) == sentence


@pytest.mark.parametrize(
    ("least", "most", "value", "sentence"),
    [
        (None, None, "x", "seed is a whole number, not 'x'"),
        (0, None, -1, "seed is a whole number of at least 0, not -1"),
        (None, 9, 10, "seed is a whole number of at most 9, not 10"),
        (0, 9, 10, "seed is a whole number from 0 to 9, not 10"),
    ],
)
def test_limits_are_told(least, most, value, sentence):
    with pytest.raises(ValueError) as told:
        whole_number(value, "seed", least, most)
    assert str(told.value) == sentence


def test_a_choice_is_told_with_the_near_word_and_the_class_asked_for():
    class Refusal(ValueError):
        pass

    with pytest.raises(Refusal) as told:
        one_of("Heuristc", "method", {"exact": 1, "heuristic": 2}, error=Refusal)
    assert str(told.value) == (
        "method is one of exact, heuristic, not 'Heuristc'; did you mean 'heuristic'?"
    )
    for value in (None, 1, ["exact"]):
        with pytest.raises(ValueError, match="method is one of exact, heuristic, not"):
            one_of(value, "method", ("exact", "heuristic"))


@pytest.mark.parametrize("value", [0, -1.0, np.nan, np.inf, True, None, [1.0], np.array(1.0)])
def test_what_is_not_positive_is_refused(value):
    with pytest.raises(ValueError, match=r"^band is a positive number of metres, not "):
        positive(value, "band", "metres")
    assert positive(np.float32(0.5), "band", "metres") == 0.5


@pytest.mark.parametrize("values", [[2, 0], (2, 0), np.array([2, 0]), pd.Series([2, 0])])
def test_site_numbers_keep_their_order(values):
    found = site_list(values, "fixed posts", 4)
    assert found.tolist() == [2, 0] and found.dtype.kind == "i"
    assert site_list(values[:0], "fixed posts", 4).tolist() == []


@pytest.mark.parametrize(
    ("values", "mend"),
    [
        ([True, False, True, False], "np.flatnonzero(mask)"),
        (np.array([True, False, True, False]), "np.flatnonzero(mask)"),
        ([2, True], "not True"),
        (np.array([2.0, 0.0]), "not 2.0: write 2"),
        (["2"], "not '2': write it without quotes"),
        ("20", "are a list of site numbers from 0 to 3, not '20'"),
        (2, "are a list of site numbers from 0 to 3, not 2"),
        (np.array([[2], [0]]), "are a list of site numbers from 0 to 3, not array"),
        ([4], "from 0 to 3, and 4 is none"),
        ([-1], "from 0 to 3, and -1 is none"),
        ([2, 0, 2], "name site 2 more than once"),
    ],
)
def test_what_is_no_list_of_sites_is_refused(values, mend):
    with pytest.raises(ValueError, match=r"^fixed posts ") as told:
        site_list(values, "fixed posts", 4)
    assert mend in str(told.value)


def test_a_long_value_does_not_drown_the_sentence():
    with pytest.raises(ValueError) as told:
        whole_number(list(range(1000)), "patrols")
    assert len(str(told.value)) < 120
    assert listed(range(7)) == "0, 1, 2, 3, 4 and 2 more"


def test_the_command_line_may_import_them_without_numpy():
    code = "import sys, helpers.checks; print('numpy' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"


def test_a_site_may_be_named_twice_where_that_is_said():
    assert site_list([2, 0, 2], "fixed posts", 4, distinct=False).tolist() == [2, 0, 2]
