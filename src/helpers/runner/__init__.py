"""Run sections for cities: what can run, what is up to date, and the running itself."""

from helpers.runner.cache import is_current, notebook_path
from helpers.runner.execute import BusyError, Outcome, city_remarks, only_one, run
from helpers.runner.plan import Task, make_plan, parse_value

__all__ = [
    "BusyError",
    "Outcome",
    "Task",
    "city_remarks",
    "is_current",
    "make_plan",
    "notebook_path",
    "only_one",
    "parse_value",
    "run",
]
