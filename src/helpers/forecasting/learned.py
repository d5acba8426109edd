"""A forecast of kinds with skill: learned from what happened around each place before."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ._threads import one_thread
from .baselines import Neighbourhood, best_neighbourhood, last_period
from .events import check_events, check_kinds, codes, refuse_leak
from .features import BANDWIDTHS, city_mix, feature_table, mixes, neighbourhood_counts

PENALTIES = (0.0003, 0.001, 0.003)
MEMBERS = ("neighbourhood climatology", "logistic regression", "gradient boosting")
POOL = "pool"
FOLDS = 5
BUDGET = 200_000_000  # events × features × kinds that are learned from: some minutes
MOST_LEARNED = 30_000  # events that are learned from however few features and kinds there are
LEAST_LEARNED = 2_000  # events that are learned from however many features and kinds there are


@dataclass(frozen=True)
class KindModel:
    """The tuned members of the pool, and what they learned from.

    Attributes
    ----------
    kinds : tuple of str
    neighbourhood : Neighbourhood
    penalty : float
        Inverse strength of the logistic regression's penalty.
    trees : int
        Rounds of boosting.
    validation : dict
        Log loss of each member and of their pool on a third of the places, held out inside the
        past.
    best : str
        The member, or the pool, with the least of these.
    """

    kinds: tuple[str, ...]
    neighbourhood: Neighbourhood
    penalty: float
    trees: int
    validation: dict[str, float]
    best: str
    _past: pd.DataFrame = field(repr=False)
    _logistic: object = field(repr=False)
    _boosting: object = field(repr=False)
    _bandwidths: tuple[float, ...] = field(repr=False)


@one_thread
def fit_kind_model(
    past: pd.DataFrame, kinds, *, bandwidths=BANDWIDTHS, trees: int = 40, seed: int = 0
) -> KindModel:
    """Learn which kind of crime to expect where, from the past alone.

    Each event of the past, from its second period on, is described by what had happened around it
    in the periods before its own (`history_features`); penalised multinomial logistic regression
    and gradient boosting learn its kind from that.  With one period only, a fifth of the events
    is described by the other four.  A third of the places is held out inside the past to choose
    the penalty, the rounds of boosting, and the best of the three members and their mean; then
    all places are learned from.  Of more than 30,000 events, fewer where features and kinds are very
    many, a random part is learned from; their surroundings hold all events.

    Parameters
    ----------
    past : pandas.DataFrame
        From `event_table`.
    kinds
        Order of the columns of the forecast; `TimeSplit.kinds`.
    bandwidths
        Of the neighbourhoods, metres.
    trees : int
        Most rounds of boosting.
    seed : int

    Returns
    -------
    KindModel

    Raises
    ------
    ValueError
        One kind only, or events that `event_table` did not make.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    check_events(past)
    kinds = check_kinds(kinds)
    bandwidths = tuple(float(width) for width in bandwidths)
    described = _described(past, kinds, bandwidths, seed)
    before, now, counts = described[-1]
    neighbourhood, _ = best_neighbourhood(counts, now, before, kinds, bandwidths)
    features, labels, places, climate = _training(described, kinds, bandwidths, neighbourhood)

    def logistic(penalty):
        return make_pipeline(StandardScaler(), LogisticRegression(C=penalty, max_iter=500))

    def boosting(rounds):
        return HistGradientBoostingClassifier(
            max_iter=rounds, learning_rate=0.08, max_leaf_nodes=4, min_samples_leaf=40,
            l2_regularization=5.0, early_stopping=False, random_state=seed,
        )  # fmt: skip

    held = _third(places, seed)
    if held.any() and len(np.unique(labels[~held])) > 1:
        truth = labels[held]
        fits = {c: logistic(c).fit(features[~held], labels[~held]) for c in PENALTIES}
        tried = {c: _whole(fit, features[held], len(kinds)) for c, fit in fits.items()}
        penalty = min(tried, key=lambda c: _loss(tried[c], truth))
        booster = boosting(trees).fit(features[~held], labels[~held])
        stages = [
            _spread(stage, booster.classes_, len(kinds))
            for stage in booster.staged_predict_proba(features[held])
        ]
        losses = [_loss(stage, truth) for stage in stages]
        rounds = int(np.argmin(losses)) + 1
        shown = dict(zip(MEMBERS, (climate[held], tried[penalty], stages[rounds - 1]), strict=True))
        shown[POOL] = np.mean(list(shown.values()), axis=0)
        validation = {name: _loss(each, truth) for name, each in shown.items()}
        best = min(validation, key=validation.get)
    else:
        penalty, rounds, validation, best = PENALTIES[1], trees, {}, POOL
    return KindModel(
        kinds,
        neighbourhood,
        penalty,
        rounds,
        validation,
        best,
        past,
        _fitted(logistic(penalty), features, labels),
        _fitted(boosting(rounds), features, labels),
        bandwidths,
    )


