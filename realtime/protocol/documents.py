"""JSON merge patches (RFC 7396) between documents.

Documents are immutable. `apply` shares unchanged values with the old document, so several versions need little
memory. Documents contain no nulls (`streams.without_nulls`): a merge patch cannot tell null from absent.
"""

from typing import Any

Json = Any


def apply(document: Json, changes: Json) -> Json:
    """Apply a merge patch.

    Args:
        document: any JSON value. It is not changed.
        changes: the patch. An object is merged member by member, null removes a member,
            anything else replaces the document.

    Returns:
        The new document (RFC 7396, section 2).
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
    """The smallest merge patch from one document to another.

    `apply(old, diff(old, new)) == new` for all documents without nulls.

    Args:
        old: the document that the patch is applied to.
        new: the document that it results in.

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
