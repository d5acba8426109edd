"""The error of a file that cannot be read."""


class SourceError(ValueError):
    """One sentence: which file, where in it, what is wrong, how to mend it."""
