"""A city made from the files that a portal or a police force publishes."""

from .choices import Choices, Question
from .commands import ATTACHED, attach, check, new_city
from .downloads import brought
from .draft import Draft, make_draft
from .errors import NewCityError

__all__ = [
    "ATTACHED",
    "Choices",
    "Draft",
    "NewCityError",
    "Question",
    "attach",
    "brought",
    "check",
    "make_draft",
    "new_city",
]
