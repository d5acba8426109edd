"""What the papers print, beside what this compendium computes: rules, ledger, answers, exhibits."""

from .counterparts import claims_of, concordance, exhibits, unmatched
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
from .rulebook import EVIDENCE, VERDICTS, Rule, RuleError, judge, rules, share_interval
from .sentences import Answer, answers, evidence_counts, papers

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
