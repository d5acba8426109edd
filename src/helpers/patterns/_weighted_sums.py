"""Sums over ordered pairs of points that weigh differently, by edge correction."""

from __future__ import annotations

import numpy as np

from ._pair_list import PairStream
from .second_order import isotropic_limit, translation_limit, up_to


def pair_stream(points, window, largest, corrections, exact_overlap) -> PairStream:
    """Pairs up to `largest` apart, with the weights that the corrections need."""
    return PairStream(
        points,
        window,
        float(largest),
        isotropic="isotropic" in corrections,
        translation="translation" in corrections,
        exact_overlap=exact_overlap,
    )


def weighted_sums(points, window, r, corrections, sources, targets, exact_overlap) -> dict:
    """Σ s_i t_j w_ij 1{d_ij <= r} by correction; for border the mean over eligible i of their sums."""
    places, place = np.unique(points, axis=0, return_inverse=True)
    place = place.ravel()
    # pairs of places carry those of events; a place's own pairs are 0 apart, with weight 1
    own_pairs = np.bincount(place, sources) * np.bincount(place, targets)
    own_pairs -= np.bincount(place, sources * targets)
    sources, targets = np.bincount(place, sources), np.bincount(place, targets)
    stream = pair_stream(places, window, r[-1], corrections, exact_overlap)
    beyond = np.searchsorted(r, stream.boundary, side="right")
    size = len(r) + 1
    found = {name: np.zeros(size) for name in corrections}
    for name in corrections:
        if name == "border":
            some = beyond > 0
            found[name][0] += own_pairs[some].sum()
            found[name] -= np.bincount(beyond[some], own_pairs[some], minlength=size)
        else:
            found[name][0] += own_pairs.sum()
    for pairs in stream:
        products = sources[pairs.i] * targets[pairs.j]
        k = np.searchsorted(r, pairs.d)
        for name in corrections:
            if name == "border":
                own = beyond[pairs.i]
                counts = np.flatnonzero(k < own)
                found[name] += np.bincount(k[counts], products[counts], minlength=size)
                found[name] -= np.bincount(own[counts], products[counts], minlength=size)
            else:
                weights = 1.0 if name == "none" else getattr(pairs, name)
                found[name] += np.bincount(k, products * weights, minlength=size)
    sums = {name: np.cumsum(each[:-1]) for name, each in found.items()}
    if "border" in sums:
        left = np.cumsum(np.bincount(beyond, sources, minlength=size))[: len(r)]
        eligible = sources.sum() - left
        some = eligible > 1e-12 * sources.sum()
        sums["border"] = np.divide(
            sums["border"], eligible, out=np.full(len(r), np.nan), where=some
        )
    if "translation" in sums:
        sums["translation"] = up_to(r, translation_limit(window), sums["translation"])
    if "isotropic" in sums:
        sums["isotropic"] = up_to(r, isotropic_limit(window), sums["isotropic"])
    return sums
