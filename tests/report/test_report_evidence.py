"""The row of a table that a claim leads to is found, marked once a claim, and no page is harmed by it."""

from __future__ import annotations

import json

import pytest

from helpers.compendium import ROOT, claims
from helpers.compendium.card import list_sections
from helpers.report.evidence import Evidence, evidence_of, mark

PAGE = """<div class="cell text-cell" id="cell-a"><p>x</p></div>
<div class="cell code-cell" id="cell-tables"><table><thead><tr><th>Field</th><th>Method</th>
<th class="number">Median</th></tr></thead><tbody>
<tr><th rowspan="2">Residents &amp; co</th><td>GA</td><td class="number">1</td></tr>
<tr><td>AZP <b>SA</b></td><td>2</td></tr>
<tr><th>Ages</th><td>GA</td><td class="number">3</td></tr></tbody></table></div>
<div class="cell code-cell" id="cell-tables-2"><table><tr><td>Ages</td><td>GA</td></tr></table></div>
"""


def evidence(claim="A-1", row=("Residents & co", "GA"), column="Median", cell="tables") -> Evidence:
    return Evidence(claim, cell, row, column)


def test_the_field_of_a_value_has_the_name_of_its_claim():
    body, found = mark(PAGE, [evidence()])
    assert found == ["claim-A-1"]
    assert body == PAGE.replace(
        '<td class="number">1</td>',
        '<td class="number"><span class="evidence" id="claim-A-1">1</span></td>',
    )


def test_two_claims_may_lead_to_one_field():
    body, found = mark(PAGE, [evidence(), evidence("A-2")])
    assert found == ["claim-A-1", "claim-A-2"]
    assert body.count("claim-A-1") == body.count("claim-A-2") == 1
    assert body.count("<span") == body.count("</span>") == 2


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        (evidence(row=("Ages", "AZP SA")), []),
        (evidence(cell="nowhere"), []),
        (evidence(cell="a"), []),
        (evidence(row=()), ["claim-A-1"]),
        (evidence(row=("Ages",), column="gone"), ["claim-A-1"]),
        (evidence(row=("Ages",), cell="tables-2", column=""), ["claim-A-1"]),
    ],
)
def test_what_no_table_has_is_left_alone(entry, found):
    body, anchors = mark(PAGE, [entry])
    assert anchors == found
    assert (body == PAGE) == (not found)


def test_a_row_of_the_ledger_says_where_its_value_stands():
    row = {"claim_id": "A-1", "city": "leeds", "notebook": "12_x", "cell": "t", "table_column": "D"}
    told = [row | {"table_row": "x | each place once"}, row | {"table_row": ""}]
    told.append(row | {"table_row": "x", "cell": ""})
    assert evidence_of(told) == {
        ("leeds", "12_x"): [Evidence("A-1", "t", ("x", "each place once"), "D")]
    }


def test_every_rule_that_names_a_row_names_a_column_and_the_cell_of_a_table():
    found = {name: rule for name, rule in claims.rules().items() if rule.table_row}
    assert len(found) >= 45
    for name, rule in found.items():
        assert rule.table_column, name
        if rule.cell:
            section = next(s for s in list_sections() if s.startswith(rule.section))
            notebook = json.loads((ROOT / "notebooks" / f"{section}.ipynb").read_text("utf-8"))
            (source,) = ["".join(c["source"]) for c in notebook["cells"] if c["id"] == rule.cell]
            assert "section.table(" in source, name
