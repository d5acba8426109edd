"""Builds the offline site from what is on disk, without computing anything anew."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote

from helpers.checks import per_cent
from helpers.compendium import import_lightly, indexes_read_once
from helpers.compendium import output_root as default_root

from . import downloads
from .inventory import NOT_RUN
from .planners import ASSETS as PLANNER_ASSETS
from .planners import (
    address,
    beside,
    content,
    districts_address,
    districts_content,
    links,
    ranked,
    read_all_districts,
    read_planners,
    starts,
    with_nine,
    write_proofs,
)
from .statuses import key_of, says
from .swap import recover, replace_folder

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from helpers.compendium import claims
    from helpers.planner import Districts, Planner

    from .comparison import Comparison
    from .evidence import Evidence
    from .inventory import CityRecord, Inventory, Output, Run
    from .ledger import Claim, Exhibit
    from .library import Library
    from .places import Places
    from .search import Search

Answers: TypeAlias = "list[tuple[claims.Answer, Markup]]"
HERE = Path(__file__).parent
ASSETS = ("site.css", "site.js", "figures.js", "search.js", *PLANNER_ASSETS)
# The pages about the functions, beside the report, where `run_all.py docs` has made them.
FUNCTIONS = "docs/api/index.html"
# Tens of the section numbers: what each part of the compendium is about.
PARTS = {"1": "Patrols", "2": "Districts", "3": "Priorities"}


def build(output_root: Path | str | None = None, cities: Sequence[str] | None = None) -> Path:
    """Build the site below `output_root` and give the path of its first page.

    The site is a function of the files on disk: the same files give the same bytes.  It is built
    beside the old one and exchanged for it in one step, so a reader never meets half a site.
    Two builds of the same site at once are not meant; the runner holds a lock.

    Parameters
    ----------
    output_root
        Folder that holds ``figures/`` and ``data/processed/``; by default
        `helpers.compendium.output_root`.
    cities
        Names of the cities that a run was asked for: the overview opens with them, and bundled
        ones that never ran are a folded list.  Where None, all cities are shown alike.

    Returns
    -------
    pathlib.Path
        ``<output_root>/report/index.html``.
    """
    from .inventory import read_inventory, reading_from
    from .library import Library
    from .pictures import Copies
    from .places import Places
    from .search import Search

    root = Path(output_root).resolve() if output_root else default_root()
    target, new = root / "report", root / ".report-new"
    import_lightly()
    recover(target)
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    try:
        inventory = read_inventory(root, cities)
        library = Library(new, Copies(new, target))
        library.add_figures(inventory.figures)
        with reading_from(root), indexes_read_once():
            functions = (root / FUNCTIONS).is_file()
            planners = read_planners(inventory)
            districts = read_all_districts(inventory)
            search = Search()
            environment = _environment(inventory, functions, planner=bool(planners))
            environment.globals["planners"] = links(inventory, planners)
            environment.globals["districts_pages"] = [
                (inventory.cities[name], quote(districts_address(name))) for name in districts
            ]
            _Site(
                new, inventory, library, environment, planners, districts, search, Places()
            ).write()
        library.close()
        _keep_page(target, new)
        replace_folder(new, target)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return target / "index.html"


def _keep_page(old: Path, new: Path) -> None:
    """Take the page along that git keeps in the folder to say what appears there."""
    page = old / "README.md"
    if page.is_file() and not page.is_symlink():
        shutil.copyfile(page, new / page.name)


@dataclass(frozen=True)
class _Site:
    """What every page is made from."""

    folder: Path
    inventory: Inventory
    library: Library
    environment: Environment
    planners: dict[str, Planner]
    districts: dict[str, Districts]
    search: Search
    places: Places

    def write(self) -> None:
        from markupsafe import Markup

        from helpers.compendium import claims

        from .comparison import read_comparison
        from .evidence import evidence_of
        from .ledger import linked, read_exhibits, read_ledger
        from .markdown import render_markdown

        (self.folder / "assets").mkdir()
        for name in ASSETS:
            shutil.copyfile(HERE / "assets" / name, self.folder / "assets" / name)
        rows = claims.ledger()
        told = evidence_of(rows.to_dict("records"))
        code = {
            (r.city, r.section): self._write_notebook(r, told.get((r.city, r.section), []))
            for r in self.inventory.pages
        }
        ledger = read_ledger(rows, code, self.inventory.ordered, self.places.figures)
        answers = [(a, linked(Markup(render_markdown(a.text)))) for a in claims.answers(rows)]
        counterparts = claims.concordance(rows)
        exhibits = read_exhibits(counterparts, code, self.inventory.ordered, self.places.figures)
        comparison = read_comparison(self.inventory, code)
        self._write_comparison(comparison)
        self._write_overview(ledger, answers, comparison)
        self._write_gallery()
        self._write_ledger(ledger, answers)
        self._write_concordance(exhibits, counterparts.to_csv(index=False))
        self._write_deviations()
        self._write_sources()
        self._write_quality()
        self._write_planners()
        self._write_environment()
        files = downloads.list_downloads(self.inventory, self.library)
        self._page("downloads.html", "downloads.html.j2", **downloads.content(files))
        self._write_search(files, ledger, exhibits)

    def _page(self, address: str, template: str, **content: Any) -> str:
        path = self.folder / address
        path.parent.mkdir(parents=True, exist_ok=True)
        up = "../" * address.count("/")
        html = self.environment.get_template(template).render(here=address, up=up, **content)
        # half a character, as a damaged file may hold, is no text
        path.write_text(html, encoding="utf-8", errors="replace", newline="\n")
        return html

    def _write_overview(
        self, ledger: list[Claim], answers: Answers, comparison: Comparison
    ) -> None:
        from helpers.compendium import claims

        from .findings import city_findings, paper_figures
        from .ledger import UNTESTABLE, count_verdicts, parts_of

        asked = self.inventory.asked

        def told(run: Run) -> bool:
            """Whether the facts at the head of the page count a run."""
            return not asked or run.city in asked

        figures = {} if asked else paper_figures(self.inventory)
        cities = city_findings(self.inventory, comparison, figures)
        self._page(
            "index.html",
            "overview.html.j2",
            leading=self._matrix(self.inventory.leading),
            others=self._matrix(self.inventory.others),
            whole=[run for run in self.inventory.ordered if run.city not in self.inventory.cities],
            failed=[run for run in self.inventory.ordered if run.is_failed],
            reasons=_reasons(self.inventory, self.inventory.leading),
            other_reasons=_reasons(self.inventory, self.inventory.others),
            done=sum(run.is_done for run in self.inventory.runs.values() if told(run)),
            pictures=sum(told(run) for run, _ in self.inventory.pictures),
            figures={
                paper: (
                    run,
                    self.library.figure(run, output),
                    output,
                    run.city == claims.FIRST.get(paper, (run.city,))[0],
                )
                for paper, (run, output) in figures.items()
            },
            findings=[
                (found, self.library.figure(*found.picture) if found.picture else None)
                for found in cities
            ],
            verdicts=count_verdicts(ledger),
            rests={verdict: parts_of(ledger, verdict) for verdict in claims.VERDICTS},
            starts=starts(self.inventory, self.planners),
            nine=with_nine(self.planners),
            terms=claims.TERMS,
            first=ranked(self.inventory),
            lessons=self.places.lessons(self.inventory, self.planners),
            judged=sum(claim.style != "open" for claim in ledger),
            reproductions=sum(claim.evidence == claims.REPRODUCTION for claim in ledger),
            untestable=sum(claim.verdict in UNTESTABLE for claim in ledger),
            ledger=ledger,
            answers=answers,
        )

    def _matrix(self, cities: list[str]) -> _Matrix:
        """Parts, their sections (name, title) that ran somewhere, and each one's run by city."""
        started = {
            run.city: run for run in self.inventory.runs.values() if run.state != NOT_RUN
        }.keys()
        shown = [city for city in cities if city in started]
        sections: dict[str, str] = {}
        for (city, section), run in sorted(self.inventory.runs.items()):
            if city in shown and run.state != NOT_RUN:
                card = self.inventory.sections.get(section)
                sections.setdefault(section, card.title if card else run.title)
        parts: dict[str, list[tuple[str, str, dict[str, Run | None]]]] = {}
        for name in sorted(sections):
            runs = {city: self.inventory.runs.get((city, name)) for city in shown}
            parts.setdefault(PARTS.get(name[0], "Other"), []).append((name, sections[name], runs))
        return _Matrix([self.inventory.cities[name] for name in shown], list(parts.items()))

    def _default_city(self, run: Run, up: str) -> str:
        """The city a section runs for when none is asked for: its name, linked to its page."""
        from .notebooks import HERE

        card = self.inventory.sections.get(run.section)
        if card is None or "city" not in card.parameters:
            return ""
        city = card.parameters["city"].default
        title, its = self.inventory.city_title(city), self.inventory.runs.get((city, run.section))
        if city == run.city:
            return f"{title}{HERE}"
        return f"[{title}]({up}{its.page})" if its and its.page else title

    def _write_notebook(self, run: Run, evidence: list[Evidence]) -> dict[str, str]:
        from helpers.compendium import claims

        from .notebooks import render_notebook

        if run.notebook is None or run.page is None:
            return {}
        up = "../../"
        reason = None
        # of a run that stopped, numbers are an earlier one's
        saved = None if run.is_failed else claims.saved_numbers(run.city, run.section)
        tables = [
            (o, self.library.add_table(run, o)) for o in run.outputs if o.kind in downloads.KINDS
        ]
        widget = self._explorer(run)
        try:
            rendered = render_notebook(
                run.notebook,
                store=partial(self.library.store, up=up),
                image=partial(self.library.find, city=run.city, up=up),
                widget=widget,
                default_city=self._default_city(run, up),
                saved=saved.by_cell() if saved else None,
                files={o.path.name: kept.named(o.path.name, up) for o, kept in tables if kept},
                evidence=evidence,
            )
        except Exception as error:
            # a notebook that was damaged, in whatever way, must not take the report with it
            rendered, reason = None, str(error) or type(error).__name__
        pages = self.inventory.pages
        place = pages.index(run)
        if rendered:
            title = self.inventory.city_title(run.city)
            self.search.add_notebook(run, title, rendered)
            explorer = self.places.note(run, rendered, self.library)
            if widget and explorer:
                self.search.add_explorer(run, title, explorer, str(widget))
        self._page(
            run.page,
            "notebook.html.j2",
            run=run,
            rendered=rendered,
            reason=reason,
            title=(rendered.title if rendered else "") or run.title,
            citation=claims.citation_of(run.section),
            figures=[(o, self.library.figure(run, o).address) for o in run.outputs if o.is_figure],
            tables=tables,
            key=key_of(o.status for o in run.outputs if o.is_figure),
            siblings=[r for r in pages if r.section == run.section],
            previous=pages[place - 1] if place else None,
            following=pages[place + 1] if place + 1 < len(pages) else None,
        )
        return rendered.code if rendered else {}

    def _explorer(self, run: Run) -> Markup | None:
        """Sliders for the weights of a ranking, which a page without a kernel can move too."""
        from markupsafe import Markup

        from .explorer import read_explorer

        found = read_explorer(run.city, run.section)
        template = self.environment.get_template("explorer.html.j2")
        return Markup(template.render(explorer=found)) if found else None

    def _write_comparison(self, comparison: Comparison) -> None:
        path = self.folder / "comparison.csv"
        path.write_text(comparison.table, encoding="utf-8", errors="replace", newline="")
        self._page("comparison.html", "comparison.html.j2", comparison=comparison)

    def _write_gallery(self) -> None:
        shown = [
            (run, [(self.library.figure(run, o), o) for _, o in listed])
            for run, listed in _by_run(self.inventory.pictures)
        ]
        self._page(
            "figures.html",
            "figures.html.j2",
            figures=shown,
            key=key_of(output.status for _, output in self.inventory.pictures),
            cities=list(dict.fromkeys(run.city for run, _ in shown)),
            sections=sorted({(run.section, run.title) for run, _ in shown}),
        )

    def _write_concordance(self, exhibits: list[Exhibit], table: str) -> None:
        from helpers.compendium import claims

        path = self.folder / "concordance.csv"
        path.write_text(table, encoding="utf-8", errors="replace", newline="")
        names = {
            name: f"{about['name']}: {about['about']}" for name, about in claims.papers().items()
        }
        papers = list(dict.fromkeys(exhibit.paper for exhibit in exhibits))
        self._page(
            "concordance.html",
            "concordance.html.j2",
            papers=[
                (name, names.get(name, name), [e for e in exhibits if e.paper == name])
                for name in papers
            ],
            citations={name: claims.papers().get(name, {}).get("citation", "") for name in papers},
            total=len(exhibits),
            shown=sum(bool(e.title) for e in exhibits),
        )

    def _write_deviations(self) -> None:
        from helpers.compendium import claims

        frame = claims.deviations()
        about = claims.papers()
        runs = [run for run in self.inventory.ordered if run.page]
        pages = {
            # the first city of the paper that has a page of the section, else the first of all
            name: {
                run.section.split("_")[0]: run.page
                for run in sorted(reversed(runs), key=lambda run: -_place(run.city, name))
            }
            for name in about
        }
        self._page(
            "deviations.html",
            "deviations.html.j2",
            papers=[
                (name, words, frame[frame["paper"] == name].to_dict("records"))
                for name, words in about.items()
            ],
            pages=pages,
        )

    def _write_ledger(self, ledger: list[Claim], answers: Answers) -> None:
        from helpers.compendium import claims

        from .ledger import count_evidence, count_verdicts

        about = claims.papers()
        names = {name: f"{words['name']}: {words['about']}" for name, words in about.items()}
        papers = list(dict.fromkeys(claim.paper for claim in ledger))
        self._page(
            "claims.html",
            "claims.html.j2",
            papers=[
                (name, names.get(name, name), [c for c in ledger if c.paper == name])
                for name in papers
            ],
            verdicts=count_verdicts(ledger),
            evidence=count_evidence(ledger),
            answers=answers,
            terms=claims.TERMS,
            total=len(ledger),
        )

    def _write_sources(self) -> None:
        from markupsafe import Markup

        from .clean import Headings, slug
        from .markdown import render_markdown

        cities = []
        for city in self.inventory.cities.values():
            headings = Headings(top=3, offset=1, prefix=f"{slug(city.name)}-")
            # the page already has the city's name for a heading
            text = re.sub(r"\A\s*#[ \t]+.*\n?", "", city.sources)
            cities.append((city, Markup(render_markdown(text, headings=headings))))
        self._page("sources.html", "sources.html.j2", cities=cities)

    def _write_quality(self) -> None:
        from helpers.compendium import own_cities

        from .quality import HEAPS

        pages = self.inventory.quality
        others = [(self.inventory.cities[name], page.link) for name, page in pages.items()]
        own = set(own_cities())
        places = {run.city: run.place for run in self.inventory.ordered if run.city not in own}
        for name, page in pages.items():
            images = {
                key: self.library.add_picture(name, entry, up="../")
                for key, entry in page.figures.items()
            }
            self._page(
                page.address,
                "quality.html.j2",
                page=page,
                city=self.inventory.cities[name],
                place=places.get(name, name),
                images=images,
                others=others,
                names=HEAPS,
            )

    def _write_search(
        self, files: list[downloads.Download], ledger: list[Claim], exhibits: list[Exhibit]
    ) -> None:
        from helpers.compendium import claims

        from .search import KINDS

        papers = {name: about["name"] for name, about in claims.papers().items()}
        self.search.add_claims(ledger)
        cited = {name: str(about.get("citation", "")) for name, about in claims.papers().items()}
        self.search.add_exhibits(exhibits, papers, self.inventory.city_title, cited)
        self.search.add_deviations(claims.deviations().to_dict("records"), papers)
        self.search.add_results(self.inventory, files, self.places.of_figures(self.inventory))
        path = self.folder / "assets" / "search-index.js"
        path.write_text(self.search.script, encoding="utf-8", errors="replace", newline="\n")
        self._page("search.html", "search.html.j2", kinds=KINDS)

    def _write_planners(self) -> None:
        pages = list(self.planners), list(self.districts)
        for name in self.districts:
            about = districts_content(self.inventory, self.districts, name)
            about |= beside(self.inventory, name, *pages, of_districts=True)
            html = self._page(districts_address(name), "districts.html.j2", **about)
            self._note_planner("where districts should end", districts_address(name), name, html)
        for name, planner in self.planners.items():
            about = content(self.inventory, self.planners, name)
            about |= beside(self.inventory, name, *pages)
            html = self._page(address(name), "planner.html.j2", **about)
            self._note_planner("where patrols should stand", address(name), name, html)
            write_proofs(self.folder, planner)

    def _note_planner(self, about: str, place: str, city: str, html: str) -> None:
        title = self.inventory.cities[city].full_title
        self.search.add_page("planner", about, title, quote(place), html)

    def _write_environment(self) -> None:
        from importlib.metadata import distributions

        from packaging.utils import canonicalize_name

        from helpers.compendium import environment, lock_hash

        direct = environment.versions()
        named = {canonicalize_name(name) for name in direct}
        # reading a distribution's metadata is slow: once each
        every = {
            about["Name"]: about["Version"]
            for about in (d.metadata for d in distributions())
            if about and about["Name"]
        }
        self._page(
            "environment.html",
            "environment.html.j2",
            direct=direct,
            others=sorted(
                (pair for pair in every.items() if canonicalize_name(pair[0]) not in named),
                key=lambda pair: pair[0].lower(),
            ),
            implementation=sys.implementation.name,
            lock=lock_hash(),
        )


