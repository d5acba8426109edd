"""Columns of tables as people see them: label, unit and format by the name that files keep."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from helpers.checks import per_cent, with_minus

from .numerals import LEAST_P, is_least_p, p_cell, table_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd
    from pandas.io.formats.style import Styler

ABSENT = "–"
MOST_ROWS = 40


@dataclass(frozen=True)
class Column:
    """How a column is shown.

    Attributes
    ----------
    label
        Its heading, without the unit.
    unit
        What its numbers are in, or an empty string.
    form
        ``"text"``, ``"whole"``, ``"digits"`` (the four that matter), ``"scientific"``,
        ``"fixed1"`` to ``"fixed5"``, ``"p"`` for p values, or ``"percent"``, ``"percent1"`` …
        ``"percent3"`` for shares.
    draws
        Of a p value: the column with the number of simulations or permutations behind it. Where
        the table has it, the least p that they can give is shown as "≤".
    tests
        Of a p value adjusted by Holm's steps or Bonferroni's: the column with the number of tests
        that it is adjusted for. The least that it can be is so many times the least p.
    names
        Of values that are names in the code: how people write them. Files keep the code's.
    """

    label: str
    unit: str = ""
    form: str = "digits"
    draws: str = ""
    tests: str = ""
    names: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def heading(self) -> str:
        """Label and unit."""
        return f"{self.label}, {self.unit}" if self.unit else self.label


# What the code calls by a short name, as the sections write it.
RULES = {
    "scott_iso": "Scott, one width",
    "diggle": "Diggle",
    "ppl": "likelihood (ppl)",
    "cvl": "Cronie and van Lieshout (cvl)",
}
EDGES = {"diggle": "Diggle"}
CORRECTIONS = {
    "raw": "none",
    "km": "Kaplan-Meier",
    "hanisch": "Hanisch",
    "chiu_stoyan": "Chiu-Stoyan",
}

# One group a folder of methods; a name means the same wherever it stands.
EVERYWHERE = {
    "city": Column("City", form="text"),
    "kind": Column("Kind", form="text"),
    "year": Column("Year", form="text"),
    "month": Column("Month", form="text"),
    "period": Column("Period", form="text"),
    "zone": Column("Zone", form="text"),
    "method": Column("Method", form="text"),
    "objective": Column("Objective", form="text"),
    "quantity": Column("Quantity", form="text"),
    "value": Column("Value"),
    "n": Column("n", form="whole"),
    "low": Column("From"),
    "high": Column("To"),
    "seconds": Column("Time", "s", "fixed2"),
    "share": Column("Share", form="percent1"),
    "proven": Column("Proven", form="text"),
    "gap": Column("Gap", form="scientific"),
}
MAP_SYMBOLS = {
    "image": Column("Image", form="text"),
    "background": Column("Background", form="text"),
    "adjusted": Column("Adjusted on it", form="text"),
    "threshold": Column("Threshold", form="fixed2"),
    "crowding": Column("Touching neighbours", form="fixed2"),
    "symbols": Column("Symbols", form="whole"),
    "places": Column("Different places", form="whole"),
    "found": Column("Found", form="whole"),
    "matched": Column("Located", form="whole"),
    "places_matched": Column("Places located", form="whole"),
    "recall_places": Column("Recall of places", form="percent1"),
    "f1": Column("F1", form="fixed3"),
    "least_f1": Column("Least F1 of a layer", form="fixed3"),
    "error_px": Column("Mean error", "px", "fixed2"),
    "rms_error_px": Column("RMS error", "px", "fixed2"),
    "error_m": Column("Mean error", "m", "fixed2"),
    "rms_m": Column("RMS of control points", "m", "fixed2"),
    "correlation": Column("Correlation", form="fixed3"),
    "mean_correlation": Column("Mean correlation", form="fixed3"),
    "visible": Column("Share that shows", form="percent"),
    "remark": Column("Remark", form="text"),
    "time": Column("Time", form="text"),
    "metres_per_pixel": Column("Metres a pixel", "m", "fixed2"),
    "template_px": Column("Template", "px", "whole"),
    "control_points": Column("Control points", form="whole"),
}
PATTERNS: dict[str, Column] = {
    # exploration
    "total": Column("Total"),
    "pattern": Column("Pattern", form="text"),
    "points": Column("Points", form="whole"),
    "x2": Column("X²", form="fixed1"),
    "df": Column("Degrees of freedom", form="whole"),
    "log10_p": Column("log10 p", form="fixed1"),
    "variance_mean_ratio": Column("Variance / mean", form="fixed1"),
    "tiles_beyond_3": Column("Tiles beyond ±3", form="whole"),
    "tiles_under_5": Column("Tiles that expect under 5", form="whole"),
    "rule": Column("Rule", form="text", names=RULES),
    "all_events_m": Column("All events", "m", "whole"),
    "some_events_m": Column("Sample of the events", "m", "whole"),
    "some_places_m": Column("Sample of the places", "m", "whole"),
    "edge_correction": Column("Edge correction", form="text", names=EDGES),
    "integral": Column("Integral of the estimate", form="fixed1"),
    "events": Column("Events", form="whole"),
    "covariate": Column("Covariate", form="text"),
    "repeats": Column("Repeats", form="whole"),
    "d": Column("D", form="fixed3"),
    "enough": Column("Events enough at 5 %", form="whole"),
    "d_x": Column("D along x", form="fixed3"),
    "d_y": Column("D along y", form="fixed3"),
    "d_distance": Column("D by distance", form="fixed3"),
    "d_least": Column("Least D at 5 % in all", form="fixed3"),
    "p_drawn": Column("p, drawn places", form="p", draws="patterns_drawn"),
    "patterns_drawn": Column("Drawn patterns", form="whole"),
    "tests_together": Column("Tests together", form="whole"),
    "cycle": Column("Cycle", form="text"),
    "busiest": Column("Busiest", form="whole"),
    "rate_most": Column("Its rate over the mean", form="fixed2"),
    "quietest": Column("Quietest", form="whole"),
    "rate_least": Column("Its rate over the mean", form="fixed2"),
    "dispersion": Column("Dispersion", form="fixed2"),
    "p_one_rate": Column("p of one rate", form="p"),
    "space": Column("Metres apart", form="text"),
    "expected_pairs": Column("Expected", form="fixed1"),
    "p_cell": Column("p of the cell", form="p", draws="permutations"),
    "p_family": Column("p beside all cells", form="p", draws="permutations"),
    "permutations": Column("Permutations", form="whole"),
    "surely": Column("Stands out", form="text"),
    "events_before": Column("Events before", form="whole"),
    "events_after": Column("Events after", form="whole"),
    "rows_before": Column("Rows before", form="whole"),
    "rows_after": Column("Rows after", form="whole"),
    "beyond": Column("Change beyond the others", form="fixed2"),
    "at_least": Column("Surely beyond", form="fixed2"),
    "p_beyond": Column("p beside all areas", form="p"),
    "changed": Column("Changed", form="text"),
    "hot_periods": Column("Hot quarters", form="whole"),
    "cold_periods": Column("Cold quarters", form="whole"),
    "trend_p": Column("p of the trend", form="p"),
    # clustering
    "function": Column("Function", form="text"),
    "correction": Column("Correction", form="text", names=CORRECTIONS),
    "above_csr": Column("Above CSR", form="percent1"),
    "below_csr": Column("Below CSR", form="percent1"),
    "p_global": Column("p, global test", form="p", draws="simulations"),
    "simulations": Column("Simulations", form="whole"),
    "p_g": Column("p of G", form="p", draws="simulations_g"),
    "p_f": Column("p of F", form="p", draws="simulations_f"),
    "p_l": Column("p of L", form="p", draws="simulations_l"),
    "simulations_g": Column("Simulations, G", form="whole"),
    "simulations_f": Column("Simulations, F", form="whole"),
    "simulations_l": Column("Simulations, L", form="whole"),
    "process": Column("Process", form="text"),
    "reach_m": Column("Reach", "m", "whole"),
    "scale_m": Column("R or σ", "m", "whole"),
    "parents_per_km2": Column("Parents per km²"),
    "events_per_cluster": Column("Points per cluster"),
    "p_random": Column("p, random points", form="p", draws="patterns_random"),
    "patterns_random": Column("Random patterns", form="whole"),
    "contrast": Column("Contrast, CSR = 1"),
    "identifiable": Column("Identifiable", form="text"),
    "why_not": Column("Why not", form="text"),
    "expected_in_eps": Column("λπ eps²", form="fixed1"),
    "seen_in_eps": Column("Seen within eps", form="fixed1"),
    "min_samples_fixed": Column("min_samples, fixed", form="whole"),
    "ratio_fixed": Column("Ratio, fixed", form="fixed2"),
    "clusters_fixed": Column("Clusters, fixed", form="whole"),
    "largest_fixed": Column("In the largest, fixed", form="percent1"),
    "alone_fixed": Column("In none, fixed", form="percent1"),
    "min_samples_rule": Column("min_samples, rule", form="whole"),
    "ratio_rule": Column("Ratio, rule", form="fixed2"),
    "clusters_rule": Column("Clusters, rule", form="whole"),
    "largest_rule": Column("In the largest, rule", form="percent1"),
    "alone_rule": Column("In none, rule", form="percent1"),
    "clusters_hdbscan": Column("Clusters, HDBSCAN", form="whole"),
    "alone_hdbscan": Column("In none, HDBSCAN", form="percent1"),
    "rand_index": Column("Rand index, rule and HDBSCAN", form="fixed3"),
    "cluster": Column("Cluster", form="whole"),
    "size": Column("Size"),
    "locations": Column("Places", form="whole"),
    "hull_area_m2": Column("Hull in the window", "m²", "whole"),
    "density_per_m2": Column("Events per m²", form="scientific"),
    "eps_m": Column("eps", "m", "whole"),
    "radius_m": Column("Own R", "m", "whole"),
    "clusters_pooled": Column("Clusters, all years and one R", form="whole"),
    "largest_pooled": Column("In the largest, all years and one R", form="percent1"),
    "ratio": Column("Ratio"),
    "clusters": Column("Clusters", form="whole"),
    "largest": Column("In the largest", form="percent1"),
}
FORECASTING: dict[str, Column] = {
    # kinds
    "forecast": Column("Forecast", form="text"),
    "neighbours": Column("Neighbours", form="whole"),
    "accuracy": Column("Right", form="percent1"),
    "standard_error": Column("Standard error", form="fixed4"),
    "epoch": Column("Epoch", form="whole"),
    "loss": Column("Cross-entropy", form="fixed4"),
    "validation_loss": Column("Cross-entropy, held out", form="fixed4"),
    "validation_accuracy": Column("Right, held out", form="percent1"),
    "log_loss": Column("Log loss", form="fixed3"),
    "brier": Column("Brier score", form="fixed3"),
    "above_majority": Column("Above majority", form="percent1"),
    "skill": Column("Skill", form="percent1"),
    "accuracy_low": Column("Right, from", form="percent1"),
    "accuracy_high": Column("Right, to", form="percent1"),
    "above_majority_low": Column("Above majority, from", form="percent1"),
    "above_majority_high": Column("Above majority, to", form="percent1"),
    "skill_low": Column("Skill, from", form="percent1"),
    "skill_high": Column("Skill, to", form="percent1"),
    "group": Column("Group", form="whole"),
    "given": Column("Probability given", form="fixed4"),
    "number": Column("Number", form="whole"),
    "answered": Column("Times named", form="whole"),
    "precision": Column("Precision", form="percent1"),
    "recall": Column("Recall", form="percent1"),
    "share_given": Column("Mean probability given", form="percent1"),
    "layer": Column("Layer", form="text"),
    "layer_units": Column("Units", form="whole"),
    "activation": Column("Activation", form="text"),
    "layer_weights": Column("Weights", form="whole"),
    # counts
    "from_m": Column("From", "m", "whole"),
    "to_m": Column("To", "m", "whole"),
    "triggered": Column("Triggered by a thousand", form="fixed2"),
    "about": Column("Share of all there", form="percent2"),
    "months": Column("Months", form="whole"),
    "better": Column("Months better", form="whole"),
    "deviance_difference": Column("Difference", form="fixed5"),
    "p_holm": Column("p after Holm", form="p", draws="patterns_drawn", tests="tests_together"),
    "shift": Column("Shift", form="text"),
    "when": Column("Days and hours", form="text"),
    "hours": Column("Hours", form="whole"),
    "per_100_hours": Column("In 100 hours", form="fixed1"),
    "cell": Column("Cell", form="whole"),
    "model": Column("Model", form="text"),
    "deviance": Column("Deviance", form="fixed4"),
    "hits": Column("Crimes in 5\xa0% of the cells", form="percent1"),
    "deviance_from_truth": Column("Deviance from the truth", form="fixed4"),
    "column": Column("Column", form="whole"),
    "row": Column("Row", form="whole"),
    "x": Column("x", "m", "whole"),
    "crs_of_x_y": Column("System of x and y", form="text"),
    "y": Column("y", "m", "whole"),
    "happened": Column("Happened"),
    **{
        f"{score}_{share}{end}": Column(f"{label} at {share}\xa0%{words}", form="fixed3")
        for share in (1, 5, 10)
        for score, label, end, words in (
            ("pai", "PAI", "", ""),
            ("pei", "PEI", "", ""),
            ("lead", "Lead", "", ""),
            ("lead", "Lead", "_low", ", from"),
            ("lead", "Lead", "_high", ", to"),
        )
    },
}
DISTRICTING = {
    "field": Column("Field", form="text"),
    "count": Column("Zones", form="whole"),
    "sum": Column("Sum"),
    "mean": Column("Mean"),
    "median": Column("Median"),
    "min": Column("Least"),
    "max": Column("Greatest"),
    "largest_tenth_share": Column("Held by the largest tenth", form="percent"),
    "status": Column("Status of the figure", form="text"),
    "definition": Column("Neighbours", form="text"),
    "pairs": Column("Pairs", form="whole"),
    "separate_parts": Column("Separate parts", form="whole"),
    "name": Column("Name", form="text"),
    "members": Column("Zones in the sum", form="whole"),
    "local_mean": Column("Local mean"),
    "z": Column("z", form="fixed2"),
    "p": Column("p", form="p"),
    "class": Column("Class", form="text"),
    "test": Column("Test", form="text"),
    "hot_95": Column("Hot at 95 %", form="whole"),
    "cold_95": Column("Cold at 95 %", form="whole"),
    "same_as_map": Column("Same class as on the map", form="percent"),
    "band_km": Column("Band", "km", "fixed1"),
    "hot": Column("Hot spots", form="whole"),
    "cold": Column("Cold spots", form="whole"),
    "hot_outside": Column("Hot outside the part", form="whole"),
    "coldest": Column("Coldest spot", form="text"),
    "not_hot": Column("Not hot inside it", form="whole"),
    "left_out": Column("Which", form="text"),
    "lag": Column("Mean z around it", form="fixed2"),
    "area": Column("Area", form="text"),
    "units": Column("Zones", form="whole"),
    "population": Column("Holds"),
    "amount": Column("Holds"),
    "difference": Column("Difference"),
    "area_km2": Column("Area", "km²"),
    "perimeter_km": Column("Perimeter", "km"),
    "compactness": Column("Compactness"),
    "names": Column("Names", form="text"),
    "unit": Column("Square", form="text"),
    "from_area": Column("From area", form="text"),
    "to_area": Column("To area", form="text"),
    "contiguous": Column("Stays in one piece", form="text"),
    "change": Column("Change of (1)"),
    "probability": Column("Probability", form="fixed2"),
    "contacts": Column("Contacts", form="text"),
    "estuary_borders": Column("Estuary borders", form="text"),
    "best_eq1": Column("Best (1) found"),
    "bound_eq1": Column("Bound of (1)"),
    "eq1": Column("(1)"),
    "eq2": Column("(2)", "km"),
    "eq4": Column("(4)"),
    "eq1_share": Column("(1), share of the total", form="percent2"),
    "generations": Column("Generations", form="whole"),
    "crossover": Column("Crossover", form="percent1"),
    "mutation": Column("Mutation", form="percent1"),
    "polsby_popper": Column("Polsby–Popper", form="fixed2"),
    "reock": Column("Reock", form="fixed2"),
    "moment_of_inertia": Column("Moment of inertia", form="fixed2"),
    "choice": Column("What is changed", form="text"),
    "least": Column("Least"),
    "greatest": Column("Greatest"),
    "stagnation": Column("Last generation that improves", form="whole"),
    "distinct": Column("Different centre sets", form="percent"),
    "plan": Column("Plan", form="text"),
    "among": Column("Bound and proof among", form="text"),
    "most_moved": Column("May change", "zones", "whole"),
    "zones_moved": Column("Zones moved", form="whole"),
    "residents_moved": Column("Residents moved", form="percent1"),
    "largest_area": Column("Largest area, equal shares", form="fixed2"),
    "smallest_area": Column("Smallest area, equal shares", form="fixed2"),
    "travel_km": Column("Mean distance to the middle", "km", "fixed2"),
    "measure": Column("Measure", form="text"),
    "below": Column("Random plans below", form="percent1"),
    "effective": Column("Effective size", form="whole"),
    "calls": Column("Calls", form="whole"),
    "service_minutes": Column("Service of a call", "min", "digits"),
    "service_hours": Column("Service", "h", "whole"),
    "work_off": Column("Work out of balance", form="percent1"),
    "largest_work": Column("Most work, equal shares", form="fixed2"),
    "smallest_work": Column("Least work, equal shares", form="fixed2"),
    "travel_share": Column("Travel in the work", form="percent1"),
    "response_minutes": Column("Mean travel to a call", "min", "fixed2"),
    "late_share": Column("Calls beyond the standard", form="percent1"),
    "farthest_minutes": Column("Farthest zone with a call", "min", "fixed1"),
    "mean_polsby_popper": Column("Mean Polsby–Popper", form="fixed2"),
    "mean_reock": Column("Mean Reock", form="fixed2"),
    "mean_moment_of_inertia": Column("Mean moment of inertia", form="fixed2"),
    "pieces": Column("Pieces on the ground", form="whole"),
    "detached_share": Column("Outside the largest piece", form="percent1"),
    "areas_in_pieces": Column("Areas in several pieces", form="whole"),
    "closed_form_bound": Column("Bound that costs nothing"),
    "bound": Column("Bound"),
    "gap_share": Column("Gap", form="percent1"),
    "best_plan": Column("Best plan"),
    "best_share": Column("Of the total", form="percent2"),
    "best": Column("Best"),
    "worst": Column("Worst"),
    "seeds": Column("Seeds", form="whole"),
    "median_over_optimum": Column("Median over optimum", form="fixed3"),
    "optimal_seeds": Column("Seeds that met the optimum", form="whole"),
    "median_share": Column("Median, of the total", form="percent2"),
    "statistic": Column("Statistic", form="text"),
    "printed": Column("Published"),
    "of_best_plan": Column("Best plan of all"),
    "what": Column("What", form="text"),
    "zones": Column("Zones", form="text"),
    "of": Column("How many", form="whole"),
    "by_chance": Column("By chance", form="fixed2"),
    "of_the_runs": Column("Of the runs", form="text"),
    "engine": Column("Engine", form="text"),
    "average": Column("Average"),
    "standard_deviation": Column("Standard deviation"),
    "minimum": Column("Smallest"),
    "maximum": Column("Largest"),
    "population_difference": Column("Sum of differences"),
    "eq3": Column("(3)"),
}
LOCATION = {
    "grid": Column("Grid", form="text"),
    "crime_metres": Column("Cost", "crime-metres", "whole"),
    "bound_crime_metres": Column("Bound", "crime-metres", "whole"),
    "above_optimum": Column("Above the optimum", form="percent2"),
    "mean_m": Column("Mean distance", "m", "whole"),
    "longest_m": Column("Longest way", "m", "whole"),
    "one_within_radius": Column("One post within the radius", form="percent1"),
    "two_within_radius": Column("Two posts within the radius", form="percent1"),
    "patrol": Column("Patrol", form="text"),
    "patrols": Column("Patrols", form="whole"),
    "node": Column("Node", form="text"),
    "lon": Column("Longitude", "°", "fixed4"),
    "lat": Column("Latitude", "°", "fixed4"),
    "expected": Column("Expected crimes", form="whole"),
    "exact_m": Column("Exact plan", "m", "whole"),
    "kmeans_m": Column("K-means", "m", "whole"),
    "today_m": Column("Posts of today", "m", "whole"),
    "own_m": Column("Plan of the shift", "m", "whole"),
    "fixed_m": Column("Posts of the whole day", "m", "whole"),
    "costs": Column("Longer by", form="percent1"),
    "stay": Column("Posts that stay", form="whole"),
    "moved_m": Column("Way to the next post", "m", "whole"),
    "low_m": Column("Low", "m", "whole"),
    "high_m": Column("High", "m", "whole"),
    "saving": Column("Saving", form="percent1"),
    "saving_low": Column("Saving, low", form="percent1"),
    "saving_high": Column("Saving, high", form="percent1"),
    "utilisation": Column("Utilisation", form="percent1"),
    "waits": Column("Share that waits", form="percent1"),
    "waits_low": Column("Waits, low", form="percent1"),
    "waits_high": Column("Waits, high", form="percent1"),
    "erlang_c": Column("Erlang C", form="percent1"),
    "nearest_m": Column("Nearest post", "m", "whole"),
    "answering_m": Column("Answering patrol", "m", "whole"),
    "hypercube_m": Column("Answering patrol, hypercube", "m", "whole"),
    "p50_min": Column("50 % within", "min", "fixed1"),
    "p80_min": Column("80 % within", "min", "fixed1"),
    "p90_min": Column("90 % within", "min", "fixed1"),
    "p95_min": Column("95 % within", "min", "fixed1"),
    "in_time": Column("In time", form="percent1"),
    "in_time_low": Column("In time, low", form="percent1"),
    "in_time_high": Column("In time, high", form="percent1"),
    "mexclp": Column("Free within reach", form="percent1"),
    "wait_min": Column("Wait, one class (Erlang C)", "min", "fixed2"),
    "urgent_min": Column("Urgent, simulated", "min", "fixed2"),
    "urgent_low": Column("From", "min", "fixed2"),
    "urgent_high": Column("To", "min", "fixed2"),
    "urgent_cobham": Column("Urgent, Cobham", "min", "fixed2"),
    "others_min": Column("Others, simulated", "min", "fixed2"),
    "others_low": Column("From", "min", "fixed2"),
    "others_high": Column("To", "min", "fixed2"),
    "others_cobham": Column("Others, Cobham", "min", "fixed2"),
}
# The same of ways in minutes.
IN_MINUTES = {
    name.removesuffix("_m") + "_min": Column(column.label, "min", "fixed2")
    for name, column in LOCATION.items()
    if name.endswith("_m")
} | {
    "crime_minutes": Column("Cost", "crime-minutes", "whole"),
    "bound_crime_minutes": Column("Bound", "crime-minutes", "whole"),
}
PRIORITIES: dict[str, Column] = {
    "criterion": Column("Criterion", form="text"),
    "label": Column("Label", form="text"),
    "measured_in": Column("Unit", form="text"),
    "direction": Column("Direction", form="text"),
    "simulated": Column("Simulated", form="text"),
    "mean_ratio": Column("Mean ratio"),
    "fewest_zone": Column("Zone of fewest events", form="text"),
    "fewest_events": Column("Fewest events", form="whole"),
    "raw_ratio": Column("As counted"),
    "own_weight": Column("Weight of its own", form="fixed2"),
    "steadied": Column("Estimate"),
    "place": Column("Place", form="whole"),
    "exact": Column("Weight as a fraction", form="text"),
    "weight": Column("Weight", form="fixed4"),
    "rank": Column("Rank", form="whole"),
    "position": Column("Position", form="whole"),
    "score": Column("Score", form="fixed4"),
    "alone": Column("Class by one criterion", form="text"),
    "move": Column("Move", "classes", "whole"),
    "tau_ranks": Column("Kendall's tau-b of the ranks", form="fixed2"),
    "tau_classes": Column("Kendall's tau-b of the classes", form="fixed2"),
    "same_class": Column("Same class", form="percent"),
    "two_or_more_off": Column("Two classes off or more", form="percent"),
    "border": Column("Border", form="text"),
    "lead": Column("Lead of the border", form="fixed2"),
    "concordance": Column("Weight in favour", form="fixed2"),
    "credibility": Column("Credibility", form="fixed2"),
    "weights": Column("Weights", form="text"),
    "indicator": Column("Indicator", form="text"),
    "roc": Column("ROC weight", form="fixed4"),
    "error": Column("Standard error", form="fixed5"),
    "q05": Column("5\xa0% point", form="fixed4"),
    "q50": Column("Median", form="fixed4"),
    "q95": Column("95\xa0% point", form="fixed4"),
    "first": Column("Share of first ranks", form="fixed3"),
    "first_error": Column("± (first ranks)", form="fixed3"),
    "expected_rank": Column("Expected rank", form="fixed1"),
    "expected_rank_error": Column("± (expected rank)", form="fixed3"),
    "confidence": Column("Confidence factor", form="fixed2"),
    "segment": Column("Class", form="text"),
    "segment_stability": Column("Stability of the class", form="fixed3"),
    "segment_stability_error": Column("± (stability)", form="fixed3"),
}
CERTAIN = {
    "best_rank": Column("Best rank", form="whole"),
    "worst_rank": Column("Worst rank", form="whole"),
    "attained": Column("Attained", form="text"),
    "swing_of": Column("Swing of", form="text"),
    "against": Column("against that of", form="text"),
    "times": Column("Times", form="fixed1"),
    "decided_yes": Column("Pairs decided by yes", form="whole"),
    "decided_no": Column("Pairs decided by no", form="whole"),
    "gained": Column("Added at least", form="whole"),
    "formula": Column("Formula", form="text"),
    "example": Column("Example", form="text"),
    "income": Column("Income a head", "PPP US$", "whole"),
    "index": Column("Index", form="fixed3"),
    "gini": Column("Gini index", form="fixed3"),
}
LEDGER = {
    "title": Column("Title", form="text"),
    "needs": Column("Needs", form="text"),
    "after": Column("After", form="text"),
    "claim_id": Column("Claim", form="text"),
    "paper": Column("Paper", form="text"),
    "section": Column("Section", form="text"),
    "exhibit": Column("Exhibit", form="text"),
    "published": Column("Published, as a number", form="text"),
    "reading": Column("Read how", form="text"),
    "evidence": Column("Rests on", form="text"),
    "stated": Column("Total stated", form="text"),
    "fits": Column("Average is that of the total", form="text"),
    "refused": Column("Cannot be", form="text"),
    "totals": Column("Totals possible", form="text"),
    "above": Column("Areas above the mean", form="text"),
    "held": Column("Which hold", form="text"),
    "reasons": Column("What refuses others", form="text"),
    "shows": Column("Shows", form="text"),
    "output": Column("Figure or table here", form="text"),
    "file": Column("File", form="text"),
    "claims": Column("Claims", form="text"),
    "towns": Column("Towns with real data", form="text"),
    "also": Column("Claims besides", form="text"),
    "page": Column("Kind of page", form="text"),
    "verdicts": Column("Verdicts", form="text"),
    "reproduced": Column("Computed here", form="text"),
    "verdict": Column("Verdict", form="text"),
    "meaning": Column("Meaning", form="text"),
    "tolerance": Column("How near counts", form="text"),
    "notebook": Column("Notebook", form="text"),
    "note": Column("Note", form="text"),
    "caveat": Column("Not to be read without", form="text"),
    "table_row": Column("Row", form="text"),
    "table_column": Column("Column", form="text"),
    "briefly": Column("The same in few words", form="text"),
    "estimated": Column("Estimated", form="text"),
    "elsewhere": Column("Elsewhere", form="text"),
    "unshown": Column("Why nothing shows it", form="text"),
}
GROUPS = (
    EVERYWHERE,
    MAP_SYMBOLS,
    PATTERNS,
    FORECASTING,
    LOCATION,
    IN_MINUTES,
    DISTRICTING,
    PRIORITIES,
    CERTAIN,
    LEDGER,
)


def column(name: object) -> Column | None:
    """How a column is shown, or None where its name comes from the data (a kind, a year)."""
    return next((group[name] for group in GROUPS if isinstance(name, str) and name in group), None)


def heading(name: object) -> str:
    """What stands over a column.

    Examples
    --------
    >>> heading("seconds"), heading("Burglary"), heading(2024)
    ('Time, s', 'Burglary', '2024')
    """
    known = column(name)
    return known.heading if known else "" if name is None else str(name)


def written(value: Any, form: str = "digits") -> str:
    """One cell as text.

    Examples
    --------
    >>> [written(x, "whole") for x in (1234.5, None)], written(0.123, "percent1"), written(True)
    (['1,234', '–'], '12.3\\xa0%', 'yes')
    >>> written(0.00001234, "scientific"), written(2.5, "fixed2"), written("a")
    ('1.2e-05', '2.50', 'a')
    """
    if isinstance(value, list | tuple | set):
        return "; ".join(written(item, form) for item in value)
    if _is_absent(value):
        return ABSENT
    if type(value).__name__ in ("bool", "bool_"):
        return "yes" if value else "no"
    if isinstance(value, str) or form == "text" or not _is_number(value):
        return str(value)
    return _numeral(float(value), form)


def _is_absent(value: Any) -> bool:
    try:
        return value is None or bool(value != value)
    except TypeError:
        # pandas' own word for what is missing has no truth
        return True


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return not hasattr(value, "isoformat")


def _numeral(value: float, form: str) -> str:
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if form == "p":
        return p_cell(value)
    if form == "scientific":
        return "0" if value == 0 else with_minus(f"{value:.1e}")
    if form == "whole":
        return with_minus(f"{value:,.0f}")
    if form.startswith("fixed"):
        return with_minus(f"{value:,.{int(form[5:])}f}")
    if form.startswith("percent"):
        return per_cent(value, int(form[7:] or 0))
    return table_number(value)


def styled(
    frame: pd.DataFrame, name: str = "table", headings: Mapping[Any, str] | None = None
) -> Styler:
    """A table as people see it: headings, units and formats of its columns; the frame is kept.

    Parameters
    ----------
    frame : pandas.DataFrame
        Column and index names as files keep them.
    name
        Of the table, for the marks inside its HTML.
    headings
        Of columns whose names come from the data (a criterion, a class): they mean what is said
        here, even where a column of every table has the same name.
    """
    import pandas as pd

    own = headings or {}

    shown = frame.reset_index() if frame.index.names != [None] else frame
    texts = {
        place: [
            written(named.get(value, value) if isinstance(value, str) else value, form)
            for value in shown.iloc[:, place]
        ]
        for place, label in enumerate(shown.columns)
        for form in [_form(label, shown.iloc[:, place], label in own)]
        for named in [_names(label, label in own)]
    }
    for place, (draws, tests) in _drawn(shown, own).items():
        of_each = zip(shown.iloc[:, place], draws, tests, strict=True)
        least = [is_least_p(p, s, m) for p, s, m in of_each]
        texts[place] = [f"≤ {t}" if at else t for t, at in zip(texts[place], least, strict=True)]
    # pandas takes a heading for a format string
    heads = [own[label] if label in own else _heading(label) for label in shown.columns]
    labels = [head.replace("{", "{{").replace("}", "}}") for head in heads]
    numeric = [pd.api.types.is_numeric_dtype(shown.iloc[:, place].dtype) for place in texts]
    written_out = pd.DataFrame(texts)
    styler = written_out.style.hide(axis="index").relabel_index(labels, axis="columns")
    sides = ["right" if number else "left" for number in numeric]
    styler = styler.set_table_styles(
        [
            {"selector": f".col{place}", "props": f"text-align: {side}"}
            for place, side in enumerate(sides)
        ]
    )
    styler.set_uuid(name)
    styler.cell_ids = False
    return styler


def p_columns(frame: pd.DataFrame, own: Iterable[Any] = ()) -> list[str]:
    """Names of the columns that hold p values; those in `own` are names of the data."""
    known = {name: column(name) for name in frame.columns if name not in own}
    return [name for name, one in known.items() if one and one.form == "p"]


def without_nought(frame: pd.DataFrame, own: Iterable[Any] = ()) -> pd.DataFrame:
    """A table whose p values are above nought: what is too small a number is written as `LEAST_P`.

    Examples
    --------
    >>> import pandas as pd
    >>> without_nought(pd.DataFrame({"p": [0.0, 0.5], "share": [0.0, 0.5]})).to_numpy().tolist()
    [[1e-300, 0.0], [0.5, 0.5]]
    """
    names = [name for name in p_columns(frame, own) if (frame[name] == 0).any()]
    if not names:
        return frame
    return frame.assign(**{name: frame[name].mask(frame[name] == 0, LEAST_P) for name in names})


def _drawn(shown: pd.DataFrame, own: Mapping[Any, str]) -> dict[int, tuple[Any, Any]]:
    """Place of each p value whose number of simulations the table has, with these and the tests."""
    known = {at: column(name) for at, name in enumerate(shown.columns) if name not in own}
    return {
        at: (shown[one.draws], shown[one.tests] if one.tests else [1] * len(shown))
        for at, one in known.items()
        if one and {one.draws, one.tests or one.draws} <= {*shown.columns}
    }


def _heading(label: object) -> str:
    return (
        " · ".join(heading(part) for part in label) if isinstance(label, tuple) else heading(label)
    )


def _names(label: object, from_data: bool) -> Mapping[str, str]:
    known = column(label[-1] if isinstance(label, tuple) else label)
    return known.names if known and not from_data else {}


def _form(label: object, values: pd.Series, from_data: bool = False) -> str:
    known = column(label[-1] if isinstance(label, tuple) else label)
    if known and not from_data:
        return known.form
    return "whole" if values.dtype.kind in "iu" else "digits"
