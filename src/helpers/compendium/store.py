"""What sections leave on disk: where it lies, whether it is whole, and whether it is current."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .files import (
    OutputError,
    file_hash,
    read_json,
    same_file,
    to_disk,
    write_json,
    writing,
)
from .fingerprints import code_hash_of_run, fingerprint
from .lock import BusyError, while_saving
from .paths import RAW, before_root, figures_dir, output_root, processed_dir

if TYPE_CHECKING:
    import pandas as pd

# The folder that stands for "no city" in sections about the whole compendium.
COMPENDIUM = "compendium"

# What a spreadsheet takes a cell for a formula by.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")

Damaged = Callable[[Path], None]

TO_DISK = 8  # files whose writing is waited for at once


# ------------------------------------------------------------------------------ where things lie


def outputs_index(city: str, section: str) -> Path:
    """Path of the list of everything a section saved for a city."""
    return processed_dir(city) / f"{section}_outputs.json"


def notebook_path(city: str, section: str, partial: bool = False) -> Path:
    """Where an executed notebook is kept, the whole one or the one cut short."""
    suffix = ".partial.ipynb" if partial else ".ipynb"
    return processed_dir(city) / "notebooks" / f"{section}{suffix}"


def stamp_path(city: str, section: str) -> Path:
    """Where it is noted that a section is complete, and from what it was made."""
    return processed_dir(city) / "stamps" / f"{section}.json"


def owner_path(city: str, section: str) -> Path:
    """Where it is noted which opening of a section the results on the disk are from."""
    return processed_dir(city) / "stamps" / f"{section}.open.json"


def result_path(city: str, section: str, name: str, suffix: str) -> Path:
    """Where a section keeps a result: figures in ``figures/``, all else in ``data/processed/``."""
    folder = figures_dir(city) if suffix in (".png", ".svg") else processed_dir(city)
    return folder / f"{section}_{name}{suffix}"


# ----------------------------------------------------------------------------------------- saving


@dataclass(frozen=True)
class Shelf:
    """Where one opening of a section puts its results, and the list of them.

    Opening begins the list anew: what an earlier run with other parameters left is no result of
    this one.  Each entry carries the SHA-256 of its file.  A shelf that somebody else opened
    since refuses to save, because two sets of results would mix.

    Attributes
    ----------
    city, section, title
        Whose results.
    provenance
        What fixes them.
    status
        Word that each kind of result must carry.
    """

    city: str
    section: str
    title: str
    provenance: dict[str, Any]
    _owner: str = field(default_factory=lambda: uuid.uuid4().hex, repr=False)
    _entries: list[dict] = field(default_factory=list, repr=False)

    def begin(self) -> None:
        """Begin the list of results anew."""
        with while_saving():
            write_json(owner_path(self.city, self.section), {"owner": self._owner}, durable=False)
            write_json(outputs_index(self.city, self.section), self._index(), durable=False)

    @contextlib.contextmanager
    def saving(self) -> Iterator[None]:
        """Hold what must be held while a file of this shelf is written.

        Raises
        ------
        BusyError
            A run is at work on the same results, or the section was opened again elsewhere.
        """
        with while_saving():
            noted = read_json(owner_path(self.city, self.section), {})
            if noted.get("owner", self._owner) != self._owner:
                raise BusyError(
                    f"section {self.section} was opened again elsewhere for {self.city}, with its "
                    "results in the same folder; run this notebook from its top, or set "
                    "POLICE_PLANNING_OUTPUT to a folder of your own first."
                )
            yield

    def add(self, path: Path, **about: Any) -> None:
        """List a file that was just written; called inside `saving`."""
        place = path.relative_to(output_root()).as_posix()
        entry = {**about, "file": place, "sha256": file_hash(path)}
        places = [known["file"] for known in self._entries]
        if place in places:
            self._entries[places.index(place)] = entry
        else:
            self._entries.append(entry)
        # it is renewed with every result; `complete` puts it on the disk for good
        write_json(outputs_index(self.city, self.section), self._index(), durable=False)

    def _index(self) -> dict[str, Any]:
        return {
            "section": self.section,
            "city": self.city,
            "title": self.title,
            "provenance": self.provenance,
            "outputs": self._entries,
        }


# ---------------------------------------------------------------------------------------- reading


def read_index(
    city: str, section: str, damaged: Damaged | None = None, root: Path | None = None
) -> dict[str, Any]:
    """List of what a section saved for a city; an empty one where there is none that can be read.

    Entries that do not say what and where they are, or that point out of the folders of results,
    are left out.  The results are those of `output_root`, unless another folder is given.
    """
    root = root or output_root()
    path = root / outputs_index(city, section).relative_to(output_root())
    if _READ is None:
        return _sound_index(path, root, damaged)
    if path not in _READ:
        _READ[path] = _sound_index(path, root, damaged)
    index = _READ[path]
    return {**index, "outputs": [*index["outputs"]]} if index else {}


@contextlib.contextmanager
def indexes_read_once() -> Iterator[None]:
    """Read each list of results once while nothing but readers is at work, as in a report.

    Who reads must leave the entries as they are.
    """
    global _READ
    before, _READ = _READ, {} if _READ is None else _READ
    try:
        yield
    finally:
        _READ = before


# what `indexes_read_once` remembers; None outside of it
_READ: dict[Path, dict[str, Any]] | None = None


def _sound_index(path: Path, root: Path, damaged: Damaged | None) -> dict[str, Any]:
    index = read_json(path, {}, damaged)
    if not index:
        return {}
    entries = index.get("outputs")
    folders = [root / f.relative_to(output_root()) for f in (figures_dir(), processed_dir())]
    sound = [e for e in entries if _is_entry(e, root, folders)] if isinstance(entries, list) else []
    about = index.get("provenance")
    return {**index, "outputs": sound, "provenance": about if isinstance(about, dict) else {}}


def _is_entry(entry: Any, root: Path, folders: list[Path]) -> bool:
    if not isinstance(entry, dict):
        return False
    if not all(isinstance(entry.get(key), str) for key in ("kind", "name", "file", "sha256")):
        return False
    try:
        path = (root / entry["file"]).resolve()
    except (OSError, ValueError, RuntimeError):
        # no name that a file can have, or a circle of links
        return False
    return any(path.is_relative_to(folder) for folder in folders)


def saved_file(city: str, section: str, name: str) -> tuple[Path, dict[str, Any]] | None:
    """File and provenance of a result, where it is whole; else None.

    Parameters
    ----------
    city, section, name
        Whose result, and its name as the section saved it.
    """
    for root in filter(None, (output_root(), before_root())):
        index = read_index(city, section, root=root)
        for entry in index.get("outputs", []):
            path, wanted = root / entry["file"], entry["name"] == name and entry["kind"] != "figure"
            if wanted and same_file(path, entry["sha256"]):
                return path, index["provenance"]
    return None


def read_content(path: Path) -> Any:
    """Content of a table (a frame, as it was saved) or of a document or numbers (JSON types)."""
    if path.suffix == ".json":
        return read_json(path, {})
    import pandas as pd

    if path.suffix == ".csv":
        return _read_csv(path)
    import pyarrow.parquet as parquet

    if b"geo" in (parquet.read_schema(path).metadata or {}):
        import geopandas as gpd

        return gpd.read_parquet(path)
    return pd.read_parquet(path)


def described(frame: pd.DataFrame) -> dict[str, Any]:
    """What a CSV file does not say of its columns: which hold text, and which is the index."""
    import pandas as pd

    whole = frame if frame.index.names == [None] else frame.reset_index()
    text = [str(c) for c, kind in whole.dtypes.items() if not pd.api.types.is_numeric_dtype(kind)]
    index = [str(name) for name in frame.index.names if name is not None]
    return {"text": text, "index": index}


def _read_csv(path: Path) -> pd.DataFrame:
    import pandas as pd

    about = read_json(path.with_name(path.name + ".json"), {})
    heads = pd.read_csv(path, nrows=0).columns
    text = [head for head in heads if _bare(head) in about.get("text", [])]
    # a zone may be called NA; an empty cell lacks a number, and is no text
    lacking = {head: [""] for head in heads if head not in text}
    frame = pd.read_csv(
        path,
        dtype=dict.fromkeys(text, str),
        keep_default_na=False,
        na_values=lacking,
    )
    for name in text:
        frame[name] = frame[name].map(_bare)
    frame.columns = frame.columns.map(_bare)
    return frame.set_index(index) if (index := about.get("index")) else frame


def _bare(text: str) -> str:
    return text[1:] if text.startswith(tuple("'" + sign for sign in FORMULA_SIGNS)) else text


def no_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with an apostrophe before every text that a spreadsheet would run as a formula.

    Parameters
    ----------
    frame : pandas.DataFrame
        Any; it is not changed.

    Examples
    --------
    >>> import pandas as pd
    >>> no_formulas(pd.DataFrame({"name": ["=1+1", "-3", "A-1"]}))["name"].tolist()
    ["'=1+1", '-3', 'A-1']
    """
    import pandas as pd

    def plain_text(value: Any) -> Any:
        if not isinstance(value, str) or not value.startswith(FORMULA_SIGNS):
            return value
        try:
            float(value)
        except ValueError:
            return f"'{value}"
        return value

    kept = frame.copy(deep=False)
    for position, dtype in enumerate(kept.dtypes):
        if not pd.api.types.is_numeric_dtype(dtype):
            kept.isetitem(position, kept.iloc[:, position].map(plain_text))
    kept.columns = kept.columns.map(plain_text) if kept.columns.nlevels == 1 else kept.columns
    if kept.index.names != [None] and kept.index.nlevels == 1:
        kept.index = kept.index.map(plain_text).rename(kept.index.name)
    return kept


