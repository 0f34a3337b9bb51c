"""`soleus validate-training`: how often a planted change is found, and how often one is seen where none was planted."""

from __future__ import annotations

import argparse

from soleus.cli.common import knowledge_of


def run(arguments: argparse.Namespace) -> int:
    """Run the study and print its table."""
    from soleus.validation.planted import run_study

    print(run_study(knowledge_of(arguments), runners=arguments.runners))
    return 0
