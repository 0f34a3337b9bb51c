"""The differential of one knowledge base: build once, ask many times; pure and safe to share."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from soleus.core.finding import FindingSet
from soleus.core.ids import ConditionId, FindingId
from soleus.differential.build import Model, build_model
from soleus.differential.evidence import gather_evidence
from soleus.differential.information import Gain, rank_gains
from soleus.differential.tree import Belief, Likelihoods, Tree
from soleus.knowledge.base import KnowledgeBase

KEPT_ENGINES = 4
"""Knowledge bases whose compiled engines are kept; one is the rule, a few in tests and comparisons."""


class Engine:
    """Posterior, information gain and explanation for one knowledge base."""

    __slots__ = ("kb", "model", "tree")

    def __init__(self, kb: KnowledgeBase) -> None:
        self.kb = kb
        self.model: Model = build_model(kb)
        self.tree = Tree(self.model)

    def posterior(self, findings: FindingSet) -> dict[ConditionId, float]:
        """P(cause | findings): the main causes exclude each other and sum to 1."""
        _, belief = self._condition(findings)
        return dict(zip(self.model.causes, belief.cause.tolist(), strict=True))

    def factors(self, findings: FindingSet) -> dict[ConditionId, float]:
        """P(co-factor | findings): each on its own, alongside the main cause."""
        _, belief = self._condition(findings)
        return dict(zip(self.model.factors, self.tree.factor_probability(belief).tolist(), strict=True))

    def information(self, findings: FindingSet, candidates: Sequence[FindingId]) -> tuple[Gain, ...]:
        """Expected information about the main cause in the answer to each candidate, in bits, most first."""
        evidence = gather_evidence(findings, self.kb)
        belief = self.tree.condition(self.tree.likelihoods(evidence.values()))
        return rank_gains(self.tree, belief, candidates, frozenset(evidence))

    def _condition(self, findings: FindingSet) -> tuple[Likelihoods, Belief]:
        likelihoods = self.tree.likelihoods(gather_evidence(findings, self.kb).values())
        return likelihoods, self.tree.condition(likelihoods)


_engines: OrderedDict[int, Engine] = OrderedDict()


def engine_for(kb: KnowledgeBase) -> Engine:
    """The engine of this knowledge base, built on first use."""
    # Keyed by identity: the engine holds on to its knowledge base, so an id is not reused while it is here.
    engine = _engines.get(id(kb))
    if engine is None:
        engine = _engines[id(kb)] = Engine(kb)
        if len(_engines) > KEPT_ENGINES:
            _engines.popitem(last=False)
    return engine
