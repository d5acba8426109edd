"""What people call the plans that section 23 keeps, wherever they are named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

__all__ = ["plan_title", "plan_titles"]

TODAY = re.compile(r"today(_stand_in)?(?:_(\d+)_changed)?$")
BALANCE, SHAPED = "_balance", "_balance_then_shape"


def plan_titles(names: Iterable[str], labels: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Title of each plan, as `plan_layers` takes what else is said of plans.

    Parameters
    ----------
    names : iterable of str
        From `kept_plans`.
    labels : dict
        Field → words.
    """
    return {name: {"title": plan_title(name, labels)} for name in names}


def plan_title(name: str, labels: Mapping[str, str]) -> str:
    """What people call a plan.

    Parameters
    ----------
    name : str
        From `kept_plans`; another stays, with blanks for its underscores.
    labels : dict
        Field → words.

    Examples
    --------
    >>> fields = {"events": "Crimes"}
    >>> plan_title("events_balance", fields), plan_title("events_balance_then_shape", fields)
    ('balance of Crimes', 'balance of Crimes, then shape')
    >>> plan_title("today_stand_in_5_changed", fields), plan_title("drawn_anew", fields)
    ("today's (stand-in), 5 zones moved", 'drawn anew, as many areas as today')
    """
    for end, rest in ((SHAPED, ", then shape"), (BALANCE, "")):
        if name.endswith(end) and name.removesuffix(end) in labels:
            return f"balance of {labels[name.removesuffix(end)]}{rest}"
    if name == "drawn_anew":
        return "drawn anew, as many areas as today"
    today = TODAY.match(name)
    if today is None:
        return name.replace("_", " ")
    moved = int(today[2] or 0)
    rest = f", {moved} {'zone' if moved == 1 else 'zones'} moved" if moved else ""
    return f"today's{' (stand-in)' if today[1] else ''}{rest}"
