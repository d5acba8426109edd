"""What new-city refuses: a sentence that names file, row, column and mend."""

from __future__ import annotations


class NewCityError(Exception):
    """Files from which no city can be made as they are; the message says how to mend them."""
