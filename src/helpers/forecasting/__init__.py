"""Forecasting: kinds and numbers of crimes to come, their scores, their updating."""

from .baselines import (
    Neighbourhood,
    climatology,
    neighbourhood_climatology,
    recent_climatology,
    tune_neighbourhood,
)
from .cell_kinds import cell_mixes, expected_crimes
from .cells import (
    CellCounts,
    Cells,
    count_by_period,
    count_points,
    locate,
    make_cells,
    period_days,
    square_cells,
)
from .count_models import (
    BoostedModel,
    Choice,
    CountModel,
    CountSettings,
    choose_count_model,
    count_model,
    fit_count_models,
)
from .count_scores import (
    chosen_cells,
    hit_curve,
    hit_rates,
    pei_ceiling,
    pei_interval,
    poisson_deviance,
)
from .events import LeakageError, TimeSplit, event_table, refuse_leak, split_by_time
from .features import design_features, history_features, neighbourhood_counts, station_distances
from .learned import KindModel, fit_kind_model, forecast_kinds, update_kind_model
from .neighbours import (
    NeighbourCurve,
    forward_curve,
    neighbour_curve,
    neighbour_shares,
    shrink_shares,
)
from .network import Network, load_network, network_probabilities, save_network, train_network
from .recurrent import Recurrent, fit_recurrent
from .scores import (
    KindScores,
    by_kind,
    calibration,
    location_interval,
    score_kinds,
    skill,
)
from .self_exciting import SelfExciting, fit_self_exciting, simulate_self_exciting
from .truth import disc_shares
from .updating import Rolling, rolling, update

__all__ = [
    "BoostedModel",
    "CellCounts",
    "Cells",
    "Choice",
    "CountModel",
    "CountSettings",
    "KindModel",
    "KindScores",
    "LeakageError",
    "NeighbourCurve",
    "Neighbourhood",
    "Network",
    "Recurrent",
    "Rolling",
    "SelfExciting",
    "TimeSplit",
    "by_kind",
    "calibration",
    "cell_mixes",
    "choose_count_model",
    "chosen_cells",
    "climatology",
    "count_by_period",
    "count_model",
    "count_points",
    "design_features",
    "disc_shares",
    "event_table",
    "expected_crimes",
    "fit_count_models",
    "fit_kind_model",
    "fit_recurrent",
    "fit_self_exciting",
    "forecast_kinds",
    "forward_curve",
    "history_features",
    "hit_curve",
    "hit_rates",
    "load_network",
    "locate",
    "location_interval",
    "make_cells",
    "neighbour_curve",
    "neighbour_shares",
    "neighbourhood_climatology",
    "neighbourhood_counts",
    "network_probabilities",
    "pei_ceiling",
    "pei_interval",
    "period_days",
    "poisson_deviance",
    "recent_climatology",
    "refuse_leak",
    "rolling",
    "save_network",
    "score_kinds",
    "shrink_shares",
    "simulate_self_exciting",
    "skill",
    "split_by_time",
    "square_cells",
    "station_distances",
    "train_network",
    "tune_neighbourhood",
    "update",
    "update_kind_model",
]
