"""The OpenAPI document as a front-end developer reads it: nothing in it is left unsaid."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from jsonschema import Draft7Validator, FormatChecker  # type: ignore[import-untyped]

BUILT_IN = {"Error", "Event", "Date", "Request", "Response", "Map", "Set", "Symbol", "Object"}
FILE = {"type": "string", "format": "binary"}
FORMATS = FormatChecker(["date", "uuid", "email"])


@FORMATS.checks("date-time", raises=ValueError)
def is_instant(value):
    return str(value).endswith("Z") and datetime.fromisoformat(str(value)) is not None


@pytest.fixture(scope="module")
def shapes(schema):
    return schema["components"]["schemas"]


def contents(told):
    """Yield (where, its schema, its examples) of the body and of each answer of an operation."""
    for where, part in [("body", told.get("requestBody", {})), *told["responses"].items()]:
        for media, content in part.get("content", {}).items():
            if content["schema"] == FILE:  # its type says it all
                continue
            assert media in ("application/json", "multipart/form-data")
            yield where, content["schema"], list(content.get("examples", {}).values())


def strict(told):
    """Return an OpenAPI 3.0 shape as JSON Schema that takes no names but its own."""
    if isinstance(told, list):
        return [strict(one) for one in told]
    if not isinstance(told, dict):
        return told
    plain = {name: strict(one) for name, one in told.items() if name != "nullable"}
    if "properties" in told:
        plain.setdefault("additionalProperties", False)
    return {"anyOf": [plain, {"type": "null"}]} if told.get("nullable") is True else plain


def test_an_operation_id_is_a_good_method_name(operations):
    ids = [told["operationId"] for _, told in operations]

    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"(get|post|put|patch|delete)([A-Z][a-z0-9]*)+", one) for one in ids)
    assert {"postAuthLogin", "getPersonalTrades", "getPersonalTradesByTradeId"} <= set(ids)


def test_each_operation_says_what_it_is_for_in_one_line(operations):
    for name, told in operations:
        assert 10 < len(told["summary"]) < 110, name
        assert not told["summary"].endswith("."), name
    assert len({told["summary"] for _, told in operations}) == len(operations)


def test_each_operation_stands_under_one_tag_that_is_described(schema, operations):
    described = {tag["name"] for tag in schema["tags"] if tag["description"]}

    assert {tag for _, told in operations for tag in told["tags"]} <= described
    assert all(len(told["tags"]) == 1 for _, told in operations)


def test_each_parameter_says_what_it_takes_and_a_required_one_shows_it(operations):
    for name, told in operations:
        for parameter in told.get("parameters", []):
            which = f"{name} {parameter['name']}"
            assert parameter.get("description"), which
            assert "nullable" not in parameter["schema"], which
            # One that may be left out has none: Swagger would send it.
            assert ("example" in parameter) is parameter.get("required", False), which
            if "example" in parameter:
                Draft7Validator(parameter["schema"], format_checker=FORMATS).validate(
                    parameter["example"]
                )


def test_each_shape_and_each_of_its_fields_is_described(shapes):
    whole = [name for name, told in shapes.items() if told["type"] == "object"]
    assert not [name for name in whole if not shapes[name].get("description")]
    assert not [
        f"{name}.{field}"
        for name, told in shapes.items()
        for field, about in told.get("properties", {}).items()
        if not about.get("description")
    ]


def test_a_type_has_a_name_of_its_own(shapes):
    for name in shapes:
        assert re.fullmatch(r"([A-Z][a-z0-9]*)+", name), name
        assert not re.search(r"Enum|(?<!Opt)Out$|InRequest$|\d", name), name
    assert not BUILT_IN & set(shapes)


def test_money_is_a_number_and_time_has_its_form(shapes):
    for name, told in shapes.items():
        for field, about in told.get("properties", {}).items():
            which = f"{name}.{field}"
            if re.search(r"pnl|fees|price|profit|average_(win|loss)|drawdown|expectancy", field):
                assert about.get("type") == "number" or "allOf" in about, which
            if re.search(r"(_at|^datetime)$", field):
                assert about["format"] == "date-time", which
            if re.search(r"(_on|_date|^date|_through)$", field):
                assert about["format"] == "date", which
            if re.search(r"(?<!exec)_id$|_count$|^id$", field):
                assert about["type"] == "integer" or about.get("format") == "uuid", which


def test_the_envelope_is_seen(operations, shapes):
    for name, told in operations:
        (success,) = (status for status in told["responses"] if status.startswith("2"))
        (content,) = list(told["responses"][success]["content"].values())[:1]
        if (answer := content["schema"]) == FILE:
            continue
        shape = shapes[answer["$ref"].rpartition("/")[2]]
        if "/auth/" not in name:
            assert set(shape["properties"]) == set(shape["required"]) == {"data", "meta"}, name


def test_each_body_and_each_answer_is_described_and_has_an_example(operations):
    for name, told in operations:
        for where, _, examples in contents(told):
            assert len(examples) == 1, f"{name} {where}"
        assert all(answer["description"] for answer in told["responses"].values()), name


def test_each_example_is_of_its_shape(operations, shapes):
    parts = {"components": {"schemas": strict(shapes)}}
    for name, told in operations:
        for where, shape, examples in contents(told):
            # A reference stands alone in this draft: what lies beside it would not be read.
            whole = {"allOf": [shape], **parts}
            validator = Draft7Validator(whole, format_checker=FORMATS)
            for example in examples:
                faults = [error.message for error in validator.iter_errors(example["value"])]
                assert not faults, f"{name} {where}"


def test_a_bad_request_names_what_can_be_bad_there(operations):
    for name, told in operations:
        required = {
            one["name"]
            for one in told.get("parameters", [])
            if one["in"] == "query" and one.get("required")
        }
        if not required or "requestBody" in told:
            continue
        (example,) = told["responses"]["400"]["content"]["application/json"]["examples"].values()
        assert set(example["value"]["fields"]) <= required, name
