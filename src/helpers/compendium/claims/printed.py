"""Tables as the papers print them, put together from their claims."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from .files import claims_file
from .rows import published
from .rulebook import RuleError

if TYPE_CHECKING:
    import pandas as pd

CLAIM = re.compile(r"[A-Z]{3}-\d\d")


def printed_columns(path: Path | None = None) -> pd.DataFrame:
    """Printed columns of tables of plans, as ``data/raw/claims_tables.yml`` puts them together.

    Parameters
    ----------
    path
        Another such file.

    Returns
    -------
    pandas.DataFrame
        One row a column, by its name: field, method, and what is printed of it, as text with the
        decimals of the paper; what is not printed is missing.

    Raises
    ------
    RuleError
        A column speaks of a claim that is not there.
    """
    import pandas as pd

    text = (path or claims_file("claims_tables.yml")).read_text(encoding="utf-8")
    known = published().set_index("claim_id")["published"].to_dict()
    columns: dict[str, dict[str, Any]] = {}
    for name, entry in (yaml.safe_load(text) or {}).items():
        claims = [value for value in entry.values() if CLAIM.fullmatch(str(value))]
        if strange := [value for value in claims if value not in known]:
            raise RuleError(f"claims_tables.yml: {name} speaks of no claim: {', '.join(strange)}.")
        columns[name] = {key: known.get(str(value), value) for key, value in entry.items()}
    return pd.DataFrame.from_dict(columns, orient="index").rename_axis("column")
