"""Strict YAML: what is written is what is read; a hostile file is refused with its place."""

import math
import time

import pytest

from soleus.core.errors import CaseFileError, KnowledgeError
from soleus.knowledge import load_yaml_strict
from soleus.knowledge.loader import MAX_DEPTH, load_yaml_file, locate


def read(text, **options):
    return load_yaml_strict(text, where="a.yaml", **options)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# only a comment", None),
        ("a: no", {"a": "no"}),
        ("[yes, on, off, True, FALSE, Null]", ["yes", "on", "off", "True", "FALSE", "Null"]),
        ("[true, false, null, ~, ]", [True, False, None, None]),
        ("a:", {"a": None}),
        ("[1, -2, +3, 0, 012, 0x1f, 1_000, 5_15, 12:30]", [1, -2, 3, 0, "012", "0x1f", "1_000", "5_15", "12:30"]),
        ("[1.5, .5, 1., -2.5e3, 1e3, 1e, .e1]", [1.5, 0.5, 1.0, -2500.0, 1000.0, "1e", ".e1"]),
        ("[2020-01-01, '1', \"true\"]", ["2020-01-01", "1", "true"]),
        ("no: 1\n1: 2\ntrue: 3\nnull: 4", {"no": 1, "1": 2, "true": 3, "null": 4}),
        ("'<<': 1", {"<<": 1}),
        ("a: |\n  two\n  lines\n", {"a": "two\nlines\n"}),
        ("\ufeffa: 1", {"a": 1}),
        (b"\xef\xbb\xbfa: 1", {"a": 1}),
        ("--- \na: ä\n...\n", {"a": "ä"}),
    ],
)
def test_only_what_is_written(text, value):
    assert read(text) == value


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("a: 1\nb: 2\na: 3", "a.yaml:3:1", "given twice"),
        ("x: {no: 1, 'no': 2}", "a.yaml:1:12", "given twice"),
        ("a: &anchor 1", "a.yaml:1:4", "anchors"),
        ("a: [&x {b: 1}]", "a.yaml:1:5", "anchors"),
        ("a: *x", "a.yaml:1:4", "anchors"),
        ("&k a: 1", "a.yaml:1:1", "anchors"),
        ("!!str a: 1", "a.yaml:1:1", "tags"),
        ("*k : 1", "a.yaml:1:1", "plain text"),
        ("<<: {a: 1}", "a.yaml:1:1", "merge"),
        ("a: !!python/object:os.system x", "a.yaml:1:4", "tag"),
        ("a: ! x", "a.yaml:1:4", "tag"),
        ("a: !!int '3'", "a.yaml:1:4", "tag"),
        ("? [a]\n: 1", "a.yaml:1:3", "plain text"),
        ("a: .inf", "a.yaml:1:4", "finite"),
        ("a: .nan", "a.yaml:1:4", "finite"),
        ("a: 1e999", "a.yaml:1:4", "too large"),
        ("a: " + "9" * 5000, "a.yaml:1:4", "too many digits"),
        ("a: 1\n---\nb: 2", "a.yaml:2:1", "more than one document"),
        ("a: {b: [}", "a.yaml:1:9", "not valid YAML"),
        ("a: \t- b: c: d", "a.yaml:1", "not valid YAML"),
        ("a: 'open", "a.yaml:1:9", "not valid YAML"),
        ("a: \x00", "a.yaml", "a character"),
        ("\x01\x02\x03", "a.yaml", "a character"),
        (b"\xff\xfe\x00", "a.yaml", "UTF-8"),
        ("\ud800", "a.yaml", "UTF-8"),
        ("%YAML 9.9\n---\na: 1", "a.yaml:1:1", "not valid YAML"),
    ],
)
def test_everything_unclear_is_refused_with_its_place(text, place, problem):
    with pytest.raises(KnowledgeError, match=problem) as caught:
        read(text)
    assert caught.value.where.startswith(place)


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_deep_nesting_is_refused_before_it_costs_anything(opening):
    started = time.perf_counter()
    with pytest.raises(KnowledgeError, match=r"nested deeper|not valid"):
        read(opening * 50_000)
    assert time.perf_counter() - started < 5


def test_depth_up_to_the_limit_is_read():
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    with pytest.raises(KnowledgeError, match="nested deeper"):
        read("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))


def test_an_entity_bomb_is_refused_at_its_first_anchor():
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"
    with pytest.raises(KnowledgeError, match="anchors"):
        read(bomb)


def test_size_is_limited_in_bytes():
    assert read("a: " + "x" * 10, max_bytes=13) == {"a": "x" * 10}
    for text in ("a: " + "x" * 11, b"a: " + b"x" * 11, "a: " + "ä" * 6):
        with pytest.raises(KnowledgeError, match="larger than 13 bytes"):
            read(text, max_bytes=13)


def test_the_caller_chooses_the_error_class():
    with pytest.raises(CaseFileError, match="twice") as caught:
        read("a: 1\na: 2", error=CaseFileError)
    assert caught.value.exit_code == 12


def test_infinity_only_where_asked_for(tmp_path):
    assert read("[.inf, -.inf, +.inf]", allow_non_finite=True) == [math.inf, -math.inf, math.inf]
    (value,) = read("[.nan]", allow_non_finite=True)
    assert math.isnan(value)
    path = tmp_path / "b.yaml"
    path.write_text("a: .inf")
    assert load_yaml_file(path, where="b.yaml") == {"a": math.inf}


def test_places_of_parts_can_be_found_again():
    text = "a:\n  b: [1, {c: 2}]\nd: 3\n"
    assert locate(text, ("a", "b", 1, "c")) == (2, 11)
    assert locate(text, ("a", "b", 0)) == (2, 7)
    assert locate(text, ("a", "missing", "deeper")) == (1, 1)
    assert locate(text, ("nowhere",)) is None