@one_thread
def forecast_kinds(model: KindModel, targets: pd.DataFrame) -> dict[str, np.ndarray]:
    """Probability of each kind at the places of the events to forecast, by each member.

    Parameters
    ----------
    model : KindModel
    targets : pandas.DataFrame
        From `event_table`, all later than what the model learned from.  Their kinds are not read.

    Returns
    -------
    dict of str to (n, kinds) array
        The three members and ``"pool"``, their mean.

    Raises
    ------
    LeakageError
        If the targets begin before the model's past ends.
    """
    check_events(targets)
    refuse_leak(model._past, targets)
    past, kinds, widths = model._past, model.kinds, model._bandwidths
    counts = neighbourhood_counts(targets[["x", "y"]].to_numpy(), past, kinds, widths)
    features = feature_table(counts, targets, past, kinds, widths).to_numpy()
    climate = _climate(counts, past, kinds, widths, model.neighbourhood)
    found = dict(
        zip(
            MEMBERS,
            (
                climate,
                _whole(model._logistic, features, len(model.kinds)),
                _whole(model._boosting, features, len(model.kinds)),
            ),
            strict=True,
        )
    )
    found[POOL] = np.mean(list(found.values()), axis=0)
    return found


@one_thread
def update_kind_model(model: KindModel, new: pd.DataFrame, *, seed: int = 0) -> KindModel:
    """Learn from new events with the settings that were tuned before.

    Parameters
    ----------
    model : KindModel
    new : pandas.DataFrame
        Later events, from `event_table` with the same length of period.

    Returns
    -------
    KindModel
        With the coefficients and trees of the longer past; its settings are kept.

    Raises
    ------
    LeakageError
        If the new events begin before the model's past ends.
    """
    from sklearn.base import clone

    check_events(new)
    refuse_leak(model._past, new)
    past = pd.concat([model._past, new], ignore_index=True)
    kinds, widths = model.kinds, model._bandwidths
    described = _described(past, kinds, widths, seed)
    features, labels, _, _ = _training(described, kinds, widths, model.neighbourhood)
    return KindModel(
        model.kinds,
        model.neighbourhood,
        model.penalty,
        model.trees,
        model.validation,
        model.best,
        past,
        _fitted(clone(model._logistic), features, labels),
        _fitted(clone(model._boosting), features, labels),
        model._bandwidths,
    )


def _fitted(model, features, labels):
    """The model fitted; where all labels are one kind, what always names that kind."""
    if len(np.unique(labels)) > 1:
        return model.fit(features, labels)
    from sklearn.dummy import DummyClassifier

    return DummyClassifier(strategy="prior").fit(features, labels)


def _described(past, kinds, bandwidths, seed):
    """What was known, whom it describes, and the counts around these: the last pair last."""
    pairs = []
    periods = sorted(past["period"].unique())
    if len(periods) > 1:
        for period in periods[1:]:
            before, now = past[past["period"] < period], past[past["period"] == period]
            refuse_leak(before, now)
            pairs.append((before, now))
    else:
        fold = np.random.default_rng(seed).permutation(len(past)) % FOLDS
        pairs = [(past[fold != each], past[fold == each]) for each in range(FOLDS)]
    features = len(bandwidths) * (len(kinds) + 1) + 2
    most = min(MOST_LEARNED, max(LEAST_LEARNED, BUDGET // (features * len(kinds))))
    share = most / sum(len(now) for _, now in pairs)
    if share < 1:
        rng = np.random.default_rng(seed)
        pairs = [(before, _part(now, share, rng)) for before, now in pairs]
    return [
        (before, now, neighbourhood_counts(now[["x", "y"]].to_numpy(), before, kinds, bandwidths))
        for before, now in pairs
    ]


def _part(events: pd.DataFrame, share: float, rng: np.random.Generator) -> pd.DataFrame:
    """A random part of the events, one at least, in their order."""
    number = max(1, int(share * len(events)))
    return events.iloc[np.sort(rng.permutation(len(events))[:number])]


def _training(described, kinds, bandwidths, neighbourhood):
    """Features, kinds, places and neighbourhood climatology of the events to learn from."""
    features, labels, places, climate = [], [], [], []
    for before, now, counts in described:
        known = codes(now["kind"], kinds)
        kept = known >= 0
        table = feature_table(counts, now, before, kinds, bandwidths)
        features.append(table.to_numpy()[kept])
        labels.append(known[kept])
        places.append(now[["x", "y"]].to_numpy()[kept])
        climate.append(_climate(counts, before, kinds, bandwidths, neighbourhood)[kept])
    return tuple(np.concatenate(part) for part in (features, labels, places, climate))


def _climate(counts, before, kinds, bandwidths, neighbourhood) -> np.ndarray:
    """Neighbourhood climatology from counts that are known already."""
    base = city_mix(last_period(before), kinds)
    return mixes(counts[bandwidths.index(neighbourhood.bandwidth)], base, neighbourhood.prior)


def _third(places: np.ndarray, seed: int) -> np.ndarray:
    """A third of the distinct places, all events of a place together."""
    sites, which = np.unique(places, axis=0, return_inverse=True)
    return (np.random.default_rng(seed).permutation(len(sites)) % 3 == 0)[which]


def _whole(model, features, kinds: int) -> np.ndarray:
    return _spread(model.predict_proba(features), model.classes_, kinds)


def _spread(given, classes, kinds: int) -> np.ndarray:
    """Columns for all kinds; one that a model never saw gets next to nothing."""
    full = np.full((len(given), kinds), 1e-6)
    full[:, classes] = np.maximum(given, 1e-6)
    return full / full.sum(axis=1, keepdims=True)


def _loss(given: np.ndarray, truth: np.ndarray) -> float:
    return float(-np.log(given[np.arange(len(truth)), truth]).mean())
