"""Small parts that the pages of docs/reference share."""

from __future__ import annotations

from collections.abc import Iterable

from soleus.knowledge.base import KnowledgeBase

NOTICE = "<!-- Written by scripts/build_reference.py from the knowledge base; change that, not this page. -->"

MET = {
    "seen": "read where it stands",
    "secondary": "read in a summary",
    "memory": "from memory, not checked",
    "derived": "computed from figures that were read",
    "assumption": "our choice",
    "elicited": "judgement of somebody who knows the field",
}
"""How a figure was met."""


def page(title: str, lines: Iterable[str]) -> str:
    return "\n".join([NOTICE, "", f"# {title}", "", *lines]).rstrip() + "\n"


def cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def text(kb: KnowledgeBase, text_id: str, default: str = "") -> str:
    return kb.text.get(text_id, default)


def cited(keys: Iterable[str], kb: KnowledgeBase, up: str) -> str:
    links = [f"[{key}]({up}sources.md#{key})" if key in kb.sources else key for key in keys]
    return ", ".join(links)
