"""Every address of the API has both slash forms, and the schema tells the truth."""

import io
import re

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern


def patterns(resolver=None, prefix=""):
    for entry in (resolver or get_resolver()).url_patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield address
        else:
            yield from patterns(entry, address)


def test_every_route_has_both_forms():
    routes = {route for route in patterns() if route.startswith("api/v1/")}

    assert len(routes) > 10
    for route in routes:
        assert (route.removesuffix("/") if route.endswith("/") else f"{route}/") in routes


def test_the_schema_is_valid_and_lists_each_address_once_without_the_slash(capsys):
    out = io.StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, format="openapi-json", stdout=out)
    assert not capsys.readouterr().err

    schema = Client().get("/schema.json").json()
    listed = {path.replace("{", "<").replace("}", ">") for path in schema["paths"]}
    assert not [path for path in listed if path.endswith("/")]
    assert len(listed) == len([r for r in patterns() if r.startswith("api/v1/")]) / 2
    assert schema["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    products = schema["paths"]["/api/v1/products"]["get"]["responses"]
    assert set(products) == {"200", "400", "401", "403", "404", "429", "503"}


@pytest.fixture(scope="module")
def schema():
    return Client().get("/schema.json").json()


@pytest.fixture(scope="module")
def operations(schema):
    return [
        (f"{method} {path}", told)
        for path, by in schema["paths"].items()
        for method, told in by.items()
    ]


@pytest.mark.parametrize(
    ("operation", "refusals"),
    [
        ("post /api/v1/auth/registration", {"400", "413", "415", "429", "503"}),
        ("post /api/v1/auth/login", {"400", "401", "403", "413", "415", "429", "503"}),
        ("post /api/v1/auth/token/refresh", {"400", "401", "413", "415", "429", "503"}),
        ("get /api/v1/auth/user", {"401", "429", "503"}),
    ],
)
def test_only_what_can_happen_is_listed(operations, operation, refusals):
    assert {code for code in dict(operations)[operation]["responses"] if code >= "4"} == refusals


def test_an_operation_id_is_a_good_method_name(operations):
    ids = [told["operationId"] for _, told in operations]

    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"(get|post|put|patch|delete)([A-Z][a-z0-9]*)+", one) for one in ids)
    assert {"postAuthLogin", "getPersonalTrades", "getPersonalTradesByTradeId"} <= set(ids)


def test_each_operation_says_what_it_is_for_in_one_line(operations):
    for name, told in operations:
        assert 10 < len(told["summary"]) < 110, name
        assert not told["summary"].endswith("."), name
        assert told["tags"], name
    assert len({told["summary"] for _, told in operations}) == len(operations)


def strangers(value, told, parts):
    """Yield the names that an example has and its shape has not, or the reverse."""
    for link in [told.get("$ref"), *(one.get("$ref") for one in told.get("allOf", []))]:
        told = parts[link.rpartition("/")[2]] if link else told
    if isinstance(value, dict) and "properties" in told:
        optional = set(told["properties"]) - set(told["required"])
        yield from (set(value) ^ set(told["properties"])) - optional
        for name, inner in value.items():
            yield from strangers(inner, told["properties"].get(name, {}), parts)
    elif isinstance(value, list):
        for inner in value:
            yield from strangers(inner, told["items"], parts)


def test_each_answer_has_an_example_of_its_shape(schema, operations):
    plain = {"DetailOut", "OptOutOut"}  # one word each: they need none
    for name, told in operations:
        (success,) = (status for status in told["responses"] if status.startswith("2"))
        answer = told["responses"][success]["content"]["application/json"]
        if answer["schema"]["$ref"].rpartition("/")[2] in plain:
            continue
        (example,) = answer["examples"].values()
        wrong = strangers(example["value"], answer["schema"], schema["components"]["schemas"])
        assert not list(wrong), name


def test_each_parameter_says_what_it_takes(operations):
    for name, told in operations:
        for parameter in told.get("parameters", []):
            assert parameter.get("description"), f"{name} {parameter['name']}"
            assert "nullable" not in parameter["schema"], f"{name} {parameter['name']}"


def test_the_django_admin_is_found_without_the_slash_too(db):
    answer = Client().get("/admin")

    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/schema", "application/vnd.oai.openapi"),
        ("/schema/", "application/vnd.oai.openapi"),
        ("/schema.json", "application/vnd.oai.openapi+json"),
        ("/schema.yaml", "application/vnd.oai.openapi"),
        ("/swagger", "text/html"),
        ("/swagger/", "text/html"),
        ("/redoc", "text/html"),
    ],
)
def test_the_schema_and_its_readers_are_open(db, path, kind):
    answer = Client().get(path)

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith(kind)
    if kind == "text/html":
        page = answer.content.decode()
        assert "/static/drf_spectacular_sidecar/" in page
        assert "https://" not in page


def test_assets_are_served_from_here(db):
    path = "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"

    answer = Client().get(path)
    answer.close()

    assert answer.status_code == 200


@pytest.mark.parametrize(("public", "page"), [(True, "/swagger"), (False, "/admin/")])
def test_the_front_page_leads_on(settings, public, page):
    settings.SCHEMA_PUBLIC = public
    answer = Client().get("/")

    assert (answer.status_code, answer["Location"]) == (302, page)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/products/9/"])
def test_an_unknown_address_is_json_for_every_method_without_a_csrf_token(method, path):
    answer = getattr(Client(enforce_csrf_checks=True), method)(path)

    assert answer.status_code == 404
    assert answer.json() == {"error": "There is nothing at this address"}
