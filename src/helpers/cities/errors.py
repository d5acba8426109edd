"""The error of a city that cannot be used as it is."""


class CityError(ValueError):
    """One sentence: which file, row and column of a city is wrong, and how to mend it."""
