"""What the papers print, beside what this compendium computes: rules, ledger, answers, exhibits."""

from .answers import Answer, answers, evidence_counts, papers
from .concordance import claims_of, concordance, exhibits, unmatched
from .printed import printed_columns
from .rows import (
    MISSING,
    NOT_BUILT,
    NOT_RUN,
    PAPERS,
    Saved,
    ledger,
    published,
    saved_numbers,
    shown,
    unjudged,
)
from .rules import EVIDENCE, VERDICTS, Rule, RuleError, judge, rules, share_interval

__all__ = [
    "EVIDENCE",
    "MISSING",
    "NOT_BUILT",
    "NOT_RUN",
    "PAPERS",
    "VERDICTS",
    "Answer",
    "Rule",
    "RuleError",
    "Saved",
    "answers",
    "claims_of",
    "concordance",
    "evidence_counts",
    "exhibits",
    "judge",
    "ledger",
    "papers",
    "printed_columns",
    "published",
    "rules",
    "saved_numbers",
    "share_interval",
    "shown",
    "unjudged",
    "unmatched",
]
