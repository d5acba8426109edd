"""Turns markdown into safe HTML with formulas as MathML."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from .clean import Headings, clean_html
from .code import highlight
from .mathml import displayed, to_mathml

# Marks around the place of a ready piece while the rest is cleaned: characters for private use.
OPEN, CLOSE = "\ue000", "\ue001"


def render_markdown(
    text: str,
    *,
    headings: Headings | None = None,
    image: Callable[[str], str | None] = lambda source: None,
    raw_html: bool = False,
) -> str:
    """Give markdown with TeX formulas as an HTML fragment.

    Parameters
    ----------
    text
        Markdown; ``$…$`` and ``$$…$$`` are formulas.
    headings, image
        As in `helpers.report.clean.clean_html`.
    raw_html
        Whether HTML inside the markdown is read as HTML (what is harmless of it stays) or shown
        as it was written.  Text that comes with a city's files is always shown as written.
    """
    renderer = _Renderer(raw_html)
    html = MarkdownWithMath(renderer).render(text.replace(OPEN, "").replace(CLOSE, ""))
    cleaned = clean_html(html, headings=headings, image=image)
    for number, piece in enumerate(renderer.ready):
        cleaned = cleaned.replace(f"{OPEN}{number}{CLOSE}", piece)
    return cleaned


class _Renderer(IPythonRenderer):
    """nbconvert's renderer, with formulas and code set aside while the rest is cleaned."""

    def __init__(self, raw_html: bool):
        super().__init__(
            escape=not raw_html, allow_harmful_protocols=False, exclude_anchor_links=True
        )
        self.ready: list[str] = []

    def aside(self, piece: str) -> str:
        self.ready.append(piece)
        return f"{OPEN}{len(self.ready) - 1}{CLOSE}"

    def block_math(self, body: str) -> str:
        shown = displayed(body)
        return self.aside(
            f'<span class="formula" tabindex="0" role="group" aria-label="Formula">{shown}</span>'
        )

    def inline_math(self, body: str) -> str:
        return self.aside(to_mathml(body))

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")

    def block_code(self, code: str, info: str | None = None) -> str:
        language = (info or "").split(maxsplit=1)[0] if info else ""
        return self.aside(
            f'<pre class="code-block" tabindex="0"><code>{highlight(code, language)}</code></pre>'
        )

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return f'<img src="{escape(url)}" alt="{escape(text)}">'
