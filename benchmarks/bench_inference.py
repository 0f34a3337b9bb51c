"""Posterior and the worth of every open question: ours next to pyAgrum and pgmpy, same network, same answers, one run.

    python benchmarks/bench_inference.py [--write]

Agreement is checked before anything is timed. Times are the median of several runs on this machine; with `--write`
they go to benchmarks/results/inference.json.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from soleus.core.finding import Finding, FindingSet
from soleus.differential import Engine
from soleus.differential.build import CAUSE, finding_node
from soleus.differential.evidence import gather_evidence
from soleus.differential.network import Network
from soleus.knowledge import load_knowledge
from soleus.knowledge.base import Kind, KnowledgeBase

warnings.simplefilter("ignore")

AGREE = 1e-9
RESULTS = Path(__file__).with_name("results") / "inference.json"
Row = dict[str, object]


def answers(kb: KnowledgeBase, count: int, seed: int = 7) -> FindingSet:
    """`count` plain answers of a runner, always the same, drawn from what "something else" makes of each question."""
    rng = np.random.default_rng(seed)
    usable = [item for item in kb.findings.values() if item.background is not None and "runner" in item.asked_of]
    given: list[Finding] = []
    for i in sorted(rng.choice(len(usable), size=min(count, len(usable)), replace=False)):
        item = usable[i]
        if item.kind is Kind.BOOLEAN:
            given.append(Finding(id=item.id, value=bool(rng.random() < 0.3)))
        elif item.kind is Kind.CHOICE:
            given.append(Finding(id=item.id, value=item.options[int(rng.integers(len(item.options)))]))
        else:
            given.append(Finding(id=item.id, value=3))
    return FindingSet(given)


def median_ms(run: Callable[[], object], repeat: int) -> float:
    times: list[float] = []
    for _ in range(repeat):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3


def gain_of(joint: np.ndarray) -> float:
    """Mutual information in bits of a joint table of two variables."""
    apart = joint.sum(axis=0, keepdims=True) * joint.sum(axis=1, keepdims=True)
    seen = joint > 0
    return float(np.sum(joint[seen] * np.log2(joint[seen] / apart[seen])))


def pyagrum_rows(network: Network, evidence: dict[str, np.ndarray], open_nodes: list[str], gains: list[float],
                 posterior: list[float]) -> list[Row]:  # fmt: skip
    """pyAgrum's LazyPropagation: posterior, gain by one small engine per question, and by joint targets at once."""
    try:
        import pyagrum as gum
    except ImportError:
        return [{"engine": "pyAgrum", "task": "all", "ms": None, "note": "not installed"}]
    net = gum.BayesNet()
    for node in network.nodes.values():
        net.add(gum.LabelizedVariable(node.name, "", list(node.states)))
        for parent in node.parents:
            net.addArc(parent, node.name)
    for node in network.nodes.values():
        table = net.cpt(node.name)
        order = [(*node.parents, node.name).index(name) for name in reversed(table.names)]
        table[:] = np.ascontiguousarray(np.transpose(node.table, order))
    hard = {name: vector.tolist() for name, vector in evidence.items()}

    def ask() -> np.ndarray:
        engine = gum.LazyPropagation(net)
        engine.setEvidence(hard)
        engine.addTarget(CAUSE)
        return np.asarray(engine.posterior(CAUSE).toarray())

    def one_by_one() -> list[float]:
        found: list[float] = []
        for node in open_nodes:
            engine = gum.LazyPropagation(net)
            engine.setEvidence(hard)
            engine.addJointTarget({CAUSE, node})
            found.append(gain_of(engine.jointPosterior({CAUSE, node}).toarray()))
        return found

    def together() -> list[float]:
        engine = gum.LazyPropagation(net)
        engine.setEvidence(hard)
        for node in open_nodes:
            engine.addJointTarget({CAUSE, node})
        engine.makeInference()
        return [gain_of(engine.jointPosterior({CAUSE, node}).toarray()) for node in open_nodes]

    check("pyAgrum posterior", ask(), posterior)
    check("pyAgrum gain", one_by_one(), gains)
    check("pyAgrum joint gain", together(), gains)
    version = f"{gum.__version__}, agrees to {AGREE:g}"
    return [
        {"engine": "pyAgrum", "task": "posterior", "ms": median_ms(ask, 15), "note": version},
        {"engine": "pyAgrum, one engine a question", "task": "all gains", "ms": median_ms(one_by_one, 3), "note": ""},
        {"engine": "pyAgrum, joint targets", "task": "all gains", "ms": median_ms(together, 3), "note": ""},
    ]


