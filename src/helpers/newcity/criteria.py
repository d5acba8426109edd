"""Criteria of a prioritisation from any table: all anew, or in the place of those that are there."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from helpers.checks import per_cent
from helpers.cities import City, Criterion

from .cells import numbers
from .choices import Said
from .errors import NewCityError
from .extras import Made, left_out, one_table, quoted
from .tables import RawTable
from .zoning import matched


def criteria_layer(path: Path, key: str, zones: pd.Series, scratch: Path) -> Made:
    """Performance of zones from any table: a code and a number a criterion each.

    Raises
    ------
    NewCityError
        No column of codes, a zone without row, or fewer than two numbers.
    """
    table, files = one_table(path, scratch, "criteria")
    key, codes = _codes(table, key, zones)
    names = list(table.frame.columns)
    frame = pd.DataFrame({"zone": codes})
    block, left = "", []
    for name in names:
        values, _ = numbers(table.frame[name])
        if name == key:
            continue
        if not np.isfinite(values).all() or values.min() == values.max():
            left.append(name)
            continue
        column = re.sub(r"[/\\.]", "_", name)
        if column in ("zone", "name"):
            column += "_value"
        frame[column] = values
        block += (
            f"      {quoted(column)}:\n        column: {quoted(column)}\n        label: {quoted(name)}\n"
            "        shape: increasing  # or decreasing, peaked: say how priority follows\n"
        )
    frame = frame[frame["zone"] != ""]
    if frame.shape[1] < 2:
        raise NewCityError(
            f"{table.files[0]} holds no column of numbers that vary; give one a criterion"
        )
    return Made(
        frame.to_csv(index=False, lineterminator="\n"),
        f"    file: criteria.csv\n    criteria:\n{block}",
        [
            f"criteria: {frame.shape[1] - 1} columns of {table.files[0]}, each taken as rising with priority"
            + left_out(left)
        ],
        files,
    )


def renews(town: City, path: Path, said: Said, scratch: Path) -> bool:
    """Whether a table of criteria goes in the place of a city's, rather than being a layer anew.

    It does where it is said with ``--criterion``, where a column bears the name of a criterion, and
    where the city has no zones that others could belong to.
    """
    known = _known(town)
    if not known:
        return False
    if said.criteria or not town.has("zones"):
        return True
    table, _ = one_table(path, scratch, "criteria")
    try:
        return bool(_columns_of(known, list(table.frame.columns), {}, ""))
    except NewCityError:
        return False


def renewed_criteria(path: Path, said: Said, town: City, scratch: Path) -> Made:
    """Criteria of a city that has some: columns of a table in the place of theirs, the rest kept.

    A criterion takes the column that bears its name, its own column's or its label, or the one
    that ``--criterion NAME=COLUMN`` gives it. It keeps its label, unit and shape, unless another
    shape is said, and is simulated no longer.

    Parameters
    ----------
    path : Path
    said : Said
        ``key``, the column of codes, and ``criteria``.
    town : City
        With a layer of criteria from a file.
    scratch : Path

    Raises
    ------
    NewCityError
        No column of codes, a zone without row, a cell that is no number and no level, levels that
        are numbers now and no word on their shape, or nothing that can be taken.
    """
    known, old = _known(town), town.layer("criteria")
    table, files = one_table(path, scratch, "criteria")
    name, codes = _codes(table, said.key, old["zone"].astype(str))
    frame = table.frame.assign(**{name: codes})
    frame = frame[frame[name] != ""].drop_duplicates(name).set_index(name)
    frame = frame.loc[old["zone"].astype(str)]
    taken = _columns_of(
        known,
        list(frame.columns),
        {each: column for each, column, _ in said.criteria},
        table.files[0],
    )
    kept = {each: one.model_dump(exclude_defaults=True) for each, one in known.items()}
    values = {each: old[each].to_numpy() for each in known if each not in taken}
    facts = []
    shapes = {each: shape for each, _, shape in said.criteria}
    for each, column in taken.items():
        spec = kept.get(each, {"label": column, "shape": "increasing"})
        given, spec = _measured(frame[column], each, spec, shapes.get(each, ""), table.files[0])
        if each not in known and not shapes.get(each):
            facts.append(
                f"{each}: taken as rising with priority; say {each}={column}:decreasing where it falls"
            )
        kept[each] = {name: value for name, value in spec.items() if name != "synthetic"}
        values[each] = given
    rest = [column for column in frame.columns if column not in taken.values()]
    facts.insert(
        0,
        f"criteria: {', '.join(taken)} of {table.files[0]}; "
        + (
            f"as before: {', '.join(each for each in kept if each not in taken)}"
            if len(taken) < len(kept)
            else "none is left as before"
        )
        + (f"; left out: {', '.join(rest)} (--criterion NAME=COLUMN takes one)" if rest else ""),
    )
    facts.append("see whether title, description and source_line of city.yml are still true")
    block = {"file": "criteria.csv", "criteria": {each: _stated(kept[each], each) for each in kept}}
    told = yaml.safe_dump(block, sort_keys=False, allow_unicode=True, width=110)
    whole = pd.DataFrame({"zone": old["zone"].astype(str), **{each: values[each] for each in kept}})
    text = whole.to_csv(index=False, lineterminator="\n")
    return Made(text, textwrap.indent(told, "    "), facts, files)


def real_now(text: str, town: City, made: Made) -> str:
    """city.yml without the old sum of criteria.csv, and without `synthetic` where none is left so.

    Parameters
    ----------
    text : str
        Of city.yml.
    town : City
        As it was.
    made : Made
        The criteria as they are to be.
    """
    text = re.sub(r"^  criteria\.csv: [0-9a-f]{64}.*\n", "", text, flags=re.MULTILINE)
    if "synthetic: true" in made.block:
        return text
    left = [layer for layer in town.synthetic if layer != "criteria"]
    line = f"synthetic: [{', '.join(left)}]\n" if left else ""
    return re.sub(r"^synthetic: .*\n(?:- .*\n)*", line, text, flags=re.MULTILINE)


def _known(town: City) -> dict[str, Criterion]:
    """Criteria of a city that come from a file; none where they derive from its zones."""
    stated = town.card.layers.criteria
    return dict(stated.criteria) if stated is not None and stated.file else {}


def _codes(table: RawTable, key: str, zones: pd.Series) -> tuple[str, np.ndarray]:
    """The column of codes, and the zone of each row ("" for none)."""
    names = list(table.frame.columns)
    if key and key not in names:
        raise NewCityError(
            f"{table.files[0]}: no column {key!r} for --key; it has {', '.join(names)}"
        )
    ranked = [
        (float((matched(table.frame[n], zones)[0] != "").mean()), n)
        for n in ([key] if key else names)
    ]
    share, key = max(ranked)
    codes, _ = matched(table.frame[key], zones)
    if share < 0.5:
        raise NewCityError(
            f"{table.files[0]}: column {key} joins {per_cent(share)} of its rows to a zone; name the column of "
            "codes with --key"
        )
    missing = set(zones) - set(codes)
    if missing:
        raise NewCityError(
            f"{table.files[0]}, column {key}: no row for zone {min(missing)!r} ({len(missing)} zones)"
        )
    return key, codes


def _columns_of(
    known: Mapping[str, Criterion], columns: list[str], given: dict[str, str], file: str
) -> dict[str, str]:
    """Criterion → column of the table."""
    if wrong := [column for column in given.values() if column not in columns]:
        raise NewCityError(
            f"{file}: no column {wrong[0]!r} for --criterion; it has {', '.join(columns)}"
        )
    bare = {column.strip().casefold(): column for column in columns}
    found = {}
    for name, criterion in known.items():
        names = (name, criterion.column or "", criterion.label)
        match = next((bare[n.casefold()] for n in names if n.casefold() in bare), "")
        if column := given.get(name, match):
            found[name] = column
    found |= {name: column for name, column in given.items() if name not in known}
    if not found:
        raise NewCityError(
            f"{file}: no column bears the name of a criterion ({', '.join(known)}); say which is which "
            f"with --criterion {next(iter(known))}=COLUMN"
        )
    return found


def _measured(
    cells: pd.Series, name: str, spec: dict, shape: str, file: str
) -> tuple[np.ndarray, dict]:
    """What the cells hold, and how priority follows it: levels as they are, or numbers."""
    levels = spec.get("values", {})
    text = cells.astype(str).str.strip()
    if levels and text.isin(list(levels)).all():
        return text.to_numpy(), spec
    values, _ = numbers(cells)
    if not np.isfinite(values).all():
        zone = cells.index[~np.isfinite(values)][0]
        among = f" and none of the levels {', '.join(levels)}" if levels else ""
        raise NewCityError(
            f"{file}, column {cells.name}, zone {zone}: {text[zone]!r} is no number{among}"
        )
    if levels and not shape:
        raise NewCityError(
            f"{file}, column {cells.name}: {name} was of levels and is of numbers here; say how priority "
            f"follows with --criterion {name}={cells.name}:decreasing (or :increasing)"
        )
    plain = {key: value for key, value in spec.items() if key != "values" or not levels}
    return values, plain | ({"shape": shape} if shape else {})


def _stated(criterion: dict, name: str) -> dict:
    """A criterion as city.yml states it, its column named as itself."""
    return {"column": name, **{k: v for k, v in criterion.items() if k not in ("column", "field")}}
