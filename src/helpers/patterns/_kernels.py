"""Compiled loops of the point pattern methods."""

import math

import numpy as np

from helpers.compiled import compiled

TAIL = 9.0
"""Standard deviations beyond which the normal density (below 1.1e-18) adds nothing."""

# Gauss-Legendre rules for pieces of up to 0.3, 1.2 and 2 standard deviations: the error of each
# is below 2e-12 of the kernel's mass.
_NODES_4, _WEIGHTS_4 = np.polynomial.legendre.leggauss(4)
_NODES_8, _WEIGHTS_8 = np.polynomial.legendre.leggauss(8)
_NODES_12, _WEIGHTS_12 = np.polynomial.legendre.leggauss(12)


# What numba itself compiles for np.searchsorted, np.argsort or the copy of a row costs seconds at the
# first call: a bisection, a sort and a loop of one's own cost next to nothing.


@compiled(nogil=True)
def first_at_least(ascending, value):
    """Smallest k with value <= ascending[k]; the length if there is none."""
    low = 0
    high = len(ascending)
    while low < high:
        middle = (low + high) // 2
        if ascending[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@compiled(nogil=True)
def normal_distribution(x):
    """Standard normal distribution function."""
    return 0.5 * math.erfc(-x * 0.7071067811865476)


@compiled(nogil=True)
def gaussian_masses(locations, edges, sigma):
    """Mass inside the polygon of an isotropic normal distribution about each location.

    By Green's theorem the mass is the boundary integral of Φ(x) φ(y) dy. Only the piece of an edge
    with |x|, |y| < TAIL needs quadrature: to its left Φ = 0, to its right Φ = 1.
    """
    masses = np.empty(len(locations))
    for i in range(len(locations)):
        u = locations[i, 0]
        v = locations[i, 1]
        total = 0.0
        for e in range(len(edges)):
            ay = (edges[e, 1] - v) / sigma
            by = (edges[e, 3] - v) / sigma
            if (ay > TAIL and by > TAIL) or (ay < -TAIL and by < -TAIL) or ay == by:
                continue
            ax = (edges[e, 0] - u) / sigma
            bx = (edges[e, 2] - u) / sigma
            if ax < -TAIL and bx < -TAIL:
                continue
            if ax > TAIL and bx > TAIL:
                total += normal_distribution(by) - normal_distribution(ay)
                continue
            total += _edge_mass(ax, ay, bx, by)
        masses[i] = min(max(total, 0.0), 1.0)
    return masses


@compiled(nogil=True)
def _edge_mass(ax, ay, bx, by):
    """Integral of Φ(x) φ(y) dy along the edge from a to b, in units of sigma."""
    dx = bx - ax
    dy = by - ay
    # Part of the edge, as fractions s of it, where the integrand is neither nought nor known.
    low = 0.0
    high = 1.0
    s1 = (-TAIL - ay) / dy
    s2 = (TAIL - ay) / dy
    low = max(low, min(s1, s2))
    high = min(high, max(s1, s2))
    total = 0.0
    if low >= high:
        return 0.0
    if dx != 0.0:
        s1 = (-TAIL - ax) / dx
        s2 = (TAIL - ax) / dx
        # Beyond s2 (dx > 0) or before it (dx < 0) the edge lies to the right: Φ(x) = 1 there.
        if dx > 0.0 and s2 < high:
            start = max(low, s2)
            total += normal_distribution(ay + high * dy) - normal_distribution(ay + start * dy)
        elif dx < 0.0 and s2 > low:
            end = min(high, s2)
            total += normal_distribution(ay + end * dy) - normal_distribution(ay + low * dy)
        low = max(low, min(s1, s2))
        high = min(high, max(s1, s2))
        if low >= high:
            return total
    length = (high - low) * math.sqrt(dx * dx + dy * dy)
    if length <= 0.3:
        integral = _quadrature(ax, ay, dx, dy, low, high, _NODES_4, _WEIGHTS_4)
    elif length <= 1.2:
        integral = _quadrature(ax, ay, dx, dy, low, high, _NODES_8, _WEIGHTS_8)
    else:
        pieces = int(length / 2.0) + 1
        step = (high - low) / pieces
        integral = 0.0
        for piece in range(pieces):
            start = low + piece * step
            integral += _quadrature(ax, ay, dx, dy, start, start + step, _NODES_12, _WEIGHTS_12)
    return total + integral * dy * 0.3989422804014327


@compiled(nogil=True)
def _quadrature(ax, ay, dx, dy, low, high, nodes, weights):
    """Integral of Φ(x) exp(−y²/2) over the fractions low to high of the edge."""
    middle = 0.5 * (low + high)
    half = 0.5 * (high - low)
    integral = 0.0
    for k in range(len(nodes)):
        s = middle + half * nodes[k]
        y = ay + s * dy
        integral += weights[k] * normal_distribution(ax + s * dx) * math.exp(-0.5 * y * y)
    return integral * half


# --- pairs ---------------------------------------------------------------------------------------


@compiled(nogil=True)
def bin_of(d, r, inverse_step):
    """Smallest k with d <= r[k]; len(r) if there is none. inverse_step > 0 for an even grid."""
    last = len(r)
    if inverse_step > 0.0:
        k = min(int((d - r[0]) * inverse_step) if d > r[0] else 0, last - 1)
        while k < last and r[k] < d:
            k += 1
        while k > 0 and r[k - 1] >= d:
            k -= 1
        return k
    return first_at_least(r, d)


@compiled(nogil=True)
def pair_counts(
    points, repeats, starts, columns, rows, reach, r, inverse_step, beyond, histogram, border
):
    """Unordered pairs by distance, and ordered pairs of the border method, by bin of r.

    `points` are sorted by cell and differ, `repeats` says how many lie at each; `reach` is the
    number of cells that r[-1] spans. `beyond[i]` is the first bin with r > b_i: the pair (i, j)
    counts for point i in bins from that of d_ij up to there, which is +1 and −1 in the differences
    `border`.
    """
    largest = r[-1]
    limit = largest * largest
    for row in range(rows):
        for column in range(columns):
            cell = row * columns + column
            right = min(column + reach, columns - 1)
            left = max(column - reach, 0)
            for i in range(starts[cell], starts[cell + 1]):
                x = points[i, 0]
                y = points[i, 1]
                own = beyond[i]
                for other in range(row, min(row + reach, rows - 1) + 1):
                    first = i + 1 if other == row else starts[other * columns + left]
                    last = starts[other * columns + right + 1]
                    for j in range(first, last):
                        dx = points[j, 0] - x
                        dy = points[j, 1] - y
                        squared = dx * dx + dy * dy
                        if squared > limit:
                            continue
                        k = bin_of(math.sqrt(squared), r, inverse_step)
                        number = repeats[i] * repeats[j]
                        histogram[k] += number
                        if k < own:
                            border[k] += number
                            border[own] -= number
                        its = beyond[j]
                        if k < its:
                            border[k] += number
                            border[its] -= number


@compiled(nogil=True)
def pair_translation(
    points,
    repeats,
    starts,
    columns,
    rows,
    reach,
    r,
    inverse_step,
    width,
    height,
    table,
    step,
    slabs,
    sums,
):
    """Sum of 1 / |W ∩ (W + x_j − x_i)| over the unordered pairs, by bin of r; as in `pair_counts`.

    The set covariance is (width − |dx|)(height − |dy|) if width > 0, interpolated in `table`
    (lags step apart, zero lag in the middle of the first column) if that is not empty, and summed
    exactly over `slabs` otherwise.
    """
    limit = r[-1] * r[-1]
    middle = table.shape[0] // 2
    tabulated = table.size > 0
    for row in range(rows):
        for column in range(columns):
            cell = row * columns + column
            right = min(column + reach, columns - 1)
            left = max(column - reach, 0)
            for i in range(starts[cell], starts[cell + 1]):
                x = points[i, 0]
                y = points[i, 1]
                for other in range(row, min(row + reach, rows - 1) + 1):
                    first = i + 1 if other == row else starts[other * columns + left]
                    last = starts[other * columns + right + 1]
                    for j in range(first, last):
                        dx = points[j, 0] - x
                        dy = points[j, 1] - y
                        squared = dx * dx + dy * dy
                        if squared > limit:
                            continue
                        if width > 0.0:
                            overlap = (width - abs(dx)) * (height - abs(dy))
                        elif tabulated:
                            # γ(t) = γ(−t): only lags with dx >= 0 are in the table.
                            if dx < 0.0:
                                dx = -dx
                                dy = -dy
                            u = dx / step
                            v = dy / step + middle
                            a = int(u)
                            b = int(v)
                            u -= a
                            v -= b
                            overlap = (1.0 - v) * (
                                (1.0 - u) * table[b, a] + u * table[b, a + 1]
                            ) + v * ((1.0 - u) * table[b + 1, a] + u * table[b + 1, a + 1])
                        else:
                            overlap = set_covariance(dx, dy, *slabs)
                        if overlap > 0.0:
                            k = bin_of(math.sqrt(squared), r, inverse_step)
                            sums[k] += repeats[i] * repeats[j] / overlap


@compiled(nogil=True)
def edges_about(x, y, edges, limit, near):
    """Put the edges within √limit of (x, y) into `near`, nearest first; return how many they are.

    Columns: squared distance to the edge, squared distances to its ends a and b, signed distance h
    to its line (positive with the point on the polygon's side), direction ψ of the foot.
    """
    count = 0
    for e in range(len(edges)):
        ax = edges[e, 0] - x
        ay = edges[e, 1] - y
        bx = edges[e, 2] - x
        by = edges[e, 3] - y
        dx = bx - ax
        dy = by - ay
        length = math.sqrt(dx * dx + dy * dy)
        at_a = ax * ax + ay * ay
        at_b = bx * bx + by * by
        h = (ax * dy - ay * dx) / length
        # Tangential coordinates of the ends: the foot lies between them if their signs differ.
        if ax * dx + ay * dy < 0.0 < bx * dx + by * dy:
            nearest = min(h * h, at_a, at_b)
        else:
            nearest = min(at_a, at_b)
        if nearest >= limit:
            continue
        near[count, 0] = nearest
        near[count, 1] = at_a
        near[count, 2] = at_b
        near[count, 3] = h
        near[count, 4] = math.atan2(-dx, dy)
        count += 1
    # Shell sort of the rows by their first column.
    gap = count // 2
    while gap > 0:
        for k in range(gap, count):
            place = k
            while place >= gap and near[place - gap, 0] > near[place, 0]:
                for column in range(5):
                    kept = near[place, column]
                    near[place, column] = near[place - gap, column]
                    near[place - gap, column] = kept
                place -= gap
        gap //= 2
    return count


@compiled(nogil=True)
def circle_fraction(squared, x, y, near, count, edges):
    """Fraction of the circle of squared radius about (x, y) that lies in the polygon.

    Going round counter-clockwise, the circle enters the polygon where the boundary (polygon on its
    left) leaves the disc, and leaves it where the boundary enters the disc. The angle inside is
    Σ(angles of leaving) − Σ(angles of entering) modulo a full turn, whatever the order of the
    crossings. Ends of edges are inside or outside the disc by one comparison that both edges of a
    vertex share, so circles through vertices cannot lose a crossing.
    """
    d = math.sqrt(squared)
    angle = 0.0
    crossed = False
    for k in range(count):
        if near[k, 0] >= squared:
            break
        starts_inside = near[k, 1] < squared
        ends_inside = near[k, 2] < squared
        if starts_inside and ends_inside:
            continue
        crossed = True
        half = math.acos(min(max(near[k, 3] / d, -1.0), 1.0))
        if starts_inside:
            angle -= near[k, 4] + half
        elif ends_inside:
            angle += near[k, 4] - half
        else:
            angle -= 2.0 * half
    if not crossed:
        return 1.0
    turns = angle / (2.0 * math.pi)
    fraction = turns - math.floor(turns)
    if 1e-9 < fraction < 1.0 - 1e-9:
        return fraction
    # All or nothing of the circle is inside (it touches the boundary): ask it at three places.
    votes = 0
    for k in range(3):
        theta = 0.7 + 2.1 * k
        votes += inside(x + d * math.cos(theta), y + d * math.sin(theta), edges)
    return 1.0 if votes >= 2 else 0.0


@compiled(nogil=True)
def inside(x, y, edges):
    """Whether (x, y) is inside the polygon, by the parity of crossings of a ray."""
    odd = False
    for e in range(len(edges)):
        ay = edges[e, 1]
        by = edges[e, 3]
        if (ay > y) != (by > y):
            crossing = edges[e, 0] + (y - ay) / (by - ay) * (edges[e, 2] - edges[e, 0])
            if crossing > x:
                odd = not odd
    return odd


# --- set covariance ------------------------------------------------------------------------------


@compiled(nogil=True)
def set_covariance(tx, ty, cuts, first, lines):
    """Area of W ∩ (W + t), exactly.

    The vertices' abscissae `cuts` split W into slabs; rows first[k] to first[k + 1] of `lines` are
    the edges that span slab k (ordinates at its two sides, sign +1 above W and −1 below). In a slab
    common to W and W + t the overlap is −½ Σ Σ s s' ∫ |y − y'| dx over pairs of edges, because
    min(y, y') = (y + y' − |y − y'|) / 2 and the signs of a slab sum to nought.
    """
    total = 0.0
    n = len(cuts)
    a = 0
    b = 0
    low = max(cuts[0], cuts[0] + tx)
    top = min(cuts[n - 1], cuts[n - 1] + tx)
    while a < n - 1 and cuts[a + 1] <= low:
        a += 1
    while b < n - 1 and cuts[b + 1] + tx <= low:
        b += 1
    while low < top:
        high = min(cuts[a + 1], cuts[b + 1] + tx)
        if first[a + 1] > first[a] and first[b + 1] > first[b] and high > low:
            wa = cuts[a + 1] - cuts[a]
            wb = cuts[b + 1] - cuts[b]
            s_low = (low - cuts[a]) / wa
            s_high = (high - cuts[a]) / wa
            q_low = (low - tx - cuts[b]) / wb
            q_high = (high - tx - cuts[b]) / wb
            slab = 0.0
            for e in range(first[a], first[a + 1]):
                y_low = lines[e, 0] + s_low * (lines[e, 1] - lines[e, 0]) - ty
                y_high = lines[e, 0] + s_high * (lines[e, 1] - lines[e, 0]) - ty
                for f in range(first[b], first[b + 1]):
                    rise = lines[f, 1] - lines[f, 0]
                    g = y_low - lines[f, 0] - q_low * rise
                    h = y_high - lines[f, 0] - q_high * rise
                    gap = abs(g + h)
                    if g * h < 0.0:
                        gap = (g * g + h * h) / (abs(g) + abs(h))
                    slab += lines[e, 2] * lines[f, 2] * gap
            total -= 0.25 * slab * (high - low)
        if cuts[a + 1] <= high:
            a += 1
        if cuts[b + 1] + tx <= high:
            b += 1
        low = high
    return max(total, 0.0)


@compiled(nogil=True)
def coverage(edges, shape_y, shape_x):
    """Exact area fraction of each unit cell that the polygon covers.

    Edges are in units of cells, within [0, shape_x] × [0, shape_y]. Each edge adds, with the sign
    of its direction, the part of its cells to the right of it; a running sum along each row then
    fills the cells further right.
    """
    partial = np.zeros((shape_y, shape_x + 2))
    for e in range(len(edges)):
        ax, ay, bx, by = edges[e, 0], edges[e, 1], edges[e, 2], edges[e, 3]
        if ay == by:
            continue
        # A boundary going down has the polygon on its right.
        sign = 1.0 if by < ay else -1.0
        if by < ay:
            ax, ay, bx, by = bx, by, ax, ay
        slope = (bx - ax) / (by - ay)
        for row in range(int(ay), min(math.ceil(by), shape_y)):
            y1 = max(ay, float(row))
            y2 = min(by, row + 1.0)
            if y2 <= y1:
                continue
            x1 = ax + (y1 - ay) * slope
            x2 = ax + (y2 - ay) * slope
            if x1 > x2:
                x1, x2 = x2, x1
            x1 = min(max(x1, 0.0), float(shape_x))
            x2 = min(max(x2, 0.0), float(shape_x))
            height = (y2 - y1) * sign
            column = min(int(x1), shape_x)
            last = min(int(x2), shape_x)
            before = 0.0
            while column <= last:
                area = height * (_area_right(column + 1.0, x1, x2) - _area_right(column, x1, x2))
                partial[row, column] += area - before
                before = area
                column += 1
            partial[row, last + 1] += height - before
    for row in range(shape_y):
        total = 0.0
        for column in range(shape_x):
            total += partial[row, column]
            partial[row, column] = total
    return partial[:, :shape_x]


@compiled(nogil=True)
def _area_right(side, x1, x2):
    """Area between a unit-high edge from x1 to x2 and the vertical through `side` to its right."""
    if side <= x1:
        return 0.0
    if side >= x2:
        return side - 0.5 * (x1 + x2)
    return 0.5 * (side - x1) * (side - x1) / (x2 - x1)
