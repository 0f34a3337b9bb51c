"""Schemas for editors, generated from the models."""

import json
from pathlib import Path

from soleus.knowledge.jsonschema import json_schemas, schema_files
from soleus.knowledge.schema_plan import ALL_MODELS as MODELS


def test_every_file_kind_has_a_closed_schema():
    schemas = json_schemas()
    assert set(schemas) == set(MODELS)
    assert all(schema["additionalProperties"] is False for schema in schemas.values())


def test_expressions_point_to_one_grammar():
    schema = json_schemas()["red_flag"]
    assert schema["properties"]["when"] == {"$ref": "#/$defs/Expression"}
    assert len(schema["$defs"]["Expression"]["anyOf"]) == 6
    assert "Expression" not in json_schemas()["source"].get("$defs", {})


def test_files_are_stable_json():
    files = schema_files()
    assert set(files) == {f"{kind}.schema.json" for kind in MODELS}
    assert all(json.loads(content) and content.endswith("}\n") for content in files.values())
    assert files == schema_files()


def test_the_committed_schemas_are_fresh():
    folder = Path(__file__).resolve().parents[3] / "docs" / "reference" / "schemas"
    committed = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert committed == schema_files(), "run: python scripts/build_reference.py"
