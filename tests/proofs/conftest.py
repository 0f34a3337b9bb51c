"""The packaged knowledge base as formulas, built once; the time all proofs took is printed at the end."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from encoding import Encoding

from soleus.knowledge import load_knowledge
from soleus.knowledge.base import KnowledgeBase

_spent: dict[str, float] = {}


@pytest.fixture(scope="session")
def kb() -> KnowledgeBase:
    return load_knowledge()


@pytest.fixture(scope="session")
def answers(kb: KnowledgeBase) -> Encoding:
    """All complete sets of answers."""
    return Encoding(kb)


@pytest.fixture(autouse=True)
def _timed(request: pytest.FixtureRequest) -> Iterator[None]:
    started = time.perf_counter()
    yield
    _spent[request.node.nodeid] = time.perf_counter() - started


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _spent:
        slowest = max(_spent, key=_spent.__getitem__)
        terminalreporter.write_line(
            f"proofs: {len(_spent)} in {sum(_spent.values()):.1f} s, slowest {_spent[slowest]:.1f} s ({slowest})"
        )
