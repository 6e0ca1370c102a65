"""Walking through all that staff can write, as the admin's registry and the OpenAPI document have it.

Each walk makes one write and returns what is wrong with it; an empty list means that nothing is.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.admin.sites import site
from django.db import models, transaction
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from drf_spectacular.generators import SchemaGenerator

from staff.models import AuditEntry
from tests.staff.acting import form_of, page_of
from users.models import User

BOOKKEEPING = {"realtime", "sessions", "contenttypes"}
"""Applications whose rows follow from what others write, or from a request."""
REASON = "as agreed"
ASKED_FOR = "give it an example in tests/staff/scenes.py"
FORMS = ("changelist", "add", "change", "delete", "history")
"""The pages that Django gives to every model."""


def rows() -> dict[str, list]:
    """What is in all tables, but for bookkeeping and the audit log itself."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models(include_auto_created=True)
        if model is not AuditEntry and model._meta.app_label not in BOOKKEEPING
    }


# --- the admin -----------------------------------------------------------------------------------


def pages() -> list[type[models.Model]]:
    """The models that have pages."""
    return list(site._registry)


def actions() -> list[tuple[type[models.Model], str]]:
    """Every action that is offered on the page of a model, the site's own included."""
    request = RequestFactory().get("/")
    request.user = User(is_staff=True, is_superuser=True)
    return [(model, name) for model, page in site._registry.items() for name in page.get_actions(request)]


def further_pages() -> Iterator[tuple[type[models.Model], str]]:
    """The model and the name of each page that a class adds to Django's."""
    for model, page in site._registry.items():
        own = {f"{model._meta.app_label}_{model._meta.model_name}_{name}" for name in FORMS}
        for pattern in page.get_urls():
            if isinstance(pattern, URLPattern) and pattern.name and pattern.name not in own:
                yield model, pattern.name


def walk_action(staff: Client, row: models.Model, action: str, fields: Mapping[str, Any]) -> list[str]:
    """Choose an action for a row, with what its form asks for."""
    chosen = {"action": action, "_selected_action": [row.pk], "apply": "1", "audit_reason": REASON, **fields}
    return _walk(staff, page_of(type(row), "changelist"), chosen)


def walk_change(staff: Client, row: models.Model, fields: Mapping[str, Any]) -> list[str]:
    """Send the form of a row."""
    page = page_of(type(row), "change", row.pk)
    form = form_of(staff, page) if "adminform" in (staff.get(page).context or {}) else {}
    return _walk(staff, page, {**form, **fields})


def walk_addition(staff: Client, model: type[models.Model], fields: Mapping[str, Any]) -> list[str]:
    """Send the form for a new row."""
    return _walk(staff, page_of(model, "add"), {**fields, "audit_reason": REASON})


def walk_deletion(staff: Client, row: models.Model) -> list[str]:
    """Confirm Django's own page of deletion."""
    return _walk(staff, page_of(type(row), "delete", row.pk), {"post": "yes"})


def walk_further_page(staff: Client, name: str) -> list[str]:
    """Send something to a page that a class adds."""
    return _walk(staff, reverse(f"admin:{name}"), {"audit_reason": REASON}, may_write_nothing=True)


def _walk(staff: Client, address: str, data: Mapping[str, Any], may_write_nothing: bool = False) -> list[str]:
    before, known = rows(), AuditEntry.objects.count()
    answer = staff.post(address, data)
    changed, entries = rows() != before, AuditEntry.objects.count() - known
    if changed and entries != 1:
        return [f"{address} writes, with {entries} entries of the audit log"]
    if entries != 1 and answer.status_code != 403 and not may_write_nothing:
        return [f"{address} answers {answer.status_code} and writes nothing: {ASKED_FOR}"]
    return []


# --- REST ----------------------------------------------------------------------------------------


def operations() -> list[tuple[str, str]]:
    """The method and path of every write in the OpenAPI document."""
    return [(method, path) for path, each in _document()["paths"].items() for method in each if method != "get"]


def request_of(method: str, path: str, known: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The address and the body of a request as the document describes it.

    Args:
        method: in small letters.
        path: as the document has it.
        known: values for parameters of the path and fields of the body, by name.
    """
    document = _document()
    operation = document["paths"][path][method]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    body = _example(content.get("schema", {"type": "object"}), document, known)
    for parameter in operation.get("parameters", []):
        name = parameter["name"]
        if parameter["in"] == "path":
            value = known.get(name) or _example(parameter["schema"], document, known)
            path = path.replace("{" + name + "}", str(value))
    return path, body


def walk_operation(api: Any, method: str, path: str, known: Mapping[str, Any], people: Mapping[str, User]) -> list[str]:
    """Ask for one write of the OpenAPI document as a player, and as staff.

    It is a write of staff if they are let in where a player is not.

    Args:
        api: makes the client of a user.
        method: in small letters.
        path: as the document has it.
        known: see `request_of`.
        people: `player`, `staff` with all rights, `helper` with none, and `banned` staff; none has a part in what
            `known` names.
    """
    address, body = request_of(method, path, known)

    def ask(who: str, **fields: Any) -> int:
        return getattr(api(people[who]), method)(address, {**body, **fields}).status_code

    player, staff = tried(lambda: ask("player")), tried(lambda: ask("staff"))
    if player != 403 or staff == 403:
        return []  # it is everybody's, or only that of those who have a part in it
    if staff >= 400:
        return [f"{address} answers {staff} to {body}: {ASKED_FOR}"]
    let_in = [who for who in ("helper", "banned") if tried(lambda who=who: ask(who)) != 403]
    faults = [f"{address} lets {who} staff in" for who in let_in]
    if tried(lambda: ask("staff", reason="")) != 400:
        faults.append(f"{address} takes no reason, or an empty one")
    before, known_entries = rows(), AuditEntry.objects.count()
    ask("staff")
    entry = AuditEntry.objects.first()
    if rows() == before:
        faults.append(f"{address} writes nothing: {ASKED_FOR}")
    elif entry is None or AuditEntry.objects.count() != known_entries + 1:
        faults.append(f"{address} writes, without one entry of the audit log")
    elif (entry.actor_id, entry.reason) != (people["staff"].pk, body.get("reason")):
        faults.append(f"{address} writes down another actor or reason")
    return faults


def tried(ask: Any) -> int:
    """The status of an answer; what it has written is taken back."""
    with transaction.atomic():
        status = ask()
        transaction.set_rollback(True)
    return int(status)


def _document() -> dict[str, Any]:
    return _document_of(get_resolver())


@cache
def _document_of(addresses: URLResolver) -> dict[str, Any]:
    return SchemaGenerator().get_schema(public=True)


def _example(schema: Mapping[str, Any], document: Mapping[str, Any], known: Mapping[str, Any], name: str = "") -> Any:
    """A value that a schema allows: what is known by the field's name, or something plain."""
    if name in known:
        return known[name]
    if "$ref" in schema:
        named = schema["$ref"].rpartition("/")[2]
        return _example(document["components"]["schemas"][named], document, known)
    for several in ("allOf", "oneOf", "anyOf"):
        if several in schema:
            return _example(schema[several][0], document, known)
    if "default" in schema or "enum" in schema:
        return schema["default"] if "default" in schema else schema["enum"][0]
    if schema.get("type") == "object":
        return {key: _example(each, document, known, key) for key, each in schema.get("properties", {}).items()}
    plain = {"array": [], "boolean": True, "integer": schema.get("minimum", 1), "number": schema.get("minimum", 1)}
    return plain.get(schema.get("type", ""), "x" * schema.get("minLength", 1))
