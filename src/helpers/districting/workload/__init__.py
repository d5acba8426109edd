"""Plans for the police: work is service and travel, and the call must be reached in time."""

from .model import Workload, police_table, workload_units
from .search import PolicePlan, police_plan

__all__ = ["PolicePlan", "Workload", "police_plan", "police_table", "workload_units"]
