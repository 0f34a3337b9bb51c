"""How severe a strain is, as P(mild | moderate | severe), from what the leg can and cannot do.

Grades exclude each other; each functional finding has P(state | grade). The findings overlap (who cannot walk cannot
raise the heel either), so their joint weight is discounted: the log-likelihoods are multiplied by `discount` below 1
(a power likelihood), which keeps nine overlapping signs from passing for nine independent ones.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from soleus.differential.build import margin_of, noise_matrix
from soleus.differential.evidence import Evidence
from soleus.knowledge.base import Condition, KnowledgeBase


def grade(kb: KnowledgeBase, condition: Condition, evidence: Iterable[Evidence]) -> tuple[tuple[str, float], ...]:
    """(grade, probability) from mild to severe; empty for causes that are not graded."""
    model = kb.severity
    if model is None or not condition.grading:
        return ()
    prior = model.priors.get(condition.id, model.prior)
    weight = np.array([prior.options[name] for name in model.grades])
    logs = np.log(weight / weight.sum())
    # In the order of the model, so that the order of answering leaves no trace.
    given = {item.finding: item for item in evidence if item.finding in model.findings}
    for finding, table in model.findings.items():
        if finding in given:
            definition = kb.findings[finding]
            rows = np.stack([margin_of(definition, table[name]) for name in model.grades])
            logs = logs + model.discount * np.log(rows @ noise_matrix(definition) @ given[finding].likelihood)
    shares = np.exp(logs - logs.max())
    return tuple(zip(model.grades, (shares / shares.sum()).tolist(), strict=True))
