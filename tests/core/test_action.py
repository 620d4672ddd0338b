"""The action key: what it must tell apart, what it must not, and that it stays what it is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orion_nb.core.action import action_key, components_key, hash_parts, input_components
from orion_nb.core.model import Component, KeyRecipe

A, B = "a" * 64, "b" * 64

digests = st.sampled_from([A, B, "0" * 64])
names = st.text(st.characters(codec="utf-8"), max_size=6) | st.sampled_from(
    ["", " ", "0", "1 x", "x\ninput 1 y " + A]
)
components = st.builds(Component, st.sampled_from(["code", "closure", "env"]), names, digests)


def test_order_and_binding_of_inputs_matter() -> None:
    recipe = KeyRecipe((Component("code", "f", A),))
    key = action_key(recipe, [("x", A), ("y", B)])
    assert key == action_key(recipe, [("x", A), ("y", B)])
    assert key != action_key(recipe, [("x", B), ("y", A)])
    assert key != action_key(recipe, [("y", B), ("x", A)])
    assert key != action_key(recipe, [("x", A)])


def test_notes_are_for_people() -> None:
    old = KeyRecipe((Component("code", "f", A, "Cell In[4] line 7"),))
    new = KeyRecipe((Component("code", "f", A, "Cell In[9] line 1"),), provenance=("x",))
    assert action_key(old) == action_key(new)


def test_the_key_of_kept_components_is_the_key() -> None:
    recipe = KeyRecipe((Component("code", "f", A), Component("env", "python", B)))
    inputs = [("x", A), ("y", B)]
    assert components_key(recipe.components + input_components(inputs)) == action_key(
        recipe, inputs
    )


def test_pinned() -> None:
    """A changed scheme empties every user's cache: do it on purpose, and change SCHEME."""
    recipe = KeyRecipe((Component("code", "größe", A),))
    pinned = "11e957826bd66c05b21d247321974a48caa28896d62995a4436c8db542ffaca9"
    assert action_key(recipe, [("x", B)]) == pinned


@given(st.lists(components, max_size=4), st.lists(components, max_size=4))
def test_different_components_have_different_keys(
    left: list[Component], right: list[Component]
) -> None:
    same = [c[:3] for c in left] == [c[:3] for c in right]
    assert (components_key(left) == components_key(right)) == same


texts = st.text(max_size=4) | st.binary(max_size=4) | st.sampled_from(["s1:a", b"b0:", "0", b"0"])


@given(st.lists(texts, max_size=4), st.lists(texts, max_size=4))
def test_framing_is_unambiguous(left: list[str | bytes], right: list[str | bytes]) -> None:
    assert (hash_parts("t", *left) == hash_parts("t", *right)) == (left == right)


def test_tag_is_not_a_part() -> None:
    assert hash_parts("t", "x") != hash_parts("x", "t") != hash_parts("tx")
