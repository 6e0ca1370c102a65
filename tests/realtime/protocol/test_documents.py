"""Merge patches: RFC 7396's own examples, and the laws that the rest of the service builds on."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.protocol import apply, diff
from realtime.streams import without_nulls

scalars = st.booleans() | st.integers(-9, 9) | st.text(max_size=3) | st.floats(allow_nan=False, allow_infinity=False)
keys = st.sampled_from("abcd")
values = st.recursive(
    scalars | st.lists(scalars, max_size=3), lambda inner: st.dictionaries(keys, inner, max_size=4), max_leaves=12
)
documents = st.dictionaries(keys, values, max_size=4)
patches = st.recursive(st.none() | scalars, lambda inner: st.dictionaries(keys, inner, max_size=4), max_leaves=12)


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": "foo"}, "bar", "bar"),
        ({"a": "foo"}, None, None),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_patch_does_what_the_rfc_says(target, patch, result):
    assert apply(target, patch) == result


@given(documents, documents)
def test_the_difference_takes_one_document_to_the_other(old, new):
    assert apply(old, diff(old, new)) == new


@given(documents)
def test_equal_documents_differ_by_nothing(document):
    assert diff(document, copy.deepcopy(document)) == {}


@given(documents, documents, documents)
def test_one_difference_does_the_work_of_two(first, second, third):
    stepwise = apply(apply(first, diff(first, second)), diff(second, third))
    assert apply(first, diff(first, third)) == stepwise == third


@given(documents, documents)
def test_a_patch_applied_twice_does_no_harm(old, new):
    changes = diff(old, new)
    assert apply(apply(old, changes), changes) == new


@given(documents, patches)
def test_patching_leaves_the_old_document_alone(document, patch):
    kept = copy.deepcopy(document)
    apply(document, patch)
    assert document == kept


@given(documents, patches)
def test_a_patched_document_has_no_nulls(document, patch):
    patched = apply(document, patch)
    assert patched == without_nulls(patched)


def test_a_number_that_becomes_a_truth_is_a_change():
    assert diff({"a": 1}, {"a": True}) == {"a": True}


def test_what_does_not_change_is_shared():
    document = {"a": {"b": 1}, "c": {"d": 1}}
    assert apply(document, {"c": {"d": 2}})["a"] is document["a"]
