"""The differential of one knowledge base: build once, ask many times; pure and safe to share."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence

from soleus.core.assessment import Cause, Differential
from soleus.core.expression import Truth, evaluate
from soleus.core.finding import FindingSet
from soleus.core.ids import ConditionId, FindingId, SourceKey
from soleus.differential.build import Model, build_model, entry_of
from soleus.differential.evidence import gather_evidence
from soleus.differential.explain import Path, contributions, sources_of, trace_path, weigh_cause, weigh_factor
from soleus.differential.information import Gain, flips, rank_gains
from soleus.differential.network import Array
from soleus.differential.sensitivity import Hinge, Sampler, interval
from soleus.differential.severity import grade
from soleus.differential.tree import Belief, Likelihoods, Tree
from soleus.knowledge.base import KnowledgeBase

KEPT_ENGINES = 4
"""Knowledge bases whose compiled engines are kept; one is the rule, a few in tests and comparisons."""

FLIPS = 5
"""How many answers that would change a cause are named."""

PEOPLE = frozenset({"runner", "clinician"})


class Engine:
    """Posterior, information gain and explanation for one knowledge base."""

    __slots__ = ("_group_sources", "_sampler", "kb", "model", "tree")

    def __init__(self, kb: KnowledgeBase) -> None:
        self.kb = kb
        self.model: Model = build_model(kb)
        self.tree = Tree(self.model)
        self._sampler = Sampler(kb, self.model)
        self._group_sources = {member: group.sources for group in kb.groups for member in group.members}

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
        likelihoods, belief = self._condition(findings)
        answered = frozenset(item.finding for item in likelihoods.evidence)
        return rank_gains(self.tree, belief, candidates, answered)

    def hinge(self, findings: FindingSet, condition: ConditionId) -> Hinge:
        """The single number of the knowledge base that P(condition | findings) hangs on most."""
        likelihoods, belief = self._condition(findings)
        return self._sampler.hinge(likelihoods.evidence, belief.log_joint, self.model.causes.index(condition))

    def differential(self, findings: FindingSet, *, explain: int = 5) -> Differential:
        """All causes, most likely first, the first `explain` of them with their reasons, and the co-factors.

        Reasons: the weight of each finding, the answers that would change the picture, and how severe a strain is.
        """
        likelihoods, belief = self._condition(findings)
        samples, factor_samples = self._sampler.samples(likelihoods.evidence)
        low, high = interval(samples, belief.cause)
        path = trace_path(self.tree, likelihoods)
        outlook = self.tree.outlook(belief)
        askable = self._askable(findings, likelihoods)
        order = sorted(range(len(low)), key=lambda i: (-belief.cause[i], self.model.causes[i]))
        causes: list[Cause] = []
        for rank, i in enumerate(order):
            condition = self.kb.conditions[self.model.causes[i]]
            explained = rank < explain
            weights = weigh_cause(path, likelihoods, belief, self.tree, i) if explained else None
            causes.append(
                Cause(
                    condition=condition.id,
                    probability=float(belief.cause[i]),
                    low=float(low[i]),
                    high=float(high[i]),
                    contributions=()
                    if weights is None
                    else contributions(likelihoods, weights, self._sources(likelihoods, condition.id)),
                    would_change=flips(self.tree, belief, outlook, i, FLIPS, askable) if explained else (),
                    severity=grade(self.kb, condition, likelihoods.evidence),
                )
            )
        contributors = self._contributors(path, likelihoods, belief, factor_samples)
        return Differential(causes=tuple(causes), contributors=contributors)

    def _contributors(self, path: Path, likelihoods: Likelihoods, belief: Belief, samples: Array) -> tuple[Cause, ...]:
        probability = self.tree.factor_probability(belief)
        low, high = interval(samples, probability)
        sources = [self._group_sources.get(item.finding, ()) for item in likelihoods.evidence]
        found = [
            Cause(
                condition=factor,
                probability=float(probability[i]),
                low=float(low[i]),
                high=float(high[i]),
                contributions=contributions(
                    likelihoods, weigh_factor(path, likelihoods, belief, self.tree, i), sources
                ),
            )
            for i, factor in enumerate(self.model.factors)
        ]
        return tuple(sorted(found, key=lambda cause: (-cause.probability, cause.condition)))

    def _sources(self, likelihoods: Likelihoods, cause: ConditionId) -> list[tuple[SourceKey, ...]]:
        condition = self.kb.conditions[cause]
        return [sources_of(entry_of(condition, self.kb.findings[i.finding])) for i in likelihoods.evidence]

    def _askable(self, findings: FindingSet, likelihoods: Likelihoods) -> Callable[[FindingId], bool]:
        """Whether a finding may be named as one that would change the picture.

        Not what is answered, what no person can answer, what does not apply, or a self-test that may do harm.
        """
        answered = {item.finding for item in likelihoods.evidence}

        def askable(finding: FindingId) -> bool:
            item = self.kb.findings[finding]
            if finding in answered or not item.asked_of & PEOPLE:
                return False
            if item.ask_if is not None and evaluate(item.ask_if, findings.answer) is Truth.FALSE:
                return False
            return item.unsafe_if is None or evaluate(item.unsafe_if, findings.answer) is Truth.FALSE

        return askable

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
