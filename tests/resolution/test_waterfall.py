from datetime import date

import pyarrow as pa
import pytest

from resolution.score import score
from resolution.waterfall import waterfall


def test_the_steps_sum_to_the_score():
    found = waterfall({"name": "Acme Trading Ltd", "country": "HK"}, {"name": "ACME TRADING CO", "country": "HK"})
    steps = found.prior_bits + sum(s.bits for s in found.steps) + found.rest_bits
    assert steps == pytest.approx(found.total_bits)
    assert found.probability == pytest.approx(1 / (1 + 2**-found.total_bits))
    strengths = [abs(s.bits) for s in found.steps]
    assert strengths == sorted(strengths, reverse=True)


def test_a_waterfall_and_a_scored_pair_agree():

    table = score(pa.table({"name_l": ["Acme Trading Ltd"], "name_r": ["Acne Trading Ltd"]}))
    found = waterfall({"name": "Acme Trading Ltd"}, {"name": "Acne Trading Ltd"})
    assert found.probability == pytest.approx(table["probability"][0].as_py(), abs=1e-4)


def test_a_gate_is_a_step_with_its_reason():
    listed = {"name": "Victory Wave Holdings Limited", "country": "HK", "known_since": date(2010, 1, 13)}
    later = {"name": "VICTORY WAVE HOLDINGS LIMITED", "country": "HK", "incorporation_date": date(2010, 4, 23)}
    gates = [s for s in waterfall(listed, later).steps if s.comparison.startswith("gate: ")]
    assert [g.sentence for g in gates] == ["a company cannot be known before it is formed"]
    assert gates[0].bits < 0