def _by_run(pictures: list[tuple[Run, Output]]) -> list[tuple[Run, list[tuple[Run, Output]]]]:
    """Figures of each run, in their order."""
    found: dict[tuple[str, str], list[tuple[Run, Output]]] = {}
    for run, output in pictures:
        found.setdefault((run.city, run.section), []).append((run, output))
    return [(listed[0][0], listed) for listed in found.values()]


@dataclass(frozen=True)
class _Matrix:
    """Cities beside sections: how each stands."""

    cities: list[CityRecord]
    parts: list[tuple[str, list[tuple[str, str, dict[str, Run | None]]]]]


def _reasons(inventory: Inventory, cities: list[str]) -> list[tuple[str, str, list[str]]]:
    """Why sections did not run: city, sentence (empty where nobody asked), numbers of the sections."""
    found: dict[tuple[str, str], list[str]] = {}
    for city in (inventory.cities[name] for name in cities):
        for section, card in inventory.sections.items():
            run = inventory.runs.get((city.name, section))
            reason = run.reason if run else city.lacking.get(section, "")
            if card.scope == "city" and (run is None or run.state == NOT_RUN):
                number = section.partition("_")[0]
                found.setdefault((city.full_title, reason), []).append(number)
    return [(city, reason, numbers) for (city, reason), numbers in found.items()]


