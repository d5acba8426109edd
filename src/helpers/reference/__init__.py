"""The reference: pages that show every public function's docstring, made offline with Sphinx."""

from .build import MissingToolError, build_reference

__all__ = ["MissingToolError", "build_reference"]
