"""What the papers print, beside what this compendium computes: rules, ledger, answers, exhibits."""

from .counterparts import FIRST, claims_of, concordance, exhibits, manifest, unmatched
from .printed import printed_columns
from .rows import (
    MISSING,
    NOT_BUILT,
    NOT_RUN,
    OWN_SECTION,
    PAPERS,
    REFUSALS,
    Saved,
    ledger,
    published,
    saved_numbers,
    shown,
    unjudged,
)
from .rulebook import EVIDENCE, VERDICTS, Rule, RuleError, judge, rules, share_interval
from .sentences import TERMS, Answer, answers, citation_of, deviations, evidence_counts, papers

__all__ = [
    "EVIDENCE",
    "FIRST",
    "MISSING",
    "NOT_BUILT",
    "NOT_RUN",
    "OWN_SECTION",
    "PAPERS",
    "REFUSALS",
    "TERMS",
    "VERDICTS",
    "Answer",
    "Rule",
    "RuleError",
    "Saved",
    "answers",
    "citation_of",
    "claims_of",
    "concordance",
    "deviations",
    "evidence_counts",
    "exhibits",
    "judge",
    "ledger",
    "manifest",
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
