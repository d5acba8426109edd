"""How papermill executes a notebook when nobody looks at the file meanwhile."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from papermill.engines import NBClientEngine, NotebookExecutionManager


class EndSavingEngine(NBClientEngine):
    """Papermill's own engine, but the notebook is written when it ends, well or badly.

    Written before and after every cell, as papermill does, a notebook of many figures costs as
    much as a section or two of a run.
    """

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, **options: Any
    ) -> NotebookNode:
        """Execute without a place to save to; the base class saves once more at the end."""
        place, nb_man.output_path = nb_man.output_path, None
        try:
            return super().execute_managed_notebook(nb_man, kernel_name, **options)
        finally:
            nb_man.output_path = place
