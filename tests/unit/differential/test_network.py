"""Networks refuse what is not a network; factors multiply and sum as they should."""

import numpy as np
import pytest

from soleus.core.errors import AnswerError, KnowledgeError
from soleus.differential.elimination import eliminate, elimination_order
from soleus.differential.factor import Factor, product
from soleus.differential.network import Network, Node
from soleus.differential.reference import enumerate_posterior


def node(
    name: str, parents: tuple[str, ...] = (), table: object = (0.4, 0.6), states: tuple[str, ...] = ("n", "y")
) -> Node:
    return Node(name=name, states=states, parents=parents, table=np.array(table, dtype=float))


COIN = ((0.9, 0.1), (0.2, 0.8))


@pytest.mark.parametrize(
    ("nodes", "problem"),
    [
        ([node("a"), node("a")], "same name"),
        ([node("a", ("b",), COIN)], "unknown parent 'b'"),
        ([node("a", ("b",), COIN), node("b", ("a",), COIN)], "cycle"),
        ([node("a", states=("y", "y"))], "repeated"),
        ([node("a", table=(), states=())], "missing"),
        ([node("a"), node("b", ("a",))], "shape"),
        ([node("a", table=(0.4, 0.5))], "not a probability"),
        ([node("a", table=(-0.4, 1.4))], "not a probability"),
        ([node("a", table=(float("nan"), 1.0))], "not a probability"),
    ],
)
def test_a_network_that_is_none_is_refused(nodes: list[Node], problem: str) -> None:
    with pytest.raises(KnowledgeError, match=problem):
        Network(nodes)


def test_parents_come_before_children() -> None:
    network = Network([node("c", ("b",), COIN), node("b", ("a",), COIN), node("a")])
    assert list(network.nodes) == ["a", "b", "c"]
    assert network.ancestors(["b"]) == {"a", "b"}
    assert network.ancestors(["c", "b"]) == {"a", "b", "c"}


def test_bayes_by_hand() -> None:
    network = Network([node("a"), node("b", ("a",), COIN)])
    posterior = eliminate(network, ["a"], {"b": np.array([0.0, 1.0])}).table
    assert posterior == pytest.approx([0.04 / 0.52, 0.48 / 0.52])
    assert eliminate(network, ["b", "a"], {}).table == pytest.approx(np.array([[0.36, 0.12], [0.04, 0.48]]))


def test_impossible_evidence_is_the_answers_fault() -> None:
    network = Network([node("a", table=(1.0, 0.0))])
    for engine in (eliminate, enumerate_posterior):
        with pytest.raises(AnswerError, match="contradict"):
            engine(network, ["a"], {"a": np.array([0.0, 1.0])})


def test_no_factors_multiply_to_one() -> None:
    assert product([]).table == pytest.approx(1.0)
    assert product([]).variables == ()


def test_summing_out_keeps_the_other_axes() -> None:
    factor = Factor(variables=("a", "b"), table=np.arange(6.0).reshape(2, 3))
    assert factor.summed_out(["b", "absent"]).table == pytest.approx([3, 12])
    assert factor.aligned(["b", "z", "a"]).shape == (3, 1, 2)


def test_the_order_fills_in_as_little_as_it_can() -> None:
    # A star: its leaves cost nothing, its centre would link them all.
    star = [("hub", leaf) for leaf in "abcd"]
    assert elimination_order(star, keep=["d"])[-1] == "hub"
    assert elimination_order([("x", "y")], keep=["x", "y"]) == []
    # Already linked neighbours are not counted as new links.
    assert elimination_order([("a", "b", "c"), ("c", "d"), ("c", "e"), ("d",)], keep=[])[0] == "a"
