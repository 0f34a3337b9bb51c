"""`soleus validate-training`: how often a planted change is found, and how often one is seen where none was planted."""

from __future__ import annotations

import argparse
import json

from soleus.cli.common import knowledge_of


def run(arguments: argparse.Namespace) -> int:
    """Run the study on made-up runners and print its figures; the same seed gives the same runners."""
    from soleus.core.errors import AnswerError
    from soleus.exports.training_json import plain
    from soleus.validation.planted import run_planted_study

    if arguments.runners < 1:
        raise AnswerError("at least one runner is needed", where="--runners")
    study = run_planted_study(arguments.runners, arguments.seed, knowledge_of(arguments))
    if arguments.json:
        print(json.dumps(plain(study), indent=2, ensure_ascii=False))
        return 0
    print(f"{study.runners} made-up runners, seed {study.seed}\n")
    print("Nothing planted")
    print(f"  anything said to have changed                 {study.false_any}")
    print(f"  the same with a short history                 {study.false_any_short}")
    print(f"  a run 10 % longer than any of the last month  {study.spike_above_reference}  (the plain rule, not ours)")
    for name, share in study.false_by_definition.items():
        if share.hits:
            print(f"    {name:<44}{share}")
    print("\nPlanted" + " " * 23 + "size   found" + " " * 22 + "anything")
    for row in study.detections:
        print(f"  {row.planted.id:<26}{row.size:>6g}   {row.found!s:<27}{row.any_change}")
    return 0