def _environment(inventory: Inventory, functions: bool, *, planner: bool) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from .quality import FILTERS

    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "url": quote,
        "duration": duration,
        "size": downloads.file_size,
        "closed": closed,
        "breakable": breakable,
        "says": says,
        "literal": partial(json.dumps, ensure_ascii=False),
        **FILTERS,
    }
    environment.globals |= {
        "per_cent": per_cent,
        "inventory": inventory,
        "city_title": inventory.city_title,
        "navigation": (
            ("index.html", "Overview"),
            *([("index.html#planners", "Planner")] if planner else []),
            ("comparison.html", "Comparison"),
            ("figures.html", "Figures"),
            ("claims.html", "Claims"),
            ("concordance.html", "Exhibits"),
            ("deviations.html", "Deviations"),
            ("downloads.html", "Downloads"),
            ("search.html", "Search"),
            ("sources.html", "Data"),
            ("environment.html", "Environment"),
            # no link where it would be a dead one
            *([(f"../{FUNCTIONS}", "Functions")] if functions else []),
        ),
    }
    return environment


def duration(seconds: float | None) -> str:
    """A time as a person says it.

    Examples
    --------
    >>> duration(0.84), duration(12.34), duration(125), duration(None)
    ('0.8 s', '12 s', '2 min 05 s', '')
    """
    if seconds is None:
        return ""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"


def closed(title: str) -> str:
    """A title as a sentence that ends: with a full stop where it has no sign of its own.

    Examples
    --------
    >>> closed("Cost by number"), closed("Is it better?")
    ('Cost by number.', 'Is it better?')
    """
    return title if title.endswith((".", "?", "!")) else f"{title}."


def breakable(name: str) -> Markup:
    """A long file name that may break at its underscores and slashes."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"([_/])", r"\1<wbr>", str(escape(name))))


def _place(city: str, paper: str) -> int:
    """Place of a city among those that are asked first for a paper's exhibits; the last for others."""
    from helpers.compendium import claims

    first = claims.FIRST.get(paper, ())
    return first.index(city) if city in first else len(first)
