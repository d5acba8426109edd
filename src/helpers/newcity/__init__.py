"""A city made from the files that a portal or a police force publishes."""

from .attaching import ATTACHED, attach
from .choices import Choices, Question, Said
from .commands import check, new_city
from .downloads import brought
from .draft import Draft, make_draft
from .errors import NewCityError

__all__ = [
    "ATTACHED",
    "Choices",
    "Draft",
    "NewCityError",
    "Question",
    "Said",
    "attach",
    "brought",
    "check",
    "make_draft",
    "new_city",
]
