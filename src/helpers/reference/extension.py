"""An extension of Sphinx: formulas as MathML, names of parameters as code, no network."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from helpers.report import to_mathml

HERE = Path(__file__).parent
RENDERER = "mathml"
LOG = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, Any]:
    """Give Sphinx the renderer, the theme and the handling of parameters' names."""
    app.add_html_math_renderer(
        RENDERER, inline_renderers=(_inline, None), block_renderers=(_block, None)
    )
    app.add_html_theme("reference", str(HERE / "theme"))
    app.connect("autodoc-process-docstring", _mark_parameters, priority=100)
    app.connect("autodoc-process-signature", _without_fields, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def _inline(self: Any, node: nodes.math) -> None:
    self.body.append(_converted(node.astext(), node, display=False))
    raise nodes.SkipNode


def _block(self: Any, node: nodes.math_block) -> None:
    shown = _converted(_equations(node.astext()), node, display=True)
    self.body.append(
        f'<div class="formula" tabindex="0" role="group" aria-label="Formula">{shown}</div>\n'
    )
    raise nodes.SkipNode


def _equations(tex: str) -> str:
    """Several equations, which Sphinx takes apart at blank lines, as lines of one."""
    parts = [part.strip() for part in re.split(r"\n\s*\n", tex) if part.strip()]
    joined = r" \\ ".join(parts)
    lines = r"\\" in joined and r"\begin" not in joined
    return f"\\begin{{aligned}}{joined}\\end{{aligned}}" if lines else joined


def _converted(tex: str, node: nodes.Node, *, display: bool) -> str:
    shown = to_mathml(" ".join(tex.split()), display=display)
    if not shown.startswith("<math"):
        LOG.warning("this formula does not become MathML: %s", tex, location=node)
    return shown


def _mark_parameters(
    app: Sphinx, what: str, name: str, value: Any, options: Any, lines: list[str]
) -> None:
    """Show `x` as code where x is a parameter, which a function may share its name with."""
    try:
        own = set(inspect.signature(value).parameters)
    except (TypeError, ValueError):
        return

    def marked(match: re.Match) -> str:
        return f"``{match[1]}``" if match[1] in own else match[0]

    lines[:] = [re.sub(r"(?<![`:\w])`(\w+)`(?![`_])", marked, line) for line in lines]


def _without_fields(
    app: Sphinx, what: str, name: str, value: Any, options: Any, given: str, returned: str
) -> tuple[str, str] | None:
    """Leave out the arguments of a result's class, which its docstring lists as attributes."""
    says = inspect.getdoc(value) or ""
    result = what == "class" and "\nAttributes\n---" in says and "\nParameters\n---" not in says
    return ("", "") if result else None
