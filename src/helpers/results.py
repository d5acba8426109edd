"""Save what a section finds: figures, tables, numbers, each whole and with its provenance."""

from __future__ import annotations

import hashlib
import json
import math
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers.cities import load_city
from helpers.project import ROOT, atomic_write, figures_dir, output_root, processed_dir, write_json
from helpers.sections import (
    AUTO,
    ParameterError,
    SectionCard,
    check_parameters,
    code_hash,
    file_hash,
    lock_hash,
    near,
    read_section,
)

# The folder that stands for "no city" in sections about the whole compendium.
COMPENDIUM = "compendium"
# The part of the provenance that travels inside a figure file.
FIGURE_CARRIES = ("section", "city", "parameters", "inputs")
# Names that IPython or a notebook host puts into a fresh kernel beside the parameters.
HOST_NAMES = {"In", "Out", "exit", "quit", "open", "get_ipython", "PAPERMILL_OUTPUT_PATH"}


@dataclass(frozen=True)
class Section:
    """One section at work for one city: its checked parameters and the place for its results.

    Made by `open_section`.  Everything saved goes to ``figures/<city>/`` and
    ``data/processed/<city>/`` under names that begin with the section's name, and is listed with
    its caption, its SHA-256 and the provenance of the run in ``<section>_outputs.json``.

    Attributes
    ----------
    name, city, title
        Section, city (folder name) and the section's title.
    parameters
        Checked values; a parameter that is ``"auto"`` in the notebook carries the city's own
        value where ``city.yml`` gives one.
    status
        Words that figures must show (``SYNTHETIC``, ``derived``, ``schematic``), or an empty
        string.
    provenance
        Section, city, parameters, hashes of code, inputs and lock.
    commit
        Commit of the checkout when the section was opened, as `git_commit` tells it.
    """

    name: str
    city: str
    title: str
    parameters: dict[str, Any]
    status: str
    provenance: dict[str, Any]
    commit: str = ""
    _entries: list[dict] = field(default_factory=list, repr=False)
    _numbers: dict[str, dict] = field(default_factory=dict, repr=False)
    _claims: dict[str, dict] = field(default_factory=dict, repr=False)

    @property
    def data_status(self) -> str:
        """The words of `status` that concern numbers: a schematic map changes none of them."""
        return ", ".join(w for w in self.status.split(", ") if w and w != "schematic")

    def setting(self, name: str, otherwise: Any) -> Any:
        """Value of parameter `name`, or `otherwise` while it is still ``"auto"``."""
        value = self.parameters[name]
        return otherwise if value == AUTO else value

    def figure(self, figure, name: str, *, title: str, caption: str, svg: bool = False):
        """Save a matplotlib figure as PNG and give it back as an image to show.

        The same inputs, parameters and packages give the same bytes.  The file carries section,
        city, parameters and input hash; what also changes when the picture does not (the git
        commit, the hashes of code and lock) is in the index, so that a committed figure
        changes only with its picture.

        Parameters
        ----------
        figure : matplotlib.figure.Figure
            What to save.
        name
            What it shows, for the file name.
        title, caption
            One line, and what to see in it.
        svg
            Also save an SVG, for print.
        """
        import matplotlib as mpl
        from IPython.display import Image

        settle_layout(figure)
        path = figures_dir(self.city) / f"{self.name}_{name}.png"
        fixed = {key: self.provenance[key] for key in FIGURE_CARRIES if key in self.provenance}
        note = json.dumps(fixed, sort_keys=True, ensure_ascii=False)
        about = {"Title": title, "Description": caption}
        with atomic_write(path) as temporary:
            figure.savefig(temporary, metadata={**about, "Software": None, "Comment": note})
        self._list("figure", name, path, title, caption)
        if svg:
            drawn = path.with_suffix(".svg")
            with mpl.rc_context({"svg.hashsalt": self.name}), atomic_write(drawn) as temporary:
                figure.savefig(temporary, metadata={**about, "Date": None, "Source": note})
            self._list("figure", f"{name} (SVG)", drawn, title, caption)
        width = round(figure.get_figwidth() * 96)
        return Image(data=path.read_bytes(), format="png", width=width, alt=caption)

    def table(self, frame, name: str, *, title: str, caption: str = "", file_format: str = "csv"):
        """Save a data frame as CSV (or Parquet, GeoParquet) and give it back to show.

        Parameters
        ----------
        frame : pandas.DataFrame or geopandas.GeoDataFrame
            The index is saved only where it has a name.
        name, title, caption
            As in `figure`.
        file_format
            ``"csv"`` or ``"parquet"``.
        """
        path = processed_dir(self.city) / f"{self.name}_{name}.{file_format}"
        keep_index = frame.index.names != [None]
        with atomic_write(path) as temporary:
            if file_format == "csv":
                frame.to_csv(temporary, index=keep_index, lineterminator="\n", encoding="utf-8")
            elif file_format == "parquet":
                frame.to_parquet(temporary, index=keep_index)
            else:
                raise ValueError(f"a table is saved as csv or parquet, not '{file_format}'.")
        about = {"title": title, "caption": caption, "provenance": self.provenance}
        write_json(path.with_name(path.name + ".json"), about)
        self._list("table", name, path, title, caption)
        return frame

    def document(self, content: dict, name: str, *, title: str, caption: str = "") -> Path:
        """Save what is neither figure nor table (a proof, say) as JSON; returns its path.

        Parameters
        ----------
        content
            JSON types; numpy numbers and arrays become plain ones.
        name, title, caption
            As in `figure`.
        """
        path = processed_dir(self.city) / f"{self.name}_{name}.json"
        write_json(path, plain(content))
        self._list("document", name, path, title, caption)
        return path

    def number(self, name: str, value, *, unit: str = "", note: str = "") -> None:
        """Save one number (or word) that the text, the ledger or another section quotes."""
        self._numbers[name] = {"value": plain(value), "unit": unit, "note": note}
        path = processed_dir(self.city) / f"{self.name}_numbers.json"
        write_json(path, {"numbers": self._numbers, "provenance": self.provenance})
        self._list("numbers", "numbers", path, "Numbers", "Every number quoted in the text.")

    def claim(self, claim_id: str, entry: dict[str, Any]) -> None:
        """Save a judged claim; `helpers.claims.record` checks it first."""
        self._claims[claim_id] = entry
        path = processed_dir(self.city) / f"{self.name}_claims.json"
        write_json(path, {"claims": self._claims, "provenance": self.provenance})
        self._list("claims", "claims", path, "Claims", "Published values judged here.")

    def _list(self, kind: str, name: str, path: Path, title: str, caption: str) -> None:
        entry = {
            "kind": kind,
            "name": name,
            "file": path.relative_to(output_root()).as_posix(),
            "title": title,
            "caption": caption,
            "status": self.status if kind == "figure" else self.data_status,
        }
        entry["sha256"] = file_hash(path)
        places = [known["file"] for known in self._entries]
        if entry["file"] in places:
            self._entries[places.index(entry["file"])] = entry
        else:
            self._entries.append(entry)
        index = {
            "section": self.name,
            "city": self.city,
            "title": self.title,
            "provenance": {**self.provenance, "git_commit": self.commit},
            "outputs": self._entries,
        }
        write_json(outputs_index(self.city, self.name), index)


