"""JSON Schemas for editors, one per file kind, generated from the models.

Editors that know the YAML language server complete keys and mark mistakes when a file is mapped to its schema;
`scripts/build_reference.py` writes them to docs/reference/schemas/.
"""

from __future__ import annotations

import json
from typing import Any

EXPRESSION_REF = "#/$defs/Expression"
EXPRESSION_SCHEMA: dict[str, Any] = {
    "title": "Expression",
    "description": "Negation-free condition over findings: three-valued, so an unanswered finding makes it unknown.",
    "anyOf": [
        {"type": "string", "description": "A boolean finding that is present, or `always`."},
        {
            "type": "object",
            "description": "A choice finding with one of these options.",
            "properties": {
                "finding": {"type": "string"},
                "in": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            },
            "required": ["finding", "in"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "description": "A numeric finding at or above a threshold.",
            "properties": {"finding": {"type": "string"}, "at_least": {"type": "number"}},
            "required": ["finding", "at_least"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "description": "At least one part is true.",
            "properties": {"any": {"type": "array", "items": {"$ref": EXPRESSION_REF}, "minItems": 1}},
            "required": ["any"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "description": "Every part is true.",
            "properties": {"all": {"type": "array", "items": {"$ref": EXPRESSION_REF}, "minItems": 1}},
            "required": ["all"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "description": "At least `count` parts are true.",
            "properties": {
                "count": {"type": "integer", "minimum": 1},
                "of": {"type": "array", "items": {"$ref": EXPRESSION_REF}, "minItems": 1},
            },
            "required": ["count", "of"],
            "additionalProperties": False,
        },
    ],
}


def json_schemas() -> dict[str, dict[str, Any]]:
    """File kind → JSON Schema (draft 2020-12)."""
    from soleus.knowledge.schema import EXPRESSION_MARK
    from soleus.knowledge.schema_plan import ALL_MODELS

    schemas = {}
    for kind, model in ALL_MODELS.items():
        schema = _with_grammar(model.model_json_schema(by_alias=True), EXPRESSION_MARK)
        if EXPRESSION_REF in json.dumps(schema):
            schema.setdefault("$defs", {})["Expression"] = EXPRESSION_SCHEMA
        schemas[kind] = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return schemas


def _with_grammar(value: Any, mark: str) -> Any:
    """The schema with every marked field pointing to the grammar of expressions."""
    if isinstance(value, dict):
        if mark in value:
            return {"$ref": EXPRESSION_REF}
        return {key: _with_grammar(part, mark) for key, part in value.items()}
    return [_with_grammar(part, mark) for part in value] if isinstance(value, list) else value


def schema_files() -> dict[str, str]:
    """File name → content, as committed."""
    return {
        f"{kind}.schema.json": json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        for kind, schema in json_schemas().items()
    }
