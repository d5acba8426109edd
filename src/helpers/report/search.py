"""Gathers what a reader may look for, as an index that a page of the report carries."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from .explained import parts_of, parts_of_cells
from .statements import END

if TYPE_CHECKING:
    from .downloads import Download
    from .inventory import Inventory, Run
    from .ledger import Claim, Exhibit
    from .notebooks import RenderedNotebook

CERTIFICATE = "Certificate"
"""How the title of a file begins that proves a plan to a program."""

INDEX = "searchIndex"
"""Name under which the script of the index hands it to the page."""

KINDS = (
    "heading",
    "term",
    "exercise",
    "figure",
    "planner",
    "claim",
    "exhibit",
    "page",
    "deviation",
    "table",
    "certificate",
)
"""What can be found; of equally good ones the first kinds come first."""

LONGEST = 300
"""Characters of a caption that are searched and shown."""

LONGEST_TEXT = 6000
"""Characters of what is explained under a heading that are searched."""


@dataclass
class Search:
    """What can be found: by kind, title and words, with a link for each city that has it.

    What is alike in several cities (a heading, a figure, a table) is one entry.
    """

    _entries: dict[tuple[str, str, str, str], list[tuple[str, ...]]] = field(default_factory=dict)

    def add(
        self,
        kind: str,
        title: str,
        words: str,
        label: str,
        address: str,
        form: str = "",
        text: str = "",
    ) -> None:
        """Add one thing.

        Parameters
        ----------
        kind
            One of `KINDS`.
        title, words
            What it is called, and what else is searched and shown.
        label
            What its link says: the city, mostly.
        address
            From the start page of the report.
        form
            What the link opens where that is no page: shown behind it, and not searched.
        text
            What else is searched, of which the page shows the words around what was found.
        """
        title, words = " ".join(title.split()), " ".join(words.split())[:LONGEST]
        text = " ".join(text.split())[:LONGEST_TEXT]
        links = self._entries.setdefault((kind, title, words, text), [])
        link = (label, address, form) if form else (label, address)
        if link not in links:
            links.append(link)

    def add_notebook(self, run: Run, city: str, rendered: RenderedNotebook) -> None:
        """Add what an executed notebook explains: its headings, its terms in bold, its exercises."""
        page = quote(run.page or "")
        about = f"section {run.number} {run.title}"
        explained: dict[str, str] = {}
        for cell, part in parts_of_cells(str(rendered.body)):
            # exercises are found one by one
            explained[part.anchor] = "" if part.exercises else part.text
            place = f"{page}#{quote(cell, errors='replace')}"
            for term, sentence in part.terms:
                self.add("term", term, f"{about} · {sentence}", city, place)
            for number, exercise in enumerate(part.exercises, 1):
                begun = END.split(exercise)[0]
                self.add("exercise", f"Exercise {number}: {begun}"[:LONGEST], about, city,
                         f"{page}#{part.anchor}", text=exercise)  # fmt: skip
        for _, anchor, text in rendered.contents:
            self.add("heading", text, about, city, f"{page}#{quote(anchor, errors='replace')}",
                     text=explained.get(anchor, ""))  # fmt: skip
        if explained.get(""):
            # what it begins with, before its first heading
            self.add("heading", rendered.title or run.title, about, city, page, text=explained[""])

    def add_explorer(self, run: Run, city: str, address: str, html: str) -> None:
        """Add the explorer of weights of a section's page, with what it says of itself."""
        text = " ".join(part.text for part in parts_of(html))
        about = f"section {run.number} {run.title}"
        self.add("heading", "Explorer of weights", about, city, address, text=text)

    def add_page(self, kind: str, about: str, label: str, address: str, html: str) -> None:
        """Add the parts of a page of the site, by their headings.

        Parameters
        ----------
        kind, label
            As `add` takes them.
        about
            What the page is, shown with each part.
        address
            Of the page, from the start page.
        html
            The whole page; what stands in its ``main`` is read.
        """
        main = html.partition("<main")[2].partition("</main>")[0]
        for part in parts_of(f"<main{main}"):
            place = f"{address}#{quote(part.anchor)}" if part.anchor else address
            title = part.title if part.anchor else about
            if part.text or part.anchor:
                self.add(kind, title, about, label, place, text=part.text)

    def add_results(
        self,
        inventory: Inventory,
        files: Iterable[Download],
        places: Mapping[tuple[str, str, str], str],
    ) -> None:
        """Add figures, tables and other files, and the pages of cities.

        Parameters
        ----------
        inventory, files
            The results.
        places
            Address of each figure by city, section and name.
        """
        for run, output in inventory.pictures:
            caption = f"{output.caption} · section {run.number}"
            self.add("figure", output.title or output.name, caption,
                     inventory.city_title(run.city), places[run.city, run.section, output.name])  # fmt: skip
        for file in files:
            run, output = file.run, file.output
            if file.kept:
                words = f"{output.caption} · {output.path.name} · section {run.number}"
                kind = "certificate" if output.title.startswith(CERTIFICATE) else "table"
                self.add(kind, output.title or output.name, words,
                         inventory.city_title(run.city), file.kept.address, file.form)  # fmt: skip
        for name, page in inventory.quality.items():
            self.add("page", "What the data are like", "quality of the data",
                     inventory.city_title(name), page.link)  # fmt: skip
        for name, city in inventory.cities.items():
            self.add("page", "Data and their sources", "licence publisher files",
                     city.full_title, f"sources.html#{quote(name)}")  # fmt: skip

    def add_claims(self, ledger: Iterable[Claim]) -> None:
        """Add the claims of the papers, by their number and what they say."""
        for claim in ledger:
            words = f"{claim.paper} {claim.place} · published {claim.published} · {claim.verdict}"
            self.add("claim", f"{claim.claim_id}: {claim.quantity}", words, "ledger",
                     f"claims.html#{quote(claim.claim_id, errors='replace')}")  # fmt: skip

    def add_exhibits(
        self,
        exhibits: Iterable[Exhibit],
        papers: Mapping[str, str],
        city_title: Callable[[str], str],
        citations: Mapping[str, str] | None = None,
    ) -> None:
        """Add figures, tables and equations of the papers, by their name in full.

        Parameters
        ----------
        exhibits
            From `read_exhibits`.
        papers
            Name of each paper by its key.
        city_title
            Name of a city for people by that of its folder.
        citations
            Authors and title of each paper by its key; its exhibits are found by them.
        """
        for exhibit in exhibits:
            title = f"{papers.get(exhibit.paper, exhibit.paper)}: {exhibit.full_name}"
            words = f"{exhibit.shows} · {exhibit.kind} of the paper"
            cited = (citations or {}).get(exhibit.paper, "")
            self.add("exhibit", title, words, "list of exhibits",
                     f"concordance.html#{exhibit.anchor}", text=cited)  # fmt: skip
            # an equation is found where it stands
            if there := exhibit.formula or exhibit.link:
                label = f"{city_title(exhibit.city)}, section {exhibit.section}"
                self.add("exhibit", title, words, label, there, text=cited)

    def add_deviations(self, rows: Iterable[Mapping[str, str]], papers: Mapping[str, str]) -> None:
        """Add what the papers leave open, with what was chosen."""
        self.add("page", "Deviations", "what the papers leave open and what was chosen here",
                 "all", "deviations.html")  # fmt: skip
        for row in rows:
            words = f"{row['chosen']} · {row['why']}"
            label = f"{papers.get(row['paper'], row['paper'])}, section {row['section']}"
            self.add("deviation", row["left_open"], words, label,
                     f"deviations.html#paper-{quote(row['paper'])}")  # fmt: skip

    @property
    def script(self) -> str:
        """The index as a script."""
        rows = [
            [*key, links, text] if text else [*key, links]
            for (*key, text), links in self._entries.items()
        ]
        text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
        return f'"use strict";\nwindow.{INDEX} = {text};\n'
