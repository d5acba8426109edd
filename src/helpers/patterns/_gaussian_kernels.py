"""Compiled sums of Gaussian kernels over points, several kernels at a time."""

import math

import numpy as np

from helpers.compiled import compiled

from ._kernels import first_at_least

_CHUNK = 512
"""Points whose kernels are worked out together."""

_LOST = 1e-290
"""Sums below are of kernels so small that they are added one by one, as the system's exp has them."""

_LOG2_E = 1.4426950408889634
# log 2 in two parts; multiples of the first up to 2,048 are exact
_LOG_2, _LOG_2_REST = 0.6931471803691238, 1.9082149292705877e-10
_TERMS = tuple(1.0 / math.factorial(k) for k in range(13))


@compiled(nogil=True)
def gaussian_sums(locations, points, weights, own, sigma, reach):
    """Sum over the points of weight times normal density at each location.

    `points` are sorted by their first coordinate; pairs further apart than `reach` standard
    deviations along x are skipped, with reach = 39 nothing but zeros (exp underflows).
    Point own[i] is left out of the sum at location i (−1: none). Left out, not subtracted:
    what the others add may be far below the rounding error of the point's own term.
    """
    sums = np.zeros(len(locations))
    scale = 1.0 / (2.0 * math.pi * sigma * sigma)
    half = -0.5 / (sigma * sigma)
    x, y = points[:, 0].copy(), points[:, 1].copy()
    values, bits = np.empty(_CHUNK), np.empty(_CHUNK, np.int64)
    powers = bits.view(np.float64)
    limit = reach * sigma
    for i in range(len(locations)):
        u = locations[i, 0]
        v = locations[i, 1]
        first = first_at_least(x, u - limit)
        stop = first_at_least(x, u + limit)
        middle = own[i] if first <= own[i] < stop else stop
        total = 0.0
        for start in range(first, middle, _CHUNK):
            end = min(start + _CHUNK, middle)
            _bells(u, v, x[start:end], y[start:end], weights[start:end], half, values, bits)
            total += _product(values, powers, end - start)
        for start in range(middle + 1, stop, _CHUNK):
            end = min(start + _CHUNK, stop)
            _bells(u, v, x[start:end], y[start:end], weights[start:end], half, values, bits)
            total += _product(values, powers, end - start)
        if total < _LOST:
            total = 0.0
            for j in range(first, stop):
                dx = x[j] - u
                dy = y[j] - v
                if j != own[i] and abs(dy) <= limit:
                    total += weights[j] * math.exp(half * (dx * dx + dy * dy))
        sums[i] = total * scale
    return sums


@compiled(nogil=True)
def _bells(u, v, xs, ys, weights, half, values, bits):
    """Weight times exp(half · squared distance) as values times powers of two, which are given as bits.

    exp(t) = 2^k e^r with the whole k nearest to t / log 2, so that |r| < 0.35.
    """
    for n in range(len(xs)):
        dx = xs[n] - u
        dy = ys[n] - v
        t = max(half * (dx * dx + dy * dy), -745.0)
        k = math.floor(t * _LOG2_E + 0.5)
        r = (t - k * _LOG_2) - k * _LOG_2_REST
        e = _TERMS[12]
        e = e * r + _TERMS[11]
        e = e * r + _TERMS[10]
        e = e * r + _TERMS[9]
        e = e * r + _TERMS[8]
        e = e * r + _TERMS[7]
        e = e * r + _TERMS[6]
        e = e * r + _TERMS[5]
        e = e * r + _TERMS[4]
        e = e * r + _TERMS[3]
        e = e * r + _TERMS[2]
        e = e * r + _TERMS[1]
        e = e * r + _TERMS[0]
        values[n] = weights[n] * e
        # below the least normal number nothing is left: such sums are taken one by one
        bits[n] = max(np.int64(np.int32(k)) + 1023, 0) << 52


@compiled(nogil=True, fastmath={"reassoc", "contract"})
def _product(values, powers, size):
    total = 0.0
    for n in range(size):
        total += values[n] * powers[n]
    return total
