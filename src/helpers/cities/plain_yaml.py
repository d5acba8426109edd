"""Read YAML that is plain data: no tags, no aliases, no key given twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from helpers.sources import SourceError, decode, read_bytes

from .errors import CityError

_DEEPEST = 20
_MOST_BYTES = 1_000_000


class _PlainLoader(yaml.SafeLoader):
    """SafeLoader that also refuses what makes a card say one thing and mean another."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent):
            raise yaml.constructor.ConstructorError(
                None,
                None,
                f"an alias (*{event.anchor})",
                event.start_mark,  # type: ignore[arg-type]  # its stub leaves out one kind of mark
            )
        if self.depth >= _DEEPEST:
            what = f"a value more than {_DEEPEST} levels deep"
            raise yaml.constructor.ConstructorError(None, None, what, event.start_mark)
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    None, None, "a key that is a list or has keys itself", key.start_mark
                )
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} a second time", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def read_plain_yaml(path: Path) -> tuple[dict[str, Any], dict[tuple, int]]:
    """Content of a YAML file, with the line of each of its keys.

    Parameters
    ----------
    path : Path
        A file whose top level is a mapping.

    Returns
    -------
    content : dict
    lines : dict
        From the path of a key, such as ``("layers", "events", "file")``, to its line.

    Raises
    ------
    CityError
        The file is missing, is not UTF-8 text, is not YAML, is not a mapping, or holds tags,
        aliases or repeated keys.
    """
    name = f"{path.parent.name}/{path.name}"
    try:
        data = read_bytes(path, name)
        if len(data) > _MOST_BYTES:
            raise CityError(f"{name} holds {len(data):,} bytes; put tables into files of their own")
        text = decode(name, data, "utf-8-sig", "YAML")
    except SourceError as error:
        if not path.exists():
            raise CityError(
                f"{name}: no such file; describe the city there (docs/data.md)"
            ) from None
        raise CityError(str(error)) from None
    loader = None
    try:
        loader = _PlainLoader(text)
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise CityError(
                f"{name} does not hold keys with values; begin with `title: ...` (docs/data.md)"
            )
        content = loader.construct_document(node)
    except yaml.constructor.ConstructorError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        what = str(error.problem)
        if "tag" in what and "'" in what:
            what = "the tag " + what.split("'")[1]
        raise CityError(
            f"{name}, line {line}: {what} is not plain data; write keys and plain values only"
        ) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise CityError(
            f"{name}, line {line}: the character U+{ord(text[error.position]):04X} is not text that "
            "YAML can hold; remove it"
        ) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be parsed"
        raise CityError(
            f"{name}{where}: not YAML ({problem}); check indentation, colons and quotes"
        ) from None
    except (ValueError, RecursionError):
        raise CityError(f"{name}: not YAML; check dates, numbers and nesting") from None
    finally:
        if loader:
            loader.dispose()
    lines: dict[tuple, int] = {}
    _note_lines(node, (), lines)
    return content, lines


def _note_lines(node: yaml.Node, path: tuple, lines: dict[tuple, int]) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            lines[(*path, key.value)] = key.start_mark.line + 1
            _note_lines(value, (*path, key.value), lines)
    elif isinstance(node, yaml.SequenceNode):
        for k, value in enumerate(node.value):
            lines[(*path, k)] = value.start_mark.line + 1
            _note_lines(value, (*path, k), lines)
