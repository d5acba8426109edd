"""A section at work: its city, its parameters, what it reads from others and what it saves."""

from __future__ import annotations

import ast
import json
import math
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.checks import near
from helpers.cities import City

from . import columns
from .at_work import cell_at_work
from .card import (
    AUTO,
    ParameterError,
    SectionCard,
    check_parameters,
    read_section,
)
from .figure_words import drawn_words
from .files import atomic_write, write_json
from .fingerprints import input_hash, lock_hash
from .letters import SAID, replace_unknown_letters
from .lock import in_run
from .numerals import table_number
from .paths import ROOT
from .replicates import share_replicates
from .store import (
    COMPENDIUM,
    Shelf,
    described,
    no_formulas,
    provenance,
    read_content,
    result_path,
    saved_file,
)
from .texts import show_tables_verbatim
from .towns import find_city

if TYPE_CHECKING:
    import pandas as pd
    from IPython.display import Image
    from matplotlib.figure import Figure

    from .words import About

# The part of the provenance that travels inside a figure file.
FIGURE_CARRIES = ("section", "city", "parameters", "inputs")
SIMULATED = "SYNTHETIC"
"""Status word of a layer that is simulated, or of which a part is."""


class NeedsError(RuntimeError):
    """The city has not what the section needs; the sentence says what."""


class MissingResultError(RuntimeError):
    """A result of another section is not there; the sentence says which section to run."""


