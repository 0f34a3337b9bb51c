"""The knowledge base, counted."""

import pytest

from soleus.core.errors import KnowledgeError
from soleus.knowledge.stats import kb_stats


def test_counts(mini):
    stats = kb_stats(mini.root)
    assert (stats.version, stats.diagnoses, stats.contributing_factors) == ("2026.11.1", 3, 1)
    assert (stats.findings, stats.findings_by_area, stats.must_ask) == (9, {"pain": 9}, 1)
    assert stats.rules_by_disposition == {"same_day": 1, "self_care": 1}
    # 4 priors, 8 backgrounds, 2 of dvt and its factor, 1 floor; of severity: discount, 2 priors, 4 signs
    assert stats.numbers == 4 + 8 + 2 + 1 + 1 + 7
    assert stats.numbers_by_basis == {"expert": 20, "derived": 2, "measured": 1}
    assert (stats.backgrounds, stats.moved_by_counts, stats.observations, stats.people_counted) == (8, 2, 3, 88)
    assert stats.numbers_with_source == 3
    assert (stats.training_numbers, stats.training_tables, stats.training_changes) == (3, 1, 2)
    assert stats.training_by_basis == {"measured": 3, "expert": 2, "derived": 1}
    assert stats.training_by_status == {"seen": 3, "assumption": 1, "memory": 1, "secondary": 1}
    assert (stats.sources, stats.sources_by_reading) == (1, {"seen-abstract": 1})
    assert (stats.unused_sources, stats.dangling_sources) == (0, ())
    assert (stats.correlated_groups, stats.red_flag_rules, stats.advice, stats.medicine_rules) == (2, 2, 2, 1)


def test_what_is_missing_counts_as_nothing(mini):
    mini.remove("manifest.yaml", "medicines.yaml", "conditions/other_nonspecific.yaml", "sources/study.yaml")
    stats = kb_stats(mini.root)
    assert (stats.version, stats.medicine_rules, stats.backgrounds) == ("0000.00.0", 0, 0)
    assert stats.dangling_sources == ("study",)


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(KnowledgeError, match="no such folder"):
        kb_stats(tmp_path / "nowhere")


def test_the_packaged_knowledge_can_be_counted():
    stats = kb_stats()
    assert stats.findings > 0
    assert abs(sum(stats.share_by_basis.values()) - 1) < 1e-9
    assert sum(stats.published_figures.values()) == 336, "233 pairs and 103 ratios, each with what became of it"
