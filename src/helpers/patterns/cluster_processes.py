"""Matérn cluster and Thomas processes: clusters of points about unseen random parents."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import joblib
import numpy as np
import pandas as pd
import shapely
from scipy.optimize import least_squares

from helpers.checks import one_of, per_cent, whole_number
from helpers.space import Window, as_window

from ._checks import checked_distances, checked_pattern
from ._pairs import pair_sums
from .second_order import default_range, ripley_k

__all__ = [
    "ClusterBootstrap",
    "ClusterFit",
    "bootstrap_cluster_process",
    "cluster_k",
    "fit_cluster_process",
    "simulate",
]

KINDS = ("matern", "thomas")
_EXPONENT = 0.25
_LEAST_GAIN = 0.2
_GRID = 48
_STARTS = 4
_CHANCE_POINTS = 500
_THOMAS_REACH = 6.0
_MOST_POINTS = 50_000_000


@dataclass(frozen=True)
class ClusterFit:
    """Cluster process fitted by minimum contrast on K.

    Attributes
    ----------
    kind : {"matern", "thomas"}
    kappa : float
        Parents per squared unit of the coordinates.
    scale : float
        Radius R of a Matérn cluster, standard deviation σ of a Thomas cluster.
    mu : float
        Mean number of points in a cluster, λ / κ.
    identifiable : bool
        Whether the pattern determines the parameters. If not, they are NaN and `reason` says why.
    reason : str
        Empty for an identifiable fit.
    objective, poisson_objective : float
        Contrast of the best cluster process and of a Poisson process.
    p_value, level : float
        Share of patterns of random points (this one counted with them) that gain at least as much
        contrast over a Poisson process, and the share up to which a pattern counts as clustered.
    chance_gains : ndarray
        Gains of the random patterns, ascending.
    intensity : float
        λ, points per squared unit of the coordinates.
    table : DataFrame
        Columns r, theory, observed (isotropic K), fitted (missing if not identifiable).
    """

    kind: str
    kappa: float
    scale: float
    mu: float
    identifiable: bool
    reason: str
    objective: float
    poisson_objective: float
    p_value: float
    level: float
    chance_gains: np.ndarray
    intensity: float
    table: pd.DataFrame

    def simulate(self, window, seed=None) -> np.ndarray:
        """Points of one realisation of the fitted process, shape (n, 2); see `simulate`."""
        if not self.identifiable:
            raise ValueError(f"there is no fitted process to simulate from: {self.reason}")
        return simulate(
            window, self.kind, kappa=self.kappa, scale=self.scale, mu=self.mu, seed=seed
        )


@dataclass(frozen=True)
class ClusterBootstrap:
    """Parametric bootstrap of a fitted cluster process.

    Attributes
    ----------
    table : DataFrame
        Index kappa, scale, mu; columns estimate, low, high (missing where no simulated pattern
        determines the parameters).
    replicates : DataFrame
        Columns kappa, scale, mu, n: the fits to the simulated patterns; parameters are missing
        where a simulated pattern does not determine them.
    level : float
        Coverage that the intervals aim at.
    identifiable_share : float
        Share of the simulated patterns with an identifiable fit. Intervals rest on these alone:
        read them with care where the share is far from 1.
    """

    table: pd.DataFrame
    replicates: pd.DataFrame
    level: float
    identifiable_share: float


def cluster_k(r, kind: str, kappa: float, scale: float) -> np.ndarray:
    r"""K function of a cluster process.

    Matérn cluster:

    .. math::

        K(r) = \pi r^2 + \frac{1}{\kappa}\, h\!\left(\frac{r}{2R}\right)

        h(z) = 2 + \frac1\pi \left[(8 z^2 - 4) \arccos z - 2 \arcsin z
        + 4 z (1 - z^2)^{3/2} - 6 z (1 - z^2)^{1/2}\right]

    for z < 1, and h = 1 beyond. Thomas:

    .. math:: K(r) = \pi r^2 + \frac{1}{\kappa} \left(1 - e^{-r^2 / 4 \sigma^2}\right)

    Parameters
    ----------
    r : array_like
    kind : {"matern", "thomas"}
    kappa, scale : float
        Parent intensity; R or σ.

    Returns
    -------
    ndarray

    References
    ----------
    J. Møller, R. Waagepetersen (2004), Statistical Inference and Simulation for Spatial Point
    Processes, 5.3.

    Examples
    --------
    >>> cluster_k([0.0, 4.0], "matern", kappa=0.5, scale=2.0).round(4).tolist()
    [0.0, 52.2655]
    """
    r = np.asarray(r, dtype=float)
    share, _ = _within_cluster(r, _checked_kind(kind), scale)
    return np.pi * r**2 + share / kappa


def _within_cluster(r, kind: str, scale):
    """Probability that two points of a cluster are within r, and its derivative by log scale."""
    if kind == "thomas":
        t = r**2 / (4 * scale**2)
        return -np.expm1(-t), -2 * t * np.exp(-t)
    z = np.minimum(r / (2 * scale), 1.0)
    s = np.sqrt(1 - z**2)
    h = (8 * z**2 - 4) * np.arccos(z) - 2 * np.arcsin(z) + 4 * z * s**3 - 6 * z * s
    # dh/dz = (16 z / π)(arccos z − z √(1 − z²)) and dz/dlog R = −z.
    return 2 + h / np.pi, -16 * z**2 / np.pi * (np.arccos(z) - z * s)


def fit_cluster_process(
    points,
    window,
    kind: str = "matern",
    r=None,
    *,
    k: pd.DataFrame | None = None,
    level: float = 0.05,
    simulations: int = 99,
    seed: int = 0,
    outside: str = "raise",
) -> ClusterFit:
    r"""Fit a Matérn cluster or Thomas process by minimum contrast on K.

    What is minimised is the mean over the m distances of the grid r,

    .. math:: \frac1m \sum_r \left|K(r)^{1/4} - \hat K(r)^{1/4}\right|^2,

    with :math:`\hat K` the isotropic estimate, zero at 0, over :math:`\kappa` in
    :math:`[0.01 / |W|, 10^4 \lambda]` and the scale in
    :math:`[\sqrt{|W|} / 1000, 2 \sqrt{|W|}]`; then :math:`\mu = \lambda / \kappa`. The whole box is searched on a grid before the best places are polished, so that
    the result does not hang on a starting value.

    Random points have an estimate of K that wriggles, and a cluster process that follows the
    wriggles better than a Poisson process does. Whether the pattern does more than that is a Monte
    Carlo test: the gain in contrast over Poisson must exceed the gains of all but a share `level`
    of patterns of random points in the same window.

    Parameters
    ----------
    points : array_like of shape (n, 2) or GeoSeries
    window : Window or shapely polygon
    kind : {"matern", "thomas"}
    r : array_like of shape (m,), optional
        Distances of the contrast; by default the 513 of `ripley_k`.
    k : DataFrame, optional
        What `ripley_k` has returned for these points, to save its time; columns r and isotropic.
        Its distances are then those of the contrast.
    level : float
        Of the test: the share of random patterns that may be called clustered, at most.
    simulations : int
        Patterns of random points, at least 1 / level − 1. They hold as many points as the pattern
        does, but 500 at most: fewer points wriggle more, so that the test errs on the safe side
        for larger patterns.
    seed : int
        Of these simulations.
    outside : {"raise", "drop"}
        What to do with points outside the window.

    Returns
    -------
    ClusterFit
        With identifiable False and NaN parameters where the gain is no more than chance gives, the
        contrast is less than 20 % below that of a Poisson process, or the optimum lies on the edge
        of the box: the pattern is then not clustered, or clustered at a scale that the window does
        not show.

    Raises
    ------
    ValueError
        For fewer than two different locations, an unknown kind, points outside the window, r
        beyond what the window allows, too few simulations for the level.

    Notes
    -----
    Coincident points put a jump at 0 into K̂ which no cluster process has; with many of them
    compare the fit to one of the distinct locations. R's spatstat uses the same contrast but
    starts one simplex search from a guess, and returns whatever numbers it stops at.

    References
    ----------
    P. Diggle, R. Gratton (1984), Monte Carlo methods of inference for implicit statistical models,
    JRSS B 46; R. Waagepetersen (2007), An estimating function approach to inference for
    inhomogeneous Neyman-Scott processes, Biometrics 63.

    Examples
    --------
    >>> from helpers.space import Window
    >>> square = Window.rectangle(0, 0, 10, 10)
    >>> points = simulate(square, "matern", kappa=1.0, scale=0.3, mu=20, seed=3)
    >>> fit = fit_cluster_process(points, square, "matern")
    >>> fit.identifiable, abs(fit.scale - 0.3) < 0.03
    (True, True)
    >>> fit_cluster_process(square.random_points(100, seed=1), square).identifiable
    False
    """
    kind = _checked_kind(kind)
    if not 0 < level < 1:
        raise ValueError(f"level lies between 0 and 1, got {level}")
    simulations = whole_number(simulations, "simulations")
    if level * (simulations + 1) < 1 - 1e-9:
        raise ValueError(
            f"{simulations} simulations cannot give a test of level {level}: "
            f"take at least {int(np.ceil(1 / level - 1 - 1e-9))}"
        )
    seed = whole_number(seed, "seed", least=0)
    points, window = checked_pattern(points, window, outside, "a cluster process fit")
    if k is None:
        r = checked_distances(r, default_range(window, len(points)))
        k = ripley_k(points, window, r, "isotropic")
    elif r is not None or not {"r", "isotropic"} <= set(k.columns):
        raise ValueError("k is a table of ripley_k with the columns r and isotropic, without r")
    r, observed = _checked_estimate(k)
    chance = _chance_estimates(
        window, r.tobytes(), min(len(points), _CHANCE_POINTS), simulations, seed
    )
    contrast = _Contrast(r, kind, *_box(window, len(points)))
    gains = np.sort(contrast.gains(chance))
    return _fitted(observed, contrast, len(points) / window.area, gains, level)


def _checked_estimate(k: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Distances and isotropic estimate of a table of K, nought at r = 0."""
    r = checked_distances(k["r"], 0.0)
    observed = np.where(r == 0, 0.0, k["isotropic"].to_numpy(dtype=float))
    if np.isnan(observed).any():
        raise ValueError(
            f"K is undefined beyond r = {r[~np.isnan(observed)].max():.6g} in this window: "
            "shorten r"
        )
    return r, observed


