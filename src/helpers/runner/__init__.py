"""Run sections for cities: what can run, what is up to date, and the running itself."""

from helpers.runner.cache import is_current
from helpers.runner.execute import Outcome, run
from helpers.runner.plan import Task, make_plan

__all__ = ["Outcome", "Task", "is_current", "make_plan", "run"]
