"""Run sections for cities: what can run, what is up to date, and the running itself."""

from .city_check import city_remarks, known_reasons
from .execute import Outcome, key_of, run
from .place import ClusterError
from .plan import Task, make_plan, parse_value

__all__ = [
    "ClusterError",
    "Outcome",
    "Task",
    "city_remarks",
    "key_of",
    "known_reasons",
    "make_plan",
    "parse_value",
    "run",
]
