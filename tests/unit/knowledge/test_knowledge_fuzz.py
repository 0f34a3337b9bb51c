"""Whatever is in a file, reading it gives a value or a KnowledgeError, and nothing else."""

import copy
import json

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soleus.core.errors import KnowledgeError
from soleus.knowledge import load_knowledge, load_yaml_strict
from soleus.knowledge.lint import lint

JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2000)
    | st.floats(-2, 2)
    | st.sampled_from(["swelling", "onset", "x", ""]),
    lambda part: (
        st.lists(part, max_size=3)
        | st.dictionaries(st.sampled_from(["finding", "in", "any", "count", "of", "x"]), part, max_size=3)
    ),
    max_leaves=6,
)


@given(st.binary(max_size=300) | st.text(max_size=300) | st.text("[]{}:,-&*!|>'\"#?%@ \n\tab1.", max_size=120))
def test_any_bytes_or_text(data):
    try:
        load_yaml_strict(data, where="fuzz")
    except KnowledgeError as exc:
        assert exc.where.startswith("fuzz")


@given(value=JUNK)
def test_json_reads_as_itself(value):
    assert load_yaml_strict(json.dumps(value), where="fuzz") == value


def paths(node, prefix=()):
    yield prefix
    parts = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, part in parts:
        yield from paths(part, (*prefix, key))


def replaced(node, path, value):
    if not path:
        return value
    node = copy.copy(node)
    node[path[0]] = replaced(node[path[0]], path[1:], value)
    return node


FILES = [
    "adjuncts/rest.yaml",
    "conditions/dvt.yaml",
    "findings/pain.yaml",
    "floors.yaml",
    "groups.yaml",
    "interview.yaml",
    "medicines.yaml",
    "red_flags/R1_swelling.yaml",
    "severity.yaml",
    "text/en/all.yaml",
    "wells.yaml",
]


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_part_of_any_file_replaced_by_junk(mini, name, data):
    path = mini.root / name
    good = path.read_text(encoding="utf-8")
    content = load_yaml_strict(good, where=name, allow_non_finite=True)
    spoiled = replaced(content, data.draw(st.sampled_from(list(paths(content)))), data.draw(JUNK))
    path.write_text(yaml.safe_dump(spoiled, sort_keys=False), encoding="utf-8")
    try:
        load_knowledge(mini.root)
    except KnowledgeError as exc:
        assert exc.where
    finally:
        assert all(str(problem) for problem in lint(mini.root, vignettes=mini.vignettes))
        path.write_text(good, encoding="utf-8")
