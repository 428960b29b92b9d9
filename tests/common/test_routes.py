"""Every address of the API has both slash forms, and the schema tells the truth."""

import io

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


def test_swagger_opens_at_an_operation_and_keeps_the_token(db):
    script = Client().get("/swagger?script=").content.decode()

    assert '"deepLinking": true' in script
    assert '"persistAuthorization": true' in script


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
