"""The socket's protocol as an AsyncAPI 3 document, made from what the code uses.

Frames come from `realtime.protocol.frames`, close codes from `realtime.protocol.close_codes`, actions from the
declared stream types, and projections from the documents of these.
"""

from typing import Any

import msgspec

from realtime.protocol import close_codes, frames
from realtime.streams import CLIENT_ACTIONS, STREAM_TYPES, Audience

Schema = dict[str, Any]

REFERENCE = "#/components/schemas/{name}"
NULL = {"type": "null"}
KEYWORDS = ("title", "properties", "required")
"""Keywords of a schema that are left out or written anew; fields may have the same names."""


def document() -> Schema:
    """The whole AsyncAPI document, as JSON data."""
    shared: Schema = {}
    from_client, from_server = _client_messages(shared), _server_messages(shared)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Unitemate realtime protocol",
            "version": "1",
            "description": "State of the service, mirrored by clients. docs/protocol.md explains it.",
        },
        "defaultContentType": "application/json",
        "channels": {
            "socket": {
                "address": "/ws/",
                "description": "One socket a client; text frames, each a JSON object with an `action`.",
                "messages": {name: _reference("messages", name) for name in sorted(from_client | from_server)},
                "x-close-codes": [close._asdict() for close in close_codes.ALL],
            }
        },
        "operations": {
            "receive": _operation("receive", "What a client may send.", from_client),
            "send": _operation("send", "What the server sends.", from_server),
        },
        "components": {
            "messages": from_client | from_server,
            "schemas": shared | _projections(),
        },
    }


def _reference(section: str, name: str) -> Schema:
    return {"$ref": f"#/components/{section}/{name}"}


def _operation(action: str, summary: str, messages: Schema) -> Schema:
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": "#/channels/socket"},
        "messages": [{"$ref": f"#/channels/socket/messages/{name}"} for name in sorted(messages)],
    }


def _projections() -> Schema:
    """The projections and what they refer to."""
    documents = [stream_type.document for stream_type in STREAM_TYPES.values()]
    _, found = msgspec.json.schema_components(documents, ref_template=REFERENCE)
    found = {name: _without_null(schema) for name, schema in found.items()}
    for document in documents:
        # A projection leaves nulls out, and one of an older release has fewer fields.
        del found[document.__name__]["required"]
    return found


def _without_null(schema: Any) -> Any:
    """The schema of what is sent of a value: fields that may be null are left out where they are."""
    if not isinstance(schema, dict):
        return [_without_null(value) for value in schema] if isinstance(schema, list) else schema
    plain = {name: _without_null(value) for name, value in schema.items() if name not in KEYWORDS}
    if plain.get("default", NULL) is None:
        del plain["default"]
    if "properties" in schema:
        fields = schema["properties"]
        plain["properties"] = {name: _without_null(field) for name, field in fields.items()}
        plain["required"] = [name for name in schema["required"] if NULL not in fields[name].get("anyOf", ())]
    if NULL in plain.get("anyOf", ()):
        (other,) = (one for one in plain.pop("anyOf") if one != NULL)
        plain = {**other, **plain}
    if "$ref" in plain and len(plain) > 1:  # what stands beside a reference would not be read
        plain["allOf"] = [{"$ref": plain.pop("$ref")}]
    return plain


def _schema(frame: type[msgspec.Struct], shared: Schema) -> Schema:
    """The schema of a frame; what it refers to goes into `shared`."""
    _, found = msgspec.json.schema_components([frame], ref_template=REFERENCE)
    own: Schema = found.pop(frame.__name__)
    shared |= found
    return own


def _client_messages(shared: Schema) -> Schema:
    actions = frames.CLIENT_FRAMES | {action: known.frame for action, known in CLIENT_ACTIONS.items()}
    return {action: _message(action, _schema(frame, shared)) for action, frame in actions.items()}


def _server_messages(shared: Schema) -> Schema:
    messages = {}
    for form in frames.PLAIN_SERVER_FRAMES:
        schema = _schema(form, shared)
        (action,) = schema["properties"]["action"]["enum"]
        messages[action] = _message(action, schema)
    keys = {stream_type.key_field for stream_type in STREAM_TYPES.values() if stream_type.audience is Audience.ADMITTED}
    fields = messages["unsubscribed"]["payload"]["properties"]
    messages["unsubscribed"]["payload"]["properties"] = dict(
        sorted((fields | {key: {"type": "string"} for key in keys if key}).items())
    )
    for stream_type in STREAM_TYPES.values():
        projection = stream_type.document.__name__
        data = {"anyOf": [{"$ref": REFERENCE.format(name=projection)}, NULL]}
        for action in dict.fromkeys((stream_type.snapshot, stream_type.found)):
            messages[action] = _message(action, _schema(frames.Snapshot, shared), data=data)
        changes = {"description": f"RFC 7396 merge patch of a {projection}; null when it has ended."}
        messages[stream_type.update] = _message(
            stream_type.update, _schema(stream_type.update_frame, shared), changes=changes
        )
    return messages


def _message(action: str, typed: Schema, **fields: Schema) -> Schema:
    """A message, from the schema of its frame.

    Args:
        action: its action.
        typed: the frame's schema.
        **fields: schemas of fields that are more exact than the frame's.
    """
    properties = {**typed["properties"], **fields, "action": {"const": action}}
    return {
        "name": action,
        "summary": typed.get("description", ""),
        "payload": {
            "type": "object",
            "properties": dict(sorted(properties.items())),
            "required": sorted({*typed["required"], "action"}),
            "additionalProperties": False,
        },
    }