@lru_cache(maxsize=8)
def _chance_estimates(window: Window, distances: bytes, n: int, simulations: int, seed: int):
    """K of patterns of n random points, one a row; remembered, for both processes ask for it."""
    r = np.frombuffer(distances)
    curves = np.empty((simulations, len(r)))
    for row, stream in enumerate(np.random.default_rng(seed).spawn(simulations)):
        points = window.random_points(n, stream)
        sums = pair_sums(points, window, r, counts=False, isotropic=True)
        curves[row] = window.area / (n * (n - 1)) * sums.isotropic
    curves.flags.writeable = False
    return curves


def _box(window: Window, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Logarithms of the least and greatest κ and scale that are searched."""
    area = window.area
    low = np.log([0.01 / area, np.sqrt(area) / 1000])
    return low, np.log([1e4 * n / area, 2 * np.sqrt(area)])


def _fitted(observed, contrast: _Contrast, intensity: float, chance, level: float) -> ClusterFit:
    """Fit to an estimate of K; `chance` are the ascending gains of random patterns."""
    r, kind = contrast.r, contrast.kind
    logarithms, objective = contrast.least(observed)
    poisson = contrast.poisson(observed)
    larger = len(chance) - np.searchsorted(chance, contrast.gains(observed[None])[0])
    p_value = float((larger + 1) / (len(chance) + 1))
    kappa, scale = np.exp(logarithms)
    span = contrast.high - contrast.low
    on_edge = np.minimum(logarithms - contrast.low, contrast.high - logarithms) < 1e-4 * span
    reason = ""
    if objective > (1 - _LEAST_GAIN) * poisson:
        reason = "no cluster process is closer to this K by a fifth than a Poisson process"
    elif p_value > level:
        reason = (
            f"{per_cent(p_value)} of patterns of random points are as much closer to a cluster process "
            "than to a Poisson process"
        )
    elif on_edge.any():
        names = " and ".join(
            name for name, at in zip(("kappa", "scale"), on_edge, strict=True) if at
        )
        reason = f"the best {names} lies on the edge of what this window can show"
    identifiable = not reason
    if not identifiable:
        kappa = scale = np.nan
    fitted = cluster_k(r, kind, kappa, scale) if identifiable else np.full(len(r), np.nan)
    columns = {"r": r, "theory": np.pi * r**2, "observed": observed, "fitted": fitted}
    return ClusterFit(
        kind=kind,
        kappa=float(kappa),
        scale=float(scale),
        mu=float(intensity / kappa),
        identifiable=identifiable,
        reason=reason,
        objective=objective,
        poisson_objective=poisson,
        p_value=p_value,
        level=level,
        chance_gains=chance,
        intensity=intensity,
        table=pd.DataFrame(columns),
    )


@lru_cache(maxsize=8)
def _shares(kind: str, distances: bytes, scales: bytes) -> np.ndarray:
    """`_within_cluster` for each scale (a logarithm, row); remembered, for refits ask for the same."""
    r = np.frombuffer(distances)
    found = [_within_cluster(r, kind, np.exp(scale))[0] for scale in np.frombuffer(scales)]
    return np.array(found)


class _Contrast:
    """Contrast of cluster processes with an estimate of K on one grid of r, in a box of (κ, scale).

    The models K(r)^(1/4) on a grid of the box are computed once, for any number of estimates.
    """

    def __init__(self, r, kind: str, low, high):
        positive = r > 0
        self.steps = len(r)  # terms at r = 0 are nought but count in the mean
        self.r, self.kind, self.low, self.high = r, kind, low, high
        self.positive = positive
        self.distances = r[positive]
        self.disc = np.pi * self.distances**2
        self.kappas, self.scales = np.linspace(low, high, _GRID).T
        share = _shares(kind, self.distances.tobytes(), self.scales.tobytes())
        models = np.exp(-self.kappas)[:, None, None] * share
        models += self.disc
        for _ in range(2):  # in place, for this is done for each refit
            np.sqrt(models, out=models)
        self.models = models.reshape(_GRID**2, -1)
        self.squares = (self.models**2).sum(axis=1)
        self._last: tuple[float, tuple[np.ndarray, np.ndarray]] | None = None

    def _targets(self, estimates):
        return np.asarray(estimates)[..., self.positive] ** _EXPONENT

    def poisson(self, estimate) -> float:
        """Contrast of a Poisson process."""
        gap = self.disc**_EXPONENT - self._targets(estimate)
        return float((gap**2).sum() / self.steps)

    def on_grid(self, estimates) -> np.ndarray:
        """Contrast of the models on the grid with each estimate (row), shape (rows, κ, scale)."""
        targets = self._targets(estimates)
        sums = self.squares - 2 * targets @ self.models.T + (targets**2).sum(axis=1)[:, None]
        return (sums / self.steps).reshape(-1, _GRID, _GRID)

    def gains(self, estimates) -> np.ndarray:
        """By how much the best model on the grid is closer to each estimate than Poisson is."""
        targets = self._targets(estimates)
        poisson = ((self.disc**_EXPONENT - targets) ** 2).sum(axis=1) / self.steps
        return poisson - self.on_grid(estimates).min(axis=(1, 2))

    def least(self, estimate) -> tuple[np.ndarray, float]:
        """Logarithms of κ and scale with the least contrast in the box, and that contrast."""
        target = self._targets(estimate)
        contrast = self.on_grid(estimate[None])[0]
        # Start from the lowest places of the grid that are lower than their neighbours.
        padded = np.pad(contrast, 1, constant_values=np.inf)
        shifts = [(a, b) for a in range(3) for b in range(3)]
        around = np.min([padded[a : a + _GRID, b : b + _GRID] for a, b in shifts], axis=0)
        minima = np.argwhere(contrast <= around)
        minima = minima[np.argsort(contrast[tuple(minima.T)])][:_STARTS]
        best, least = None, np.inf
        for i, j in minima:
            start = [self.kappas[i], self.scales[j]]
            found = least_squares(
                self._residuals,
                np.clip(start, self.low + 1e-9, self.high - 1e-9),
                self._derivatives,
                bounds=(self.low, self.high),
                args=(target,),
                xtol=1e-12,
                ftol=1e-14,
                gtol=1e-14,
                max_nfev=500,
            )
            if 2 * found.cost < least:
                best, least = found.x, 2 * found.cost
        return best, float(least / self.steps)

    def _at(self, logarithm: float):
        """`_within_cluster` of a scale; residuals and derivatives ask for the same one after the other."""
        last = self._last
        if last is None or last[0] != logarithm:
            found = _within_cluster(self.distances, self.kind, np.exp(logarithm))
            last = self._last = float(logarithm), found  # at once: several threads may ask
        return last[1]

    def _residuals(self, logarithms, target):
        share, _ = self._at(logarithms[1])
        return (self.disc + share * np.exp(-logarithms[0])) ** _EXPONENT - target

    def _derivatives(self, logarithms, target):
        share, by_scale = self._at(logarithms[1])
        excess = np.exp(-logarithms[0])
        outer = _EXPONENT * (self.disc + share * excess) ** (_EXPONENT - 1) * excess
        return np.column_stack([-outer * share, outer * by_scale])


def bootstrap_cluster_process(
    fit: ClusterFit,
    window,
    *,
    simulations: int = 99,
    level: float = 0.95,
    seed=None,
    jobs: int = 1,
) -> ClusterBootstrap:
    """Intervals for the parameters of a fitted cluster process by parametric bootstrap.

    The fitted process is simulated in the window and refitted on the same distances; the intervals
    are the (1 − level) / 2 and (1 + level) / 2 quantiles of the refitted parameters.

    Parameters
    ----------
    fit : ClusterFit
    window : Window or shapely polygon
        The window of the fit.
    simulations : int
    level : float
        Between 0 and 1.
    seed : int or numpy Generator
        Each simulation has its own stream: the result does not depend on `jobs`.
    jobs : int
        Threads (the compiled loops run side by side); −1 for all cores.

    Returns
    -------
    ClusterBootstrap

    Raises
    ------
    ValueError
        If the fit is not identifiable, for a level outside (0, 1) or fewer than 2 simulations.

    References
    ----------
    A. Baddeley, E. Rubak, R. Turner (2015), Spatial Point Patterns, 12.4.
    """
    if not fit.identifiable:
        raise ValueError(f"there is no fitted process to simulate from: {fit.reason}")
    if not 0 < level < 1:
        raise ValueError(f"level lies between 0 and 1, got {level}")
    simulations = whole_number(simulations, "simulations", least=2)
    window = as_window(window)
    r = fit.table["r"].to_numpy()
    streams = np.random.default_rng(seed).spawn(simulations)
    run = joblib.delayed(_refitted)
    rows = joblib.Parallel(n_jobs=jobs, prefer="threads")(
        run(fit, window, r, stream) for stream in streams
    )
    replicates = pd.DataFrame(rows, columns=["kappa", "scale", "mu", "n"])
    known = replicates.dropna()
    parameters = ["kappa", "scale", "mu"]
    low, high = known[parameters].quantile([(1 - level) / 2, (1 + level) / 2]).to_numpy()
    table = pd.DataFrame(
        {"estimate": [fit.kappa, fit.scale, fit.mu], "low": low, "high": high}, index=parameters
    )
    return ClusterBootstrap(table, replicates, level, len(known) / len(replicates))


def _refitted(fit: ClusterFit, window: Window, r, stream):
    points = fit.simulate(window, stream)
    if len(np.unique(points, axis=0)) < 2:
        return np.nan, np.nan, np.nan, len(points)
    r, estimate = _checked_estimate(ripley_k(points, window, r, "isotropic"))
    contrast = _Contrast(r, fit.kind, *_box(window, len(points)))
    again = _fitted(estimate, contrast, len(points) / window.area, fit.chance_gains, fit.level)
    return again.kappa, again.scale, again.mu, len(points)


def simulate(
    window,
    kind: str = "poisson",
    *,
    intensity: float | None = None,
    kappa: float | None = None,
    scale: float | None = None,
    mu: float | None = None,
    seed=None,
    with_parents: bool = False,
):
    """One realisation of a Poisson, Matérn cluster or Thomas process in a window.

    Poisson: a Poisson number of independent uniform points. Cluster processes: parents are a
    Poisson process of intensity κ on the window grown by R (Matérn) or 6 σ (Thomas), so that
    clusters whose parents lie outside reach in; each has a Poisson(μ) number of points, uniform in
    the disc of radius R about it or normal with standard deviation σ; those in the window stay.

    Parameters
    ----------
    window : Window or shapely polygon
    kind : {"poisson", "matern", "thomas"}
    intensity : float
        Of a Poisson process, points per squared unit.
    kappa, scale, mu : float
        Of a cluster process, as in `ClusterFit`.
    seed : int or numpy Generator
    with_parents : bool
        Also return each point's parent and the parents' coordinates (cluster processes only).

    Returns
    -------
    points : ndarray of float, shape (n, 2)
        n is random and may be 0.
    parent : ndarray of int, shape (n,), with `with_parents`
    parents : ndarray of float, shape (m, 2), with `with_parents`

    Raises
    ------
    ValueError
        For missing, superfluous or not positive parameters, or more than 50 million expected
        points.

    References
    ----------
    B. Matérn (1960), Spatial Variation; M. Thomas (1949), A generalization of Poisson's binomial
    limit for use in ecology, Biometrika 36.

    Examples
    --------
    >>> from helpers.space import Window
    >>> points = simulate(Window.rectangle(0, 0, 1, 1), intensity=100, seed=1)
    >>> points.shape
    (100, 2)
    """
    window = as_window(window)
    rng = np.random.default_rng(seed)
    if kind == "poisson":
        _checked_parameters({"intensity": intensity}, {"kappa": kappa, "scale": scale, "mu": mu})
        if with_parents:
            raise ValueError("a Poisson process has no parents")
        _checked_size(intensity * window.area)
        return window.random_points(rng.poisson(intensity * window.area), rng)
    _checked_kind(kind)
    _checked_parameters({"kappa": kappa, "scale": scale, "mu": mu}, {"intensity": intensity})
    reach = scale if kind == "matern" else _THOMAS_REACH * scale
    # The buffer's arcs are polygons inside the true arcs: grow by a little more to cover them.
    around = shapely.buffer(window.geometry, reach / np.cos(np.pi / 64), quad_segs=16)
    grown = Window(around)
    _checked_size(kappa * grown.area * max(mu, 1.0))
    parents = grown.random_points(rng.poisson(kappa * grown.area), rng)
    parent = np.repeat(np.arange(len(parents)), rng.poisson(mu, len(parents)))
    if kind == "matern":
        radius = scale * np.sqrt(rng.uniform(size=len(parent)))
        angle = rng.uniform(0, 2 * np.pi, len(parent))
        offsets = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    else:
        offsets = rng.normal(0.0, scale, (len(parent), 2))
    points = parents[parent] + offsets
    inside = window.contains(points)
    if with_parents:
        return points[inside], parent[inside], parents
    return points[inside]


def _checked_kind(kind: str) -> str:
    return one_of(kind, "kind", KINDS)


def _checked_parameters(needed: dict, unwanted: dict) -> None:
    for name, value in unwanted.items():
        if value is not None:
            raise ValueError(f"{name} is no parameter of this process: leave it out")
    for name, value in needed.items():
        if value is None or not np.isfinite(value) or value <= 0:
            raise ValueError(f"{name} must be a positive number, got {value}")


def _checked_size(expected: float) -> None:
    if expected > _MOST_POINTS:
        raise ValueError(
            f"these parameters mean some {expected:.3g} points, more than {_MOST_POINTS:.0e}: "
            "check the unit of the intensities (points per squared unit of the coordinates)"
        )
