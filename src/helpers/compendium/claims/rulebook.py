"""How a claim is judged: the rules of ``data/raw/claims_rules.yml``, their tests and verdicts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from helpers.checks import near

from .files import claims_file

VERDICTS = {
    "match": "the same number, within the stated tolerance",
    "close": "the same reading, the number within sight of the published one",
    "inferred": "agrees with a value that the paper does not print: computed, inferred or in a picture",
    "mixed": "holds in a part: in one of the towns that test it and not in another, or at some distances only; "
    "the note says where",
    "differs": "another number; the note says what is known of the reason",
    "data-unavailable": "the data behind the number were never published",
    "synthetic": "computed on simulated data: shows the method, does not test the claim",
    "paper-inconsistent": "the paper contradicts itself on this number or on the column it stands in",
}
"""What each verdict says."""

EVIDENCE = {
    "reproduction": "the paper's data and method, computed independently; up to a tenth of the data may be estimated here, "
    "which row and figure say",
    "partly estimated": "the paper's method on its data, more than a tenth of them estimated here: counted apart",
    "replication": "the paper's method on other real data",
    "chance": "an extreme of one random run, judged by the share of our runs that end there (often none)",
    "tuned": "computed with a setting that was chosen because it agrees",
    "arithmetic": "a check inside the paper's own numbers",
    "input": "what the method starts from: restated, not tested",
    "construction": "a setting or a definition, which no data can test",
    "simulation": "the paper's method on simulated data",
    "not obtainable": "the data were never published, or nothing here can test it",
}
"""What a verdict rests on; only the first class says that a result of a paper was obtained again."""

TESTED = ("mixed", "match", "close")
LEVEL = 0.95  # of the intervals of shares
MUCH = 0.1
"""Share of the data from which on a result rests on estimates."""
REPRODUCTION, ESTIMATED = "reproduction", "partly estimated"
READ = "read"  # a value that the paper prints as a number or a word
INCONSISTENT, ARITHMETIC = "paper-inconsistent", "arithmetic"


class RuleError(ValueError):
    """A rule that cannot judge; the sentence names the claim and the mend."""


@dataclass(frozen=True)
class Rule:
    """How one claim is judged, as ``claims_rules.yml`` says.

    Attributes
    ----------
    claim_id
        The claim.
    section
        Number of the section that saves what is judged.
    number
        Key of the number; ``parameters.<name>`` is a parameter of the section,
        ``tables.<name>.<column>`` a column of one of its tables.  Empty where the paper is judged
        by itself (`always`).
    cities
        Whose runs speak on the claim; the first that ran gives the row.
    evidence
        What the verdict rests on, one of `EVIDENCE`.
    tests
        Tests by verdict, in the order in which they are tried.
    always
        A verdict that stands whatever the number is; or an empty string.
    refused
        Number of the section on claims that says whether arithmetic refuses the printed value;
        where it holds, the verdict is "paper-inconsistent".
    figure
        Name of the section's figure that shows it.
    cell
        Cell of the section's notebook that shows it, where the one that saved it shows nothing.
    finding
        What the claim says, in few words.
    tolerance, note, show, caveat
        Templates of text: how near counts, what the value rests on, what is shown, and what each town's
        verdict must not be read without; the note may say it too, as ``caveat``.
    briefly
        The caveat in a few words, as a template, for the sentence on the paper.
    table_row, table_column
        Texts that the row begins with in which the value stands, divided by ``|`` between
        spaces, as a template, and the heading of its column, where the cell shows a table.
    estimated
        Fields that the value is computed from.
    expected
        What the published text says, where its string does not say it by itself.
    simulated
        Whether simulated data are judged like others.
    """

    claim_id: str
    section: str
    number: str
    cities: tuple[str, ...]
    evidence: str = "reproduction"
    tests: dict[str, dict[str, Any]] = field(default_factory=dict)
    always: str = ""
    refused: str = ""
    figure: str = ""
    cell: str = ""
    finding: str = ""
    tolerance: str = ""
    note: str = ""
    show: str = ""
    caveat: str = ""
    briefly: str = ""
    table_row: str = ""
    table_column: str = ""
    estimated: tuple[str, ...] = ()
    expected: Any = None
    simulated: bool = False

    def synthetic(self, simulated: bool) -> bool:
        """Whether data that are simulated keep the claim from being tested."""
        # where the paper contradicts itself no data matter
        return simulated and not self.simulated and self.always != INCONSISTENT

    def evidence_on(
        self, *, simulated: bool, refused: bool = False, estimated: float | None = None
    ) -> str:
        """What the verdict rests on: data that are simulated or estimated, or arithmetic that refuses."""
        if refused:
            return ARITHMETIC
        if self.synthetic(simulated):
            return "simulation"
        if estimated is not None and self.evidence in (REPRODUCTION, ESTIMATED):
            return ESTIMATED if estimated > MUCH else REPRODUCTION
        return self.evidence

    @property
    def field(self) -> str:
        """The field that its number is of: of `estimated` the longest name that begins the number's."""
        begin = [name for name in self.estimated if self.number.startswith(name)]
        return max(begin, key=len, default="")


