"""The packaged knowledge and small builders for the interview and the assessment."""

from __future__ import annotations

from datetime import date

import pytest

from soleus.knowledge import load_knowledge
from soleus.knowledge.base import KnowledgeBase

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="session")
def kb() -> KnowledgeBase:
    return load_knowledge()


@pytest.fixture
def today() -> date:
    return TODAY
