"""Compiled loops of the map symbols: correlations, peaks, and drawing one symbol over another.

Sums are of whole numbers that their type holds exactly, so that no order of adding changes them.
"""

import math

import numpy as np

from helpers.compiled import compiled

# pixels of a row that are worked on together
STRETCH = 256
# multiples of which processors work on together
STEP = 32
# pixels of a model whose products are added at once
TAPS = 4
# without a sign, so that no index is looked at for counting from the end
ONE, TWO, THREE = np.uint64(1), np.uint64(2), np.uint64(3)
# sums of whole numbers may be taken in any order, products added without rounding in between
EXACT = {"reassoc", "contract"}
MIDDLE = 128
"""Grey level that is taken off before products are summed, so that they stay small."""


def runs_of(mask: np.ndarray) -> np.ndarray:
    """Unbroken stretches of the pixels of a mask: rows ``row, start, stop``, shape (k, 3)."""
    edges = np.diff(np.pad(mask.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    rows, starts = np.nonzero(edges == 1)
    return np.column_stack([rows, starts, np.nonzero(edges == -1)[1]])


@compiled(nogil=True)
def masked_correlation(image, model, runs, flat):
    """Normalised correlation of grey levels at every place, 0 where `flat` says so.

    Exact for up to 1,024 pixels: single precision holds every whole number below 2 ** 24.
    """
    height, width = model.shape
    rows, columns = image.shape[0] - height + 1, image.shape[1] - width + 1
    response = np.zeros((rows, columns), np.float32)
    levels = np.empty((height, image.shape[1]), np.float32)
    # of a model without holes the rows are summed before the columns
    whole = len(runs) == height and runs[:, 2].min() - runs[:, 1].max() == width
    lines = runs[:1] if whole else runs
    down = np.zeros((2, image.shape[1]), np.int64)
    firsts = np.zeros((1 if whole else height, image.shape[1] + 1), np.int64)
    squares = np.zeros((1 if whole else height, image.shape[1] + 1), np.int64)
    pixels, of_model, of_squares = 0, 0, 0
    values = np.empty((height, width), np.float32)
    for k in range(len(runs)):
        for x in range(runs[k, 1], runs[k, 2]):
            value = np.int64(model[runs[k, 0], x]) - MIDDLE
            values[runs[k, 0], x] = value
            pixels += 1
            of_model += value
            of_squares += value * value
    spread = pixels * of_squares - of_model * of_model
    both = np.empty(STRETCH, np.float32)
    seen, of_seen = np.empty(STRETCH, np.int64), np.empty(STRETCH, np.int64)
    for row in range(image.shape[0]):
        # the last rows of the image, one after the other in the same places
        mine = row % height
        first, square = 0, 0
        kept = 0 if whole else mine
        for x in range(image.shape[1]):
            value = np.int64(image[row, x]) - MIDDLE
            levels[mine, x] = value
            if whole:
                before = np.int64(image[row - height, x]) - MIDDLE if row >= height else 0
                down[0, x] += value - before
                down[1, x] += value * value - before * before
            else:
                down[0, x], down[1, x] = value, value * value
            first += down[0, x]
            square += down[1, x]
            firsts[kept, x + 1] = first
            squares[kept, x + 1] = square
        top = row - height + 1
        if top < 0:
            continue
        for left in range(0, columns, STRETCH):
            # the part of the stretch from the first place that is not flat to the last
            start, stop = left, min(left + STRETCH, columns)
            while start < stop and flat[top, start]:
                start += 1
            while stop > start and flat[top, stop - 1]:
                stop -= 1
            if start == stop:
                continue
            size = stop - start
            both[:size], seen[:size], of_seen[:size] = 0, 0, 0
            for k in range(len(runs)):
                at = (top + runs[k, 0]) % height
                _add_products(both, levels[at], values[runs[k, 0]], runs[k], start, size)
            for k in range(len(lines)):
                at = (top + runs[k, 0]) % len(firsts)
                _add_between(seen, firsts[at], runs[k], start, size)
                _add_between(of_seen, squares[at], runs[k], start, size)
            known = response[top, start:stop], flat[top, start:stop]
            _ratios(*known, both, seen, of_seen, pixels, of_model, spread)
    return response


@compiled(nogil=True, error_model="numpy")
def _ratios(ratios, flat, both, seen, of_seen, pixels, of_model, spread):
    """Correlations from the sums of a stretch, 0 where nothing differs."""
    for c in range(len(ratios)):
        theirs = pixels * of_seen[c] - seen[c] * seen[c]
        some = (theirs > 0) & (spread > 0) & (not flat[c])
        shared = pixels * np.int64(both[c]) - seen[c] * of_model
        product = float(theirs) * float(spread) if some else 1.0
        ratios[c] = shared / math.sqrt(product) if some else 0.0


@compiled(nogil=True, fastmath=EXACT)
def _add_between(sums, line, run, left, size):
    """Add to each place's sum what lies under a run, from sums up to each pixel."""
    start, stop = line[left + run[1] :], line[left + run[2] :]
    for k in range(size):
        sums[k] += stop[k] - start[k]


@compiled(nogil=True, fastmath=EXACT)
def _add_products(sums, line, values, run, left, size):
    """Add to each place's sum the products of a run of the model with what lies under it."""
    x, stop = run[1], run[2]
    while x + 4 <= stop:
        a, b, c, d = values[x], values[x + 1], values[x + 2], values[x + 3]
        part = line[left + x : left + x + size + 3]
        for k in range(size):
            sums[k] += a * part[k] + b * part[k + 1] + c * part[k + 2] + d * part[k + 3]
        x += 4
    while x < stop:
        a = values[x]
        part = line[left + x : left + x + size]
        for k in range(size):
            sums[k] += a * part[k]
        x += 1


@compiled(nogil=True)
def largest_within(response, threshold, radius):
    """Row and column of what reaches the threshold and nothing within `radius` exceeds."""
    found = []
    rows, columns = response.shape
    for row in range(rows):
        for column in range(columns):
            value = response[row, column]
            if not value >= threshold:
                continue
            stays = True
            for y in range(max(0, row - radius), min(rows, row + radius + 1)):
                for x in range(max(0, column - radius), min(columns, column + radius + 1)):
                    if response[y, x] > value:
                        stays = False
                        break
                if not stays:
                    break
            if stays:
                found.append((row, column))
    places = np.empty((len(found), 2), np.int64)
    for k in range(len(found)):
        places[k, 0], places[k, 1] = found[k]
    return places


@compiled(nogil=True)
def compared(colours, shown, rows, columns, model, runs, least_spread):
    """Correlation over what shows, share that shows and contrast, at each upper left corner."""
    result = np.zeros((3, len(rows)))
    values = model.astype(np.int64) - MIDDLE
    pixels = 0
    for k in range(len(runs)):
        pixels += runs[k, 2] - runs[k, 1]
    for n in range(len(rows)):
        count, both, ours, theirs = 0, 0, 0, 0
        s0, s1, s2, m0, m1, m2 = 0, 0, 0, 0, 0, 0
        for k in range(len(runs)):
            y = runs[k, 0]
            line, open_line = colours[rows[n] + y], shown[rows[n] + y]
            for x in range(runs[k, 1], runs[k, 2]):
                if not open_line[columns[n] + x]:
                    continue
                count += 1
                a0 = np.int64(line[columns[n] + x, 0]) - MIDDLE
                a1 = np.int64(line[columns[n] + x, 1]) - MIDDLE
                a2 = np.int64(line[columns[n] + x, 2]) - MIDDLE
                t0, t1, t2 = values[y, x, 0], values[y, x, 1], values[y, x, 2]
                s0 += a0
                s1 += a1
                s2 += a2
                m0 += t0
                m1 += t1
                m2 += t2
                both += a0 * t0 + a1 * t1 + a2 * t2
                ours += t0 * t0 + t1 * t1 + t2 * t2
                theirs += a0 * a0 + a1 * a1 + a2 * a2
        if count == 0:
            continue
        result[1, n] = count / pixels
        shared = both - (s0 * m0 + s1 * m1 + s2 * m2) / count
        own = ours - (m0 * m0 + m1 * m1 + m2 * m2) / count
        other = theirs - (s0 * s0 + s1 * s1 + s2 * s2) / count
        if min(own, other) > least_spread * count:
            result[0, n] = shared / math.sqrt(own * other)
            result[2, n] = shared / own
    return result


@compiled(nogil=True)
def likely_pixels(colours, shown, likely, rows, columns, tall, wide, enough):
    """Whether so many open pixels of likely colours lie in each part of an image."""
    some = np.zeros(len(rows), np.bool_)
    for n in range(len(rows)):
        count = 0
        for y in range(rows[n], rows[n] + tall):
            for x in range(columns[n], columns[n] + wide):
                if shown[y, x]:
                    red, green, blue = colours[y, x, 0], colours[y, x, 1], colours[y, x, 2]
                    number = ((red >> 4) * 16 + (green >> 4)) * 16 + (blue >> 4)
                    if likely[number]:
                        count += 1
            if count >= enough:
                some[n] = True
                break
    return some


@compiled(nogil=True)
def correlation_over_shown(levels, shown, model, runs, enough, least_spread):
    """Normalised correlation over the pixels that show, −1 where too few do or nothing differs.

    Exact for up to 1,024 pixels, as `masked_correlation`.
    """
    height, width = model.shape
    rows, columns = levels.shape[0] - height + 1, levels.shape[1] - width + 1
    response = np.full((rows, columns), np.float32(-1))
    # room behind, for whole stretches
    seen = np.zeros((2, levels.shape[0], levels.shape[1] + 2 * STEP), np.float32)
    running = np.zeros((3, levels.shape[0], levels.shape[1] + 2 * STEP))
    values = _model_values(model, runs)
    under, sums = np.empty((3, STEP)), np.empty((3, STEP), np.float32)
    _over_shown(
        levels, shown, values, runs, enough, least_spread, seen, running, under, sums, response
    )
    return response


@compiled(nogil=True)
def _model_values(model, runs):
    """Levels of a model less the middle, and their squares; nothing outside of the mask, and room."""
    values = np.zeros((2, model.shape[0], model.shape[1] + TAPS), np.float32)
    for k in range(len(runs)):
        for x in range(runs[k, 1], runs[k, 2]):
            value = np.float32(model[runs[k, 0], x]) - np.float32(MIDDLE)
            values[0, runs[k, 0], x] = value
            values[1, runs[k, 0], x] = value * value
    return values


@compiled(nogil=True, _nrt=False)
def _over_shown(
    levels, shown, values, runs, enough, least_spread, seen, running, under, sums, response
):
    """`correlation_over_shown` into an array of −1, with room to work in."""
    rows, columns = response.shape
    for y in range(levels.shape[0]):
        number, first, square = 0.0, 0.0, 0.0
        for x in range(levels.shape[1]):
            value = np.float32(levels[y, x]) - np.float32(MIDDLE)
            share = np.float32(1 if shown[y, x] else 0)
            seen[0, y, x] = share
            seen[1, y, x] = share * value
            number += share
            first += share * value
            square += share * value * value
            running[0, y, x + 1] = number
            running[1, y, x + 1] = first
            running[2, y, x + 1] = square
    for row in range(rows):
        for left in range(0, columns, STEP):
            under[:] = 0
            for k in range(len(runs)):
                y, start, stop = row + runs[k, 0], left + runs[k, 1], left + runs[k, 2]
                _add_step(under[0], running[0, y], np.uint64(start), np.uint64(stop))
            size = min(STEP, columns - left)
            if not _reaches(under[0], size, enough):
                continue
            sums[:] = 0
            for k in range(len(runs)):
                y, start, stop = row + runs[k, 0], left + runs[k, 1], left + runs[k, 2]
                _add_step(under[1], running[1, y], np.uint64(start), np.uint64(stop))
                _add_step(under[2], running[2, y], np.uint64(start), np.uint64(stop))
                own, powers = values[0, runs[k, 0]], values[1, runs[k, 0]]
                for x in range(runs[k, 1], runs[k, 2], TAPS):
                    at, place = np.uint64(x), np.uint64(left + x)
                    _add_taps(sums[0], seen[0, y], place, own, at)
                    _add_taps(sums[1], seen[0, y], place, powers, at)
                    _add_taps(sums[2], seen[1, y], place, own, at)
            _shown_ratios(response[row, left : left + size], under, sums, enough, least_spread)


@compiled(nogil=True, fastmath={"contract"}, _nrt=False)
def _add_step(sums, line, start, stop):
    """Add what lies between two places of sums up to each pixel, at `STEP` places."""
    for k in range(np.uint64(STEP)):
        sums[k] += line[stop + k] - line[start + k]


@compiled(nogil=True, fastmath={"contract"}, _nrt=False)
def _add_taps(sums, line, left, values, x):
    """Add the products of `TAPS` pixels of a model with what lies under them, at `STEP` places."""
    a, b, c, d = values[x], values[x + ONE], values[x + TWO], values[x + THREE]
    for k in range(np.uint64(STEP)):
        n = left + k
        sums[k] += a * line[n] + b * line[n + ONE] + c * line[n + TWO] + d * line[n + THREE]


@compiled(nogil=True, _nrt=False)
def _reaches(count, size, enough):
    """Whether enough shows at one of the places."""
    for k in range(size):  # noqa: SIM110 (compiled: no generators)
        if count[k] >= enough:
            return True
    return False


@compiled(nogil=True, error_model="numpy", _nrt=False)
def _shown_ratios(found, under, sums, enough, least_spread):
    """Correlations from sums over what shows, −1 where too little does or nothing differs."""
    for k in range(len(found)):
        count, seen = under[0, k], under[1, k]
        number = count if count >= enough else 1.0
        model = float(sums[0, k])
        own = sums[1, k] - model * model / number
        theirs = under[2, k] - seen * seen / number
        some = (count >= enough) & (min(own, theirs) > least_spread * number)
        shared = sums[2, k] - seen * model / number
        product = own * theirs if some else 1.0
        found[k] = shared / math.sqrt(product) if some else -1.0


@compiled(nogil=True)
def correlations_at(levels, shown, rows, columns, reach, model, runs, enough, least_spread):
    """`correlation_over_shown` in parts of an image, by their upper left corners."""
    side = 2 * reach + 1
    found = np.full((len(rows), side, side), np.float32(-1))
    height, width = model.shape
    tall, wide = height + 2 * reach, width + 2 * reach
    seen = np.zeros((2, tall, wide + 2 * STEP), np.float32)
    running = np.zeros((3, tall, wide + 2 * STEP))
    values = _model_values(model, runs)
    under, sums = np.empty((3, STEP)), np.empty((3, STEP), np.float32)
    for n in range(len(rows)):
        part = levels[rows[n] : rows[n] + tall, columns[n] : columns[n] + wide]
        open_part = shown[rows[n] : rows[n] + tall, columns[n] : columns[n] + wide]
        _over_shown(
            part,
            open_part,
            values,
            runs,
            enough,
            least_spread,
            seen,
            running,
            under,
            sums,
            found[n],
        )
    return found


@compiled(nogil=True)
def painted(image, colours, covers, numbers, tops, lefts):
    """Lay stamps over an image, one after the other, each cut where the image ends."""
    height, width = covers.shape[1:]
    for k in range(len(numbers)):
        stamp = numbers[k]
        for y in range(max(0, -tops[k]), min(height, image.shape[0] - tops[k])):
            for x in range(max(0, -lefts[k]), min(width, image.shape[1] - lefts[k])):
                weight = covers[stamp, y, x]
                if weight == 0:
                    continue
                for band in range(3):
                    under = image[tops[k] + y, lefts[k] + x, band]
                    mixed = under * (1 - weight) + colours[stamp, y, x, band] * weight
                    image[tops[k] + y, lefts[k] + x, band] = np.uint8(np.rint(mixed))


@compiled(nogil=True)
def symbol_shares(glyph, size, right, down, fine):
    """Points of each pixel, of `fine` times `fine`, in a symbol's rim, fill and glyph.

    The symbol's centre lies `right` and `down` of the middle pixel's, in pixels.
    """
    half = size // 2 + 1
    side = 2 * half + 1
    radius = size / 2
    core = 1 - 1.6 / radius
    points = np.zeros((3, side, side), np.int64)
    for j in range(side * fine):
        y = ((j + 0.5) / fine - half - 0.5 - down) / radius
        for i in range(side * fine):
            x = ((i + 0.5) / fine - half - 0.5 - right) / radius
            square = x * x + y * y
            # the root only where it must be exact
            if square > 1 + 1e-9 or (square > 1 - 1e-9 and math.hypot(x, y) > 1):
                continue
            inside = square < core * core - 1e-9
            if not inside and square < core * core + 1e-9:
                inside = math.hypot(x, y) <= core
            part = 0
            if inside:
                part = 2 if _in_glyph(glyph, x, y) else 1
            points[part, j // fine, i // fine] += 1
    return points


@compiled(nogil=True)
def _in_glyph(glyph, x, y):
    if glyph == 0:
        return max(abs(x), 2.6 * abs(y)) < 0.55
    if glyph == 1:
        return min(abs(x), abs(y)) + 0.35 * max(abs(x), abs(y)) < 0.3
    if glyph == 2:
        return max(abs(x), abs(y)) < 0.36
    if glyph == 3:
        return y < 0.38 and abs(x) < 0.28 * (y + 0.62)
    if glyph == 4:
        far = math.hypot(x, y)
        return far < 0.52 and far > 0.24
    if glyph == 5:
        return abs(x) + abs(y) < 0.52
    if glyph == 6:
        return max(2.6 * abs(x), abs(y)) < 0.55
    return y > -0.38 and abs(x) < 0.28 * (0.62 - y)