@dataclass(frozen=True)
class Section:
    """One section at work for one city: its city, its checked parameters, the place for results.

    Made by `open_section`.  Everything saved goes to ``figures/<city>/`` and
    ``data/processed/<city>/`` under names that begin with the section's name, and is listed with
    its caption, its SHA-256 and the provenance of the run in ``<section>_outputs.json``.

    Attributes
    ----------
    card
        The section's card.
    parameters
        Checked values; a parameter that is ``"auto"`` in the notebook carries the city's own
        value where ``city.yml`` gives one.
    status
        Words that figures must show (``SYNTHETIC``, ``derived``, ``schematic``), or an empty
        string.
    shelf
        Where results go.
    """

    card: SectionCard
    _town: City | None
    parameters: dict[str, Any]
    status: str
    shelf: Shelf
    _numbers: dict[str, dict] = field(default_factory=dict, repr=False)
    _told: set[str] = field(default_factory=set, repr=False)

    @property
    def town(self) -> City:
        """The city, loaded once.

        Raises
        ------
        NeedsError
            The section is about the whole compendium and has none.
        """
        if self._town is None:
            raise NeedsError(
                f"section {self.name} is about the whole compendium, not about a city."
            )
        return self._town

    @property
    def name(self) -> str:
        """Name of the section."""
        return self.card.name

    @property
    def city(self) -> str:
        """Name of the city's folder, or of the compendium's."""
        return self.shelf.city

    @property
    def title(self) -> str:
        """The section's title."""
        return self.card.title

    @property
    def provenance(self) -> dict[str, Any]:
        """Section, city, parameters, hashes of code, inputs and lock, commit."""
        return self.shelf.provenance

    @property
    def data_status(self) -> str:
        """The words of `status` that concern numbers: a schematic map changes none of them."""
        return ", ".join(w for w in self.status.split(", ") if w and w != "schematic")

    @property
    def caveat(self) -> str:
        """What is simulated of the layers that the section needs, in words; empty where nothing is.

        Such as ``"events simulated"`` or ``"5 of 6 criteria simulated"``.
        """
        if self._town is None:
            return ""
        town = self._town
        needed = dict.fromkeys(layer for group in self.card.needs for layer in group)
        named = [n for n in needed if town.has(n) and town.status(n) == SIMULATED]
        if not named:
            return ""
        said = {name: name.replace("_", " ") for name in named}
        if "criteria" in said and (spec := town.card.layers.criteria):
            made, of = len(town.simulated_criteria), len(spec.criteria)
            said["criteria"] = "all criteria" if made == of else f"{made} of {of} criteria"
        *first, last = said.values()
        return f"{', '.join(first)} and {last} simulated" if first else f"{last} simulated"

    @property
    def is_judged(self) -> bool:
        """Whether claims of a paper are judged by what this section finds in this city."""
        from .claims import rules

        number = self.name.partition("_")[0]
        return any(r.section == number and self.city in r.cities for r in rules().values())

    def setting(self, name: str, otherwise: Any) -> Any:
        """Value of parameter `name`, or `otherwise` while it is still ``"auto"``."""
        value = self.parameters[name]
        return otherwise if value == AUTO else value

    # -------------------------------------------------------------------------------- reading

    def read(self, section: str, name: str) -> Any:
        """A table, document or the numbers that another section saved for this city.

        Where that section ran with parameters that are not its default, or on other data, a
        sentence that names them is shown once, for what is read here depends on it.

        Parameters
        ----------
        section
            Name or number of a section that the card lists in `after`.
        name
            Of the result; ``"numbers"`` gives a dictionary from each number's name to its value.

        Returns
        -------
        pandas.DataFrame, geopandas.GeoDataFrame, dict or None
            A table, or the content of a document; None where a section that is optional for this
            one has left nothing.  A frame carries its provenance in ``attrs["provenance"]``.

        Raises
        ------
        MissingResultError
            A section that is needed has left nothing of that name, or not whole.
        ParameterError
            The card does not list the section.
        """
        before = read_section(section)
        if before.name not in self.card.after:
            raise ParameterError(
                f"section {self.name} reads {before.name}, which its card does not list in `after`."
            )
        found = saved_file(self.city, before.name, name)
        if found is None:
            if before.name in self.card.optional:
                return None
            raise MissingResultError(
                f"section {self.name} needs '{name}' of section {before.name} for {self.city}, "
                f"which is not there or not whole; run section {before.name.split('_')[0]} first."
            )
        path, made_from = found
        self._tell_of(before, made_from)
        content = read_content(path)
        if name == "numbers":
            return {key: entry["value"] for key, entry in content.get("numbers", {}).items()}
        if hasattr(content, "attrs"):
            content.attrs["provenance"] = made_from
        return content

    def _tell_of(self, before: SectionCard, made_from: dict[str, Any]) -> None:
        """Show, once, how the results of a section before this one differ from its default's."""
        if before.name in self._told:
            return
        self._told.add(before.name)
        told = inheritance(before, self.town, made_from, self.provenance["inputs"])
        if told:
            _display_markdown(f"> **Note.** {told}")

    # --------------------------------------------------------------------------------- words

    def say(self, block: str, **facts: Any) -> None:
        """Show a block of the section's words, filled with facts.

        Every block may also speak of ``town``, ``parameters``, ``status``, ``caveat`` and ``numbers``
        (those saved so far, by name).

        Parameters
        ----------
        block
            A block of ``notebooks/words/<section>.md``.
        **facts
            What it speaks of.

        Raises
        ------
        WordsError
            There is no such block, or something that it speaks of was not given.
        """
        from . import words

        _display_markdown(words.render(self.name, block, self._facts(facts)))

    def _about(self, block: str, facts: dict[str, Any], *, of_city: bool = True) -> About:
        """Words of a result; of one that shows the city's data, its caption says what is simulated."""
        from . import words

        said = words.about(self.name, block, self._facts(facts))
        return said.with_remark(self.caveat) if of_city else said

    def _facts(self, facts: dict[str, Any]) -> dict[str, Any]:
        numbers = {name: entry["value"] for name, entry in self._numbers.items()}
        own = {"town": self._town, "parameters": self.parameters, "status": self.status}
        return {**own, "caveat": self.caveat, "numbers": numbers, **facts}

    def foot(self, *layers: str | None) -> dict[str, str]:
        """Source line and status words for the foot of a figure.

        Parameters
        ----------
        *layers
            Layers that the figure shows beside those that the section needs; None is none.

        Returns
        -------
        dict
            ``source`` and ``status``, as every figure of `helpers.plots` takes them.
        """
        words = [self.status, *(self.town.status(layer) for layer in layers if layer)]
        single = dict.fromkeys(word for text in words for word in text.split(", ") if word)
        return {"source": self.town.source_line, "status": ", ".join(single)}

    # --------------------------------------------------------------------------------- saving

    def figure(
        self,
        figure: Figure,
        name: str,
        *,
        title: str = "",
        caption: str = "",
        svg: bool = False,
        of_city: bool = True,
        **facts: Any,
    ) -> Image | None:
        """Save a matplotlib figure as PNG and show it with its title and caption.

        The same inputs, parameters and packages give the same bytes.  The file carries section,
        city, parameters and input hash; what also changes when the picture does not (the git
        commit, the hashes of code and lock) is in the index.

        Parameters
        ----------
        figure : matplotlib.figure.Figure
            What to save.
        name
            What it shows, for the file name; block ``figure_<name>`` of the section's words has
            its title, its caption and what to see in it.
        title, caption
            Instead of that block; the image is then given back and not shown.
        svg
            Also save an SVG, for print.
        of_city
            Whether it shows anything of the city's data; where not, their status words are not its.
        **facts
            What the block speaks of.

        Raises
        ------
        OutputError
            The system does not let the file be written.
        BusyError
            A run is at work on the same results.
        """
        import matplotlib as mpl
        from IPython.display import Image

        said = None if title else self._about(f"figure_{name}", facts, of_city=of_city)
        title, caption = (said.title, said.caption) if said else (title, caption)
        if replace_unknown_letters(figure):
            caption = f"{caption} {SAID}".lstrip()
        settle_layout(figure)
        path = result_path(self.city, self.name, name, ".png")
        fixed = {key: self.provenance[key] for key in FIGURE_CARRIES if key in self.provenance}
        note = json.dumps(fixed, sort_keys=True, ensure_ascii=False)
        about = {"Title": title, "Description": caption}
        with self.shelf.saving():
            with atomic_write(path, durable=not in_run()) as temporary:
                figure.savefig(temporary, metadata={**about, "Software": None, "Comment": note})
            signed = _signed_status(figure, self.status) if of_city else ""
            self._list("figure", name, path, title, caption, signed, drawn_words(figure))
            if svg:
                drawn = path.with_suffix(".svg")
                with mpl.rc_context({"svg.hashsalt": self.name}), atomic_write(drawn) as temporary:
                    figure.savefig(temporary, metadata={**about, "Date": None, "Source": note})
                self._list("figure", f"{name} (SVG)", drawn, title, caption, signed)
        width = round(figure.get_figwidth() * 96)
        image = Image(data=path.read_bytes(), format="png", width=width, alt=caption or title)
        if said is None:
            return image
        _display(image)
        told = SAID if caption.endswith(SAID) else ""
        _display_markdown(f"{said.head} {said.reading} {told}".rstrip())
        return None

    def table(
        self,
        frame: pd.DataFrame,
        name: str,
        *,
        title: str = "",
        caption: str = "",
        file_format: str = "csv",
        rows: int = 40,
        headings: Mapping[Any, str] | None = None,
        decimals: int | Mapping[str, int] | None = None,
        beside: Mapping[str, Any] | None = None,
        of_city: bool = True,
        **facts: Any,
    ) -> pd.DataFrame | None:
        """Save a data frame as CSV (or Parquet, GeoParquet) and show it as people read it.

        The file keeps the frame's own names and every digit, or as many as are asked for; what is
        shown has the headings, units and formats of `helpers.compendium.columns`, and is rounded once,
        from every digit.

        A p value that was computed as 0 is saved as 1e-300, and shown as less. In a CSV file, text that a spreadsheet would take for a formula gets an apostrophe before
        it.

        Parameters
        ----------
        frame : pandas.DataFrame or geopandas.GeoDataFrame
            The index is saved only where it has a name.
        name, title, caption, facts
            As in `figure`; the block is ``table_<name>``.
        file_format
            ``"csv"`` or ``"parquet"``.
        rows
            How many are shown at most; 0 shows none, and says which file has them.
        headings
            Of columns whose names come from the data, as in `helpers.compendium.columns.styled`.
        decimals
            Of the numbers in the file, as in `rounded`, or by column.
        beside
            Columns that the file has after those shown, by name: what the table is about, so that
            who opens the file alone can tell.
        of_city
            As in `figure`.

        Raises
        ------
        OutputError, BusyError
            As in `figure`.
        """
        if file_format not in ("csv", "parquet"):
            raise ValueError(f"a table is saved as csv or parquet, not '{file_format}'.")
        said = None if title else self._about(f"table_{name}", facts, of_city=of_city)
        title, caption = (said.title, said.caption) if said else (title, caption)
        path = result_path(self.city, self.name, name, f".{file_format}")
        shown = frame = columns.without_nought(frame, headings or ())
        if decimals is not None:
            frame = rounded(frame, decimals)
            shown = _without_noise(shown, frame)
        keep_index = frame.index.names != [None]
        whole = frame.assign(**beside) if beside else frame
        with self.shelf.saving():
            with atomic_write(path, durable=not in_run()) as temporary:
                if file_format == "csv":
                    kept = no_formulas(whole)
                    kept.to_csv(temporary, index=keep_index, lineterminator="\n", encoding="utf-8")
                else:
                    whole.to_parquet(temporary, index=keep_index)
            about = {"title": title, "caption": caption, "provenance": self.provenance}
            about |= described(whole) if file_format == "csv" else {}
            write_json(path.with_name(path.name + ".json"), about, durable=not in_run())
            self._list("table", name, path, title, caption, None if of_city else "")
        if said is None:
            return frame
        _display_markdown(f"{said.head} {_how_many(len(frame), rows, path.name)}")
        if rows:
            _display(columns.styled(shown.head(rows), f"{self.name}-{name}", headings))
        _display_markdown(said.reading)
        return None

    def document(
        self, content: dict, name: str, *, title: str = "", caption: str = "", **facts: Any
    ) -> Path:
        """Save what is neither figure nor table (a proof, say) as JSON; returns its path.

        Parameters
        ----------
        content
            JSON types; numpy numbers and arrays become plain ones.
        name, title, caption, facts
            As in `figure`; the block is ``document_<name>``.

        Raises
        ------
        OutputError, BusyError
            As in `figure`.
        """
        if not title:
            said = self._about(f"document_{name}", facts)
            title, caption = said.title, said.caption
        return self._save_json(name, plain(content), "document", title, caption)

    def layers(
        self,
        frames: Mapping[str, pd.DataFrame],
        name: str,
        *,
        about: Mapping[str, Any] | None = None,
        title: str = "",
        caption: str = "",
        **facts: Any,
    ) -> None:
        """Save layers as files that a GIS and a spreadsheet open.

        One GeoPackage ``<name>.gpkg`` has all layers, in the systems they are in, and a table
        ``about``; each layer is also ``<name>_<layer>.csv`` (points with longitude and latitude)
        and, where it has geometry, ``<name>_<layer>.geojson`` in WGS84.  All say of what city,
        section, parameters and status they are; other sections `read` a layer as ``<name>_<layer>``.

        Parameters
        ----------
        frames
            Frame by name of its layer, GeoDataFrames or plain ones.
        name, title, caption, facts
            As in `figure`; the block is ``layers_<name>``, and it is shown.
        about
            What else the files say of themselves: objective, bound, gap, seeds …

        Raises
        ------
        ValueError
            There is no layer, one is called ``about``, or one states no system.
        OutputError, BusyError
            As in `figure`.
        """
        import pandas as pd

        from .gis_files import write_geojson, write_geopackage, write_sheet

        if not frames or "about" in frames:
            raise ValueError("layers are given by name, one or more, none of them called 'about'.")
        said = None if title else self._about(f"layers_{name}", facts)
        title, caption = (said.title, said.caption) if said else (title, caption)
        carried = {key: self.provenance[key] for key in FIGURE_CARRIES if key in self.provenance}
        about = plain({**carried, "status": self.status, **(about or {})})
        told = {k: v if isinstance(v, str) else json.dumps(v) for k, v in about.items()}
        sheet = pd.DataFrame({"what": list(told), "value": list(told.values())})
        path = result_path(self.city, self.name, name, ".gpkg")
        with self.shelf.saving():
            write_geopackage(path, {**frames, "about": sheet})
            self._list("layers", f"{name} (GeoPackage)", path, title, caption)
            for layer, frame in frames.items():
                path = result_path(self.city, self.name, f"{name}_{layer}", ".csv")
                write_sheet(path, frame)
                plainly = frame.drop(columns=getattr(frame, "_geometry_column_name", []))
                write_json(
                    path.with_name(path.name + ".json"), {"about": about, **described(plainly)}
                )
                self._list("layers", f"{name}_{layer}", path, title, caption)
                if hasattr(frame, "geom_type"):
                    path = path.with_suffix(".geojson")
                    write_geojson(path, frame, about)
                    self._list("layers", f"{name}_{layer} (GeoJSON)", path, title, caption)
        if said is not None:
            _display_markdown(f"{said.head} {said.reading}")

    def number(self, name: str, value: Any, *, unit: str = "", note: str = "") -> None:
        """Save one number (or word) that the text, the ledger or another section quotes."""
        self.numbers({name: (value, note, unit)})

    def numbers(self, many: Mapping[str, tuple[Any, ...]]) -> None:
        """Save several numbers at once.

        Parameters
        ----------
        many
            By name: the value, what it is, and its unit where it has one.
        """
        cell = {"cell": found} if (found := cell_at_work(self.name)) else {}
        for name, (value, note, *unit) in many.items():
            entry = {"value": plain(value), "unit": unit[0] if unit else "", "note": note}
            self._numbers[name] = entry | cell
        content: dict[str, Any] = {"numbers": self._numbers, "status": self.data_status}
        content["provenance"] = self.provenance
        about = ("numbers", "Numbers", "Every number quoted in the text.")
        self._save_json("numbers", content, *about)

    def _save_json(self, name: str, content: Any, kind: str, title: str, caption: str) -> Path:
        path = result_path(self.city, self.name, name, ".json")
        with self.shelf.saving():
            write_json(path, content, durable=kind == "document")
            self._list(kind, name, path, title, caption)
        return path

    def _list(
        self,
        kind: str,
        name: str,
        path: Path,
        title: str,
        caption: str,
        status: str | None = None,
        drawn: str = "",
    ) -> None:
        status = self.data_status if status is None else status
        about = {"kind": kind, "name": name, "title": title, "caption": caption, "status": status}
        about |= {"drawn": drawn} if drawn else {}
        # the numbers come from many cells; each says its own
        cell = cell_at_work(self.name) if kind != "numbers" else ""
        self.shelf.add(path, **about, **({"cell": cell} if cell else {}))