def rules(path: Path | None = None) -> dict[str, Rule]:
    """Every rule by its claim, as in ``data/raw/claims_rules.yml``.

    Raises
    ------
    RuleError
        A rule lacks something, has a key or a test that is not known, or gives no verdict.
    """
    path = path or claims_file("claims_rules.yml")
    return rules_of(path, path.stat().st_mtime_ns)


@cache
def rules_of(path: Path, changed: int) -> dict[str, Rule]:
    """The rules of a file that was last changed then."""
    entries = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    # what begins with a dot only lends its keys to others
    return {name: _rule(name, e) for name, e in entries.items() if not name.startswith(".")}


def _rule(claim_id: str, entry: dict[str, Any]) -> Rule:
    known = {*Rule.__dataclass_fields__, *TESTED} - {"claim_id", "tests"}
    for key in entry:
        if key not in known:
            raise RuleError(f"rule {claim_id} has no key '{key}'{near(key, known) or '.'}")
    always = entry.get("always", "")
    for key in ("section", "number", "cities", "tolerance", "evidence"):
        if not entry.get(key) and not (key == "number" and always):
            raise RuleError(f"rule {claim_id} does not say '{key}'.")
    tests = {
        # YAML takes the bare word for the truth itself
        verdict: {"true" if name is True else name: asked for name, asked in entry[verdict].items()}
        for verdict in TESTED
        if verdict in entry
    }
    for wanted in tests.values():
        for name in wanted:
            if name not in TESTS:
                raise RuleError(f"rule {claim_id} has no test '{name}'{near(name, TESTS) or '.'}")
    if bool(tests) == bool(always) or (always and always not in VERDICTS):
        raise RuleError(f"rule {claim_id} needs tests, or one verdict under 'always'.")
    if entry["evidence"] not in EVIDENCE:
        hint = near(entry["evidence"], EVIDENCE) or "."
        raise RuleError(f"rule {claim_id} has no evidence '{entry['evidence']}'{hint}")
    if entry.get("simulated", "judge") != "judge":
        raise RuleError(f"rule {claim_id}: 'simulated' can only be 'judge'.")
    if not entry.get("note") and set(tests) != {"match"}:
        raise RuleError(f"rule {claim_id} needs a note that says what the value rests on.")
    texts = (
        *("number", "refused", "figure", "cell", "finding", "note", "show", "caveat", "briefly"),
        *("table_row", "table_column"),
    )
    return Rule(
        claim_id=claim_id,
        section=str(entry["section"]),
        cities=tuple(entry["cities"]),
        evidence=entry["evidence"],
        tests=tests,
        always=always,
        tolerance=entry["tolerance"],
        estimated=tuple(entry.get("estimated", ())),
        expected=entry.get("expected"),
        simulated="simulated" in entry,
        **{name: entry.get(name, "") for name in texts},
    )


# ------------------------------------------------------------------------------------------ tests