def pgmpy_rows(network: Network, evidence: dict[str, np.ndarray], open_nodes: list[str], gains: list[float],
               posterior: list[float]) -> list[Row]:  # fmt: skip
    """pgmpy's VariableElimination; gains of ten questions only, scaled up, for all of them take too long."""
    start = time.perf_counter()
    try:
        from pgmpy.factors.discrete import TabularCPD
        from pgmpy.inference import VariableElimination
        from pgmpy.models import DiscreteBayesianNetwork
    except ImportError:
        return [{"engine": "pgmpy", "task": "all", "ms": None, "note": "not installed"}]
    imported = time.perf_counter() - start
    model = DiscreteBayesianNetwork([(p, n.name) for n in network.nodes.values() for p in n.parents])
    for node in network.nodes.values():
        sizes = [len(network.nodes[parent].states) for parent in node.parents]
        values = np.moveaxis(node.table, -1, 0).reshape(len(node.states), -1)
        names = {name: list(network.nodes[name].states) for name in (node.name, *node.parents)}
        model.add_cpds(
            TabularCPD(node.name, len(node.states), values, list(node.parents) or None, sizes or None, names)
        )
    engine = VariableElimination(model)
    hard = {name: network.nodes[name].states[int(vector.argmax())] for name, vector in evidence.items()}

    def ask() -> list[float]:
        table = engine.query([CAUSE], evidence=hard, show_progress=False)
        return [float(table.get_value(**{CAUSE: cause})) for cause in network.nodes[CAUSE].states]

    some = open_nodes[:10]

    def ten() -> list[float]:
        found: list[float] = []
        for node in some:
            table = engine.query([CAUSE, node], evidence=hard, show_progress=False)
            found.append(gain_of(table.values))
        return found

    check("pgmpy posterior", ask(), posterior)
    check("pgmpy gain", ten(), gains[:10])
    per_question = median_ms(ten, 1) / len(some)
    return [
        {"engine": "pgmpy", "task": "posterior", "ms": median_ms(ask, 3), "note": f"import alone {imported:.1f} s"},
        {"engine": "pgmpy", "task": "all gains", "ms": per_question * len(open_nodes), "note": "scaled up from ten"},
    ]


def check(what: str, theirs: object, ours: list[float]) -> None:
    apart = float(np.max(np.abs(np.asarray(theirs) - np.asarray(ours))))
    if apart > AGREE:
        sys.exit(f"{what} differs from ours by {apart:g}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    parser.add_argument("--answers", type=int, default=30, help="how many questions are answered already")
    options = parser.parse_args()
    kb = load_knowledge()
    engine = Engine(kb)
    findings = answers(kb, options.answers)
    evidence = {finding_node(i): item.likelihood for i, item in gather_evidence(findings, kb).items()}
    network = engine.model.network()
    candidates = [item.id for item in engine.model.findings if finding_node(item.id) not in evidence]
    nodes = [finding_node(i) for i in candidates]
    found = {gain.finding: gain.bits for gain in engine.information(findings, candidates)}
    gains = [found[i] for i in candidates]
    posterior = list(engine.posterior(findings).values())
    engine.differential(findings)  # draws the samples, once per knowledge base
    rows: list[Row] = [
        {"engine": "soleus", "task": "posterior", "ms": median_ms(lambda: engine.posterior(findings), 100), "note": ""},
        {
            "engine": "soleus", "task": "all gains", "note": "with posterior and what each question separates",
            "ms": median_ms(lambda: engine.information(findings, candidates), 100),
        },
        {
            "engine": "soleus", "task": "whole differential", "note": "intervals, reasons, flips",
            "ms": median_ms(lambda: engine.differential(findings), 30),
        },
    ]  # fmt: skip
    rows += pyagrum_rows(network, evidence, nodes, gains, posterior)
    rows += pgmpy_rows(network, evidence, nodes, gains, posterior)
    ours = {str(row["task"]): row["ms"] for row in rows[:3]}
    print(f"{len(posterior)} causes, {len(network.nodes)} nodes, {len(evidence)} answered, {len(nodes)} open questions")
    print(f"{'engine':32}{'task':20}{'ms':>10}{'ratio':>9}  note")
    for row in rows:
        task, ms = str(row["task"]), row["ms"]
        base = ours.get(task)
        row["ratio"] = ms / base if isinstance(ms, float) and isinstance(base, float) else None
        shown = (f"{ms:10.2f}" if isinstance(ms, float) else f"{'-':>10}") + (
            f"{row['ratio']:8.1f}x" if isinstance(row["ratio"], float) else f"{'-':>9}"
        )
        print(f"{row['engine']:32}{task:20}{shown}  {row['note']}")
    if options.write:
        RESULTS.parent.mkdir(exist_ok=True)
        size = {"causes": len(posterior), "nodes": len(network.nodes), "answered": len(evidence), "open": len(nodes)}
        RESULTS.write_text(json.dumps({"knowledge": kb.version, **size, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