def open_section(name: str, namespace: dict[str, Any]) -> Section:
    """Check a notebook's parameters, load its city and open the place for its results.

    Called in the notebook's second code cell as ``open_section("12_…", globals())``.  The values
    are those of the parameters cell, or those that papermill injected after it; other variables
    of the notebook are its own affair.

    Raises
    ------
    ParameterError
        For a parameter that papermill injected and the notebook does not declare, or a value of
        the wrong type.
    CityError
        If the city cannot be found or its card is not valid.
    NeedsError
        If the city has not what the section needs.
    BusyError
        If a run is at work on the same results.
    """
    _show_numbers_plainly()
    show_tables_verbatim()
    card = read_section(name)
    for injected in _injected(namespace):
        check_parameters(card, {injected: namespace.get(injected)})
    given = {known: namespace[known] for known in card.parameters if known in namespace}
    values = {known: parameter.default for known, parameter in card.parameters.items()}
    values |= check_parameters(card, given)
    share_replicates(values)
    if card.scope == COMPENDIUM:
        shelf = _shelf(card, COMPENDIUM, values, "")
        return Section(card, None, values, "", shelf)
    town = find_city(values["city"])
    values = city_values(card, values, town)
    if reason := card.lacking(town):
        raise NeedsError(f"section {card.name} cannot run for {town.name}: {reason}.")
    status = dict.fromkeys(
        town.status(layer) for group in card.needs for layer in group if town.has(layer)
    )
    words = ", ".join(word for word in status if word)
    return Section(card, town, values, words, _shelf(card, town.name, values, input_hash(town)))