# ------------------------------------------------------------------------------- what is current


def task_key(provenance: dict[str, Any], city: str, after: tuple[str, ...]) -> str:
    """Fingerprint of all that a section's results for a city depend on.

    That is what their provenance names, and the stamps of the sections before it; for a section
    about the whole compendium, every result that it may read.
    """
    made_from = {k: v for k, v in provenance.items() if k not in ("lock", "git_commit")}
    if city == COMPENDIUM:
        before: list[str | None] = [file_hash(path) for path in ledger_files()]
    else:
        before = [read_stamp(city, name).get("key") for name in after]
    return fingerprint(made_from=made_from, before=before)


def ledger_files() -> list[Path]:
    """Every result that a section about the whole compendium may read."""
    found = sorted(processed_dir().glob("*/[0-9][0-9]_*.json"))
    found = [path for path in found if path.is_file() and path.parent.name != COMPENDIUM]
    return [*sorted(RAW.glob("claims*.*")), *found]


def read_stamp(city: str, section: str, damaged: Damaged | None = None) -> dict[str, Any]:
    """The stamp of a section, or an empty dictionary."""
    stamp = read_json(stamp_path(city, section), {}, damaged)
    well = isinstance(stamp.get("key"), str) and isinstance(stamp.get("outputs"), dict)
    return stamp if well else {}