def as_number(value: Any) -> float:
    """A value as a number; what is none becomes ``nan``, which no test holds for."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def as_items(value: Any) -> list[str]:
    """The items of a list, or of a text that divides them by semicolons.

    Examples
    --------
    >>> as_items("Abela; Torrão"), as_items([11, 0.25])
    (['Abela', 'Torrão'], ['11', '0.25'])
    """
    items = value if isinstance(value, list | tuple) else str(value).split(";")
    return [
        f"{as_number(item):g}" if not math.isnan(as_number(item)) else str(item).strip()
        for item in items
    ]


def share_interval(met: float, of: float) -> tuple[float, float]:
    r"""Interval of Clopper and Pearson for the share of runs that end somewhere, at 95 %.

    With :math:`k` of :math:`n` runs,

    .. math:: P(X \ge k \mid p_{low}) = P(X \le k \mid p_{high}) = 0.025, \quad X \sim B(n, p) .

    Parameters
    ----------
    met, of
        k and n.

    Returns
    -------
    low, high

    Examples
    --------
    >>> [round(end, 3) for end in share_interval(1, 30)]
    [0.001, 0.172]
    """
    from scipy.stats import binomtest

    found = binomtest(int(met), int(of)).proportion_ci(LEVEL, method="exact")
    return float(found.low), float(found.high)


def _equal(value: Any, wanted: Any, asked: Any, numbers: Mapping) -> bool:
    wanted = wanted if asked is True else asked
    numeric = as_number(value), as_number(wanted)
    if math.isnan(numeric[0]) or math.isnan(numeric[1]):
        return str(value).strip() == str(wanted).strip()
    return numeric[0] == numeric[1]


def _within(value: Any, wanted: Any, asked: Any, numbers: Mapping) -> bool:
    mine, theirs = as_items_numbers(value), as_items_numbers(wanted)
    gaps = [abs(a - b) for a, b in zip(mine, theirs, strict=False)]
    return len(mine) == len(theirs) and all(gap <= asked for gap in gaps)


def as_items_numbers(value: Any) -> list[float]:
    """The numbers of a list, or of a text that divides them by semicolons."""
    items = value if isinstance(value, list | tuple) else str(value).split(";")
    return [as_number(item) for item in items]


def _within_relative(value: Any, wanted: Any, asked: Any, numbers: Mapping) -> bool:
    return abs(as_number(value) - as_number(wanted)) <= asked * abs(as_number(wanted))


def _between(value: Any, wanted: Any, asked: Any, numbers: Mapping) -> bool:
    low, high = (as_number(numbers.get(key)) for key in asked)
    return low <= as_number(wanted) <= high


def _usual(value: Any, wanted: Any, asked: Any, numbers: Mapping) -> bool:
    # one lucky run of many is no match, and more runs make it none: the interval narrows
    # around the share, it does not grow towards it
    met, of = (as_number(numbers.get(asked[key])) for key in ("met", "of"))
    return not math.isnan(met + of) and share_interval(met, of)[0] > 0.5


def _greatest_of(value: Any, wanted: Any, asked: Any, numbers: Mapping) -> bool:
    return all(as_number(value) > as_number(numbers.get(key)) for key in asked)


def _sign(value: Any, wanted: Any, asked: Any, numbers: Mapping) -> bool:
    number = as_number(value)
    return bool((number > 0) - (number < 0) == as_number(wanted))


def _same_set(value: Any, wanted: Any, asked: Any, numbers: Mapping) -> bool:
    return set(as_items(value)) == set(as_items(wanted))


def _same_list(value: Any, wanted: Any, asked: Any, numbers: Mapping) -> bool:
    return as_items(value) == as_items(wanted)


def _below(value: Any, wanted: Any, asked: Any, numbers: Mapping) -> bool:
    return as_number(value) < asked


def _above(value: Any, wanted: Any, asked: Any, numbers: Mapping) -> bool:
    return as_number(value) > asked


def _true(value: Any, wanted: Any, asked: Any, numbers: Mapping) -> bool:
    return value is True if asked is True else numbers.get(asked) is True


def _both_sides(value: Any, wanted: Any, asked: Any, numbers: Mapping) -> bool:
    course = str(numbers.get(asked, ""))
    return "above" in course and "below" in course


TESTS: dict[str, Callable[[Any, Any, Any, Mapping], bool]] = {
    "equal": _equal,
    "within": _within,
    "within_relative": _within_relative,
    "between": _between,
    "usual": _usual,
    "greatest_of": _greatest_of,
    "sign": _sign,
    "same_set": _same_set,
    "same_list": _same_list,
    "below": _below,
    "above": _above,
    "true": _true,
    "both_sides": _both_sides,
}


def judge(
    rule: Rule,
    printed: str,
    numbers: Mapping[str, Any],
    *,
    simulated: bool,
    reading: str = READ,
    refused: bool = False,
) -> str:
    """Verdict on one claim.

    Parameters
    ----------
    rule
        How it is judged.
    printed
        What the paper prints.
    numbers
        Those that the section saved, by key.
    simulated
        Whether they rest on simulated data.
    reading
        How the printed value was got; one that was not ``read`` can be agreed with, never met.
    refused
        Whether arithmetic on the paper's own numbers refuses it.

    Returns
    -------
    str
        One of `VERDICTS`.
    """
    if refused:
        return INCONSISTENT
    if rule.synthetic(simulated):
        return "synthetic"
    if rule.always:
        return rule.always
    wanted = printed if rule.expected is None else rule.expected
    value = numbers[rule.number]
    for verdict, tests in rule.tests.items():
        if all(TESTS[name](value, wanted, asked, numbers) for name, asked in tests.items()):
            return verdict if reading == READ or verdict == "mixed" else "inferred"
    # a check inside the paper that does not hold is no difference from us
    return INCONSISTENT if rule.evidence == ARITHMETIC else "differs"