def _shelf(card: SectionCard, city: str, values: dict[str, Any], inputs: str) -> Shelf:
    made_from = provenance(card.name, city, values, inputs, lock_hash())
    shelf = Shelf(city, card.name, card.title, {**made_from, "git_commit": git_commit()})
    shelf.begin()
    return shelf


def _injected(namespace: dict[str, Any]) -> list[str]:
    """Names that papermill assigned: those in the cell that it put behind the parameters cell."""
    cells = namespace.get("In")
    if not isinstance(cells, list):
        return []
    marked = [cell for cell in cells if isinstance(cell, str) and cell.startswith("# Parameters\n")]
    if not marked:
        return []
    assigned = [node for node in ast.parse(marked[-1]).body if isinstance(node, ast.Assign)]
    return [target.id for node in assigned for target in node.targets if hasattr(target, "id")]


def inheritance(before: SectionCard, town: City, made_from: dict[str, Any], inputs: str) -> str:
    """How results that another section left differ from what its default run would have left.

    Parameters
    ----------
    before
        Card of the section that left them.
    town
        The city.
    made_from
        Their provenance.
    inputs
        Hash of the city's files as they are now.

    Returns
    -------
    str
        A sentence, or nothing where they are the default's.
    """
    usual = {name: parameter.default for name, parameter in before.parameters.items()}
    usual = city_values(before, usual, town)
    used = made_from.get("parameters", {})
    other = {
        name: used[name]
        for name in usual
        if name not in ("city", "quick") and name in used and plain(usual[name]) != used[name]
    }
    told = []
    if other:
        named = ", ".join(f"`{name} = {value!r}`" for name, value in other.items())
        told.append(f"ran with {named}, which is not its default; what follows depends on it")
    if used.get("quick") and not usual.get("quick"):
        told.append("ran in its short form (`quick = True`)")
    if made_from.get("inputs") != inputs:
        told.append("ran on other files of the city than those of now; run it again")
    return f"Section {before.name.split('_')[0]} {'; it '.join(told)}." if told else ""