def open_section(name: str, namespace: dict[str, Any]) -> Section:
    """Check a notebook's parameters and open the place for its results.

    Called in the notebook's second code cell as ``open_section("12_…", globals())``.  The values
    are those of the parameters cell, or those that papermill injected after it.  A plain value
    in `namespace` that is no declared parameter was misspelt by somebody, and is refused.

    Raises
    ------
    ParameterError
        For an unknown parameter or a value of the wrong type.
    CityError
        If the city cannot be found or its card is not valid.
    """
    _show_numbers_plainly()
    card = read_section(name)
    given = {key: value for key, value in namespace.items() if _may_be_parameter(key, value)}
    values = {known: parameter.default for known, parameter in card.parameters.items()}
    values |= check_parameters(card, given)
    if card.scope == COMPENDIUM:
        made_from = provenance(card, values)
        return Section(card.name, COMPENDIUM, card.title, values, "", made_from, git_commit())
    town = load_city(values["city"])
    values = city_values(card, values, town)
    status = dict.fromkeys(
        town.status(layer) for group in card.needs for layer in group if town.has(layer)
    )
    return Section(
        name=card.name,
        city=town.name,
        title=card.title,
        parameters=values,
        status=", ".join(word for word in status if word),
        provenance=provenance(card, values, town),
        commit=git_commit(),
    )


def city_values(card: SectionCard, values: dict[str, Any], town) -> dict[str, Any]:
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


def provenance(card: SectionCard, values: dict[str, Any], town=None) -> dict[str, Any]:
    """What fixes the results of a run: parameters and hashes of code, inputs and lock."""
    return {
        "section": card.name,
        "city": town.name if town else COMPENDIUM,
        "parameters": {k: v for k, v in values.items() if k != "city"},
        "code": code_hash(card.name),
        "inputs": input_hash(town) if town else "",
        "lock": lock_hash(),
    }


def input_hash(town) -> str:
    """SHA-256 over the names and contents of every file of a city."""
    digest = hashlib.sha256()
    for path in sorted(town.input_files()):
        digest.update(f"{path.relative_to(town.folder).as_posix()} {file_hash(path)}\n".encode())
    return digest.hexdigest()


def outputs_index(city: str, section: str) -> Path:
    """Path of the list of everything a section saved for a city."""
    return processed_dir(city) / f"{section}_outputs.json"


def git_commit() -> str:
    """Commit of the checkout, with ``+`` where tracked files differ; empty without git."""
    try:
        say = {"cwd": ROOT, "capture_output": True, "text": True, "timeout": 10, "check": True}
        head = subprocess.run(["git", "rev-parse", "HEAD"], **say).stdout.strip()
        changed = subprocess.run(
            ["git", "status", "--porcelain", "-uno", "--", "src", "notebooks"], **say
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


def table_number(value: float) -> str:
    """A number as tables on a page show it: four digits that matter, thousands set apart.

    Examples
    --------
    >>> [table_number(x) for x in (37345.0, 29640.4, 0.123456, 1.5e-7, float("nan"))]
    ['37,345', '29,640', '0.1235', '1.5e-07', '']
    """
    if math.isnan(value):
        return ""
    if math.isinf(value) or value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def _show_numbers_plainly() -> None:
    """Tables in a notebook show what a reader needs; the saved files keep every digit."""
    import pandas as pd

    pd.set_option("display.float_format", table_number)


def settle_layout(figure) -> None:
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
            axes._set_position([x0, y0, x1 - x0, y1 - y0], which=which)


def _whole(pixels: float) -> int:
    """Nearest whole number; a half, give or take the solver's noise, always goes down."""
    return math.floor(pixels + 0.5 - 1e-6)


def _may_be_parameter(key: str, value: Any) -> bool:
    if key.startswith("_") or key in HOST_NAMES:
        return False
    return value is None or isinstance(value, str | int | float | bool | list | dict | tuple)
