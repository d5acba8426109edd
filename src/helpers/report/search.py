"""Gathers what a reader may look for, as an index that a page of the report carries."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from .downloads import Download
    from .inventory import Inventory, Run
    from .ledger import Claim, Exhibit

INDEX = "searchIndex"
"""Name under which the script of the index hands it to the page."""

LONGEST = 300
"""Characters of a caption that are searched and shown."""


@dataclass
class Search:
    """What can be found: by kind, title and words, with a link for each city that has it.

    What is alike in several cities (a heading, a figure, a table) is one entry.
    """

    _entries: dict[tuple[str, str, str], list[tuple[str, ...]]] = field(default_factory=dict)

    def add(
        self, kind: str, title: str, words: str, label: str, address: str, form: str = ""
    ) -> None:
        """Add one thing.

        Parameters
        ----------
        kind
            ``heading``, ``figure``, ``table``, ``claim``, ``exhibit``, ``deviation``, ``page``.
        title, words
            What it is called, and what else is searched and shown.
        label
            What its link says: the city, mostly.
        address
            From the start page of the report.
        form
            What the link opens where that is no page: shown behind it, and not searched.
        """
        title, words = " ".join(title.split()), " ".join(words.split())[:LONGEST]
        links = self._entries.setdefault((kind, title, words), [])
        link = (label, address, form) if form else (label, address)
        if link not in links:
            links.append(link)

    def add_headings(self, run: Run, city: str, headings: Iterable[tuple[int, str, str]]) -> None:
        """Add the headings of an executed notebook: level, anchor, text."""
        for _, anchor, text in headings:
            self.add("heading", text, f"section {run.number} {run.title}", city,
                     f"{quote(run.page or '')}#{quote(anchor, errors='replace')}")  # fmt: skip

    def add_results(self, inventory: Inventory, files: Iterable[Download]) -> None:
        """Add figures, tables and other files, and the pages of cities."""
        for run, output in inventory.pictures:
            chosen = {"city": run.city, "section": run.section, "words": output.title}
            caption = f"{output.caption} · section {run.number}"
            self.add("figure", output.title or output.name, caption,
                     inventory.city_title(run.city), f"figures.html#{urlencode(chosen, errors='replace')}")  # fmt: skip
        for file in files:
            run, output = file.run, file.output
            if file.kept:
                words = f"{output.caption} · {output.path.name} · section {run.number}"
                self.add("table", output.title or output.name, words,
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
        """
        for exhibit in exhibits:
            title = f"{papers.get(exhibit.paper, exhibit.paper)}: {exhibit.full_name}"
            words = f"{exhibit.shows} · {exhibit.kind} of the paper"
            self.add(
                "exhibit", title, words, "list of exhibits", f"concordance.html#{exhibit.anchor}"
            )
            # an equation is found where it stands
            if there := exhibit.formula or exhibit.link:
                label = f"{city_title(exhibit.city)}, section {exhibit.section}"
                self.add("exhibit", title, words, label, there)

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
        rows = [[*key, links] for key, links in self._entries.items()]
        text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
        return f'"use strict";\nwindow.{INDEX} = {text};\n'
