"""JSON merge patches (RFC 7396) between documents.

Documents are treated as immutable: `apply` shares what it does not change with the old document,
so that keeping several versions costs little. Documents hold no nulls (`streams.without_nulls`),
which a merge patch could not tell from absent members.
"""

from typing import Any

Json = Any


def apply(document: Json, changes: Json) -> Json:
    """The document after a merge patch.

    Args:
        document: any JSON value; it is left as it is.
        changes: the patch. An object is merged member by member, null removes a member,
            anything else replaces the document.

    Returns:
        The patched document (RFC 7396, section 2).
    """
    if not isinstance(changes, dict):
        return changes
    patched = dict(document) if isinstance(document, dict) else {}
    for key, change in changes.items():
        if change is None:
            patched.pop(key, None)
        else:
            patched[key] = apply(patched.get(key), change)
    return patched


def diff(old: Json, new: Json) -> Json:
    """The smallest merge patch that takes one document to the next.

    `apply(old, diff(old, new)) == new` for all documents without nulls.

    Args:
        old: what the other side holds.
        new: what it shall hold.

    Returns:
        The patch; `{}` when two objects are equal.
    """
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    changes = {key: None for key in old if key not in new}
    for key, value in new.items():
        if key not in old:
            changes[key] = value
        elif old[key] is not value and (old[key] != value or type(old[key]) is not type(value)):
            changes[key] = diff(old[key], value)
    return changes