def is_current(city: str, section: str, key: str, damaged: Damaged | None = None) -> bool:
    """Whether what lies on the disk is what the stamp of that key names.

    Contents are compared, never times: the fingerprint of what goes in, and the SHA-256 of every
    file that came out, the executed notebook and the list of results among them.

    Parameters
    ----------
    city, section
        Whose results.
    key
        Fingerprint of what a run would make now.
    damaged
        Called with each file that the stamp names and that is missing or another.
    """
    stamp = read_stamp(city, section, damaged)
    if stamp.get("key") != key:
        return False
    files = {output_root() / name: digest for name, digest in stamp["outputs"].items()}
    wrong = [path for path, digest in files.items() if not same_file(path, digest)]
    if damaged:
        for path in wrong:
            damaged(path)
    return not wrong


def complete(city: str, section: str, key: str, parameters: dict[str, Any], seconds: float) -> None:
    """Stamp a section that ended well, and remove what an earlier version of it left.

    Parameters
    ----------
    city, section
        Whose results.
    key
        The fingerprint taken before it ran: what was edited meanwhile is not in it.
    parameters
        What it was run with; results of other parameters are not stamped.
    seconds
        What it took.

    Raises
    ------
    OutputError
        The results on the disk are not those of this run, or the system refuses to write.
    """
    index_path = outputs_index(city, section)
    index = read_index(city, section)
    if index and index["provenance"].get("parameters") != parameters:
        raise OutputError(
            f"while section {section} ran for {city}, another notebook put results of other "
            "parameters in their place; run again"
        )
    outputs = {entry["file"]: entry["sha256"] for entry in index.get("outputs", [])}
    kept = {index_path, *(output_root() / name for name in outputs)}
    kept |= {path.with_name(path.name + ".json") for path in kept}
    with writing(index_path):
        for folder in (figures_dir(city), processed_dir(city)):
            for path in folder.glob(f"{section}_*"):
                if path.is_file() and path not in kept:
                    path.unlink()
    for path in (notebook_path(city, section), index_path):
        if path.is_file():
            outputs[path.relative_to(output_root()).as_posix()] = file_hash(path)
    with writing(index_path), ThreadPoolExecutor(TO_DISK) as pool:
        # several at once share the disk's journal
        saved = [output_root() / name for name in outputs]
        beside = [path.with_name(path.name + ".json") for path in saved]
        for _ in pool.map(to_disk, [path for path in (*saved, *beside) if path.is_file()]):
            pass
    stamp = {"key": key, "seconds": round(seconds, 1), "outputs": outputs}
    write_json(stamp_path(city, section), stamp)


def forget(city: str, section: str) -> None:
    """Take the stamp of a section away: it did not end well, or is about to run anew."""
    path = stamp_path(city, section)
    with writing(path), contextlib.suppress(FileNotFoundError, IsADirectoryError):
        path.unlink()


def provenance(
    section: str, city: str, parameters: dict[str, Any], inputs: str, lock: str
) -> dict[str, Any]:
    """What fixes the results of a section: parameters and hashes of code, inputs and lock."""
    return {
        "section": section,
        "city": city,
        "parameters": {name: value for name, value in parameters.items() if name != "city"},
        "code": code_hash_of_run(section),
        "inputs": inputs,
        "lock": lock,
    }