def city_values(card: SectionCard, values: dict[str, Any], town: City) -> dict[str, Any]:
    """Put the city's own values in the place of every parameter that is still ``"auto"``.

    Raises
    ------
    ParameterError
        If ``city.yml`` sets a parameter that the section lacks, or one that is not ``"auto"``
        by default (a city may choose what depends on the city, nothing else).
    """
    own = town.parameters.get(card.name, {})
    automatic = [known for known, p in card.parameters.items() if p.default == AUTO]
    for key in own:
        if key not in automatic:
            raise ParameterError(
                f"city.yml of {town.name} sets '{key}' for section {card.name}"
                f"{near(key, automatic) or '.'} A city may set: {', '.join(automatic) or 'none'}."
            )
    return {key: own.get(key, v) if v == AUTO else v for key, v in values.items()}


def git_commit() -> str:
    """Commit of the checkout, with ``+`` where tracked files differ; empty without git."""
    try:
        # the user's own git, wherever it is on PATH
        say: dict[str, Any] = {"cwd": ROOT, "capture_output": True, "text": True}
        say |= {"timeout": 10, "check": True}
        head = subprocess.run(["git", "rev-parse", "HEAD"], **say).stdout.strip()  # noqa: S607
        changed = subprocess.run(
            ["git", "status", "--porcelain", "-uno", "--", "src", "notebooks"],  # noqa: S607
            **say,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return head + ("+" if changed.stdout.strip() else "")


def plain(value: Any) -> Any:
    """Bring a numpy or pandas value to plain Python for JSON; what is not finite becomes None.

    Examples
    --------
    >>> import numpy as np
    >>> plain({"a": np.float64(0.5), "b": (1, np.nan)})
    {'a': 0.5, 'b': [1, None]}
    """
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def rounded(frame: pd.DataFrame, decimals: int | Mapping[str, int]) -> pd.DataFrame:
    """A table rounded to some decimals, but to three digits or more where all figures are tiny.

    P values keep four digits, for none of them is 0.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns that hold no numbers stay as they are.
    decimals
        As many as a column gets whose largest figure is a thousandth or more; or of each column that
        is named.

    Returns
    -------
    pandas.DataFrame

    Examples
    --------
    >>> import pandas as pd
    >>> rounded(pd.DataFrame({"people": [12.34567], "share": [4.56789e-9]}), 3).iloc[0].tolist()
    [12.346, 4.568e-09]
    """
    import numpy as np

    if not isinstance(decimals, int):
        return frame.round(dict(decimals))
    chances = columns.p_columns(frame)
    frame = frame.assign(**{name: frame[name].map(_four_digits) for name in chances})
    largest = frame.select_dtypes("number").drop(columns=chances).abs().max()
    tiny = largest[(largest > 0) & (largest < 1e-3)]
    places = {name: int(3 - np.floor(np.log10(value))) for name, value in tiny.items()}
    rest = [name for name in largest.index if name not in places]
    return frame.round({**dict.fromkeys(rest, decimals), **places})


def _without_noise(exact: pd.DataFrame, kept: pd.DataFrame) -> pd.DataFrame:
    """Every digit of a table, but 0 for what the file has as 0: a gap of 1e-16 is none."""
    numeric = exact.select_dtypes("number").columns
    places = [place for place, name in enumerate(exact.columns) if name in numeric]
    shown = exact.copy(deep=False)
    for place in places:
        values, file = exact.iloc[:, place], kept.iloc[:, place]
        shown.isetitem(place, values.mask(file == 0, 0))
    return shown


def _four_digits(value: float) -> float:
    return float(f"{value:.4g}")


def _how_many(there: int, shown: int, file: str) -> str:
    """What is not shown of a table, and where it is, as a sentence; empty where all is shown.

    Examples
    --------
    >>> _how_many(1, 0, "a.csv"), _how_many(40, 40, "a.csv")
    ('The table is not shown here: it is the file `a.csv`, of 1 row.', '')
    >>> _how_many(1234, 40, "a.csv")
    'The first 40 of 1,234 rows; the file `a.csv` has all.'
    """
    if there <= shown:
        return ""
    if shown:
        return f"The first {shown:,} of {there:,} rows; the file `{file}` has all."
    rows = f"{there:,} row{'' if there == 1 else 's'}"
    return f"The table is not shown here: it is the file `{file}`, of {rows}."


def _display(shown: Any) -> None:
    from IPython.display import display

    display(shown)


def _display_markdown(text: str) -> None:
    from IPython.display import Markdown

    if text.strip():
        _display(Markdown(text.strip()))


def _show_numbers_plainly() -> None:
    """Tables in a notebook show what a reader needs; the saved files keep every digit."""
    import pandas as pd

    pd.set_option("display.float_format", table_number)


def _signed_status(figure: Figure, otherwise: str) -> str:
    """The status words at a figure's foot, or `otherwise` where it has no foot."""
    foot = {text.get_gid(): text.get_text() for text in figure.texts}
    return foot.get("status", "" if "source" in foot else otherwise)


def settle_layout(figure: Figure) -> None:
    """Lay the panels out once, and put their corners on whole pixels.

    The solver behind matplotlib's constrained layout agrees with itself only to the last digits
    (it iterates over sets of objects), which shows as other grey levels along slanted edges.
    """
    import matplotlib as mpl

    if engine := figure.get_layout_engine():
        engine.execute(figure)
    # no engine at all: with matplotlib's placeholder for one a figure would be drawn twice
    with mpl.rc_context({"figure.constrained_layout.use": False, "figure.autolayout": False}):
        figure.set_layout_engine(None)
    width, height = figure.get_size_inches() * figure.dpi
    for axes in figure.axes:
        for which in ("original", "active"):
            box = axes.get_position(original=which == "original")
            x0, x1 = _whole(box.x0 * width) / width, _whole(box.x1 * width) / width
            y0, y1 = _whole(box.y0 * height) / height, _whole(box.y1 * height) / height
            axes._set_position([x0, y0, x1 - x0, y1 - y0], which=which)  # type: ignore[attr-defined]


def _whole(pixels: float) -> int:
    """Nearest whole number; a half, give or take the solver's noise, always goes down."""
    return math.floor(pixels + 0.5 - 1e-6)
