"""The words that come with gradtui are explained once each, and a lesson's own meaning stands."""

import re

import pytest
import torch

import gradtui.engine as engine
from gradtui.course.glossary import bundled, discussed, glossary, matching
from gradtui.course.loader import load_lesson
from gradtui.course.packs import bundled as bundled_pack

LESSON = load_lesson(bundled_pack().lesson("gradients-with-autograd")).lesson
NEEDED = (
    "tape", "leaf", "cotangent", "tangent", "VJP", "JVP", "Jacobian", "grad_fn", "saved tensor",
    "version", "accumulate", "detach", "no_grad", "retain_graph", "create_graph", "hook",
    "broadcasting", "zero_grad", "requires_grad",
)  # fmt: skip


def test_the_words_one_meets_are_there_once() -> None:
    names = [name.casefold() for word in bundled() for name in word.names]
    assert len(names) == len(set(names))
    assert {name.casefold() for name in NEEDED} <= {word.term.casefold() for word in bundled()}


@pytest.mark.parametrize("word", bundled(), ids=lambda word: word.term)
def test_a_meaning_is_a_sentence_or_three(word: object) -> None:
    means = getattr(word, "means")  # noqa: B009
    assert 40 < len(means) < 400
    assert means[0].isupper()
    assert means.endswith(".")
    assert "\n" not in means


def test_what_is_in_code_is_a_name_of_both_engines() -> None:
    """A word written as an identifier of torch is one, of the engine as of torch."""
    places = (lambda t: t, lambda t: t.ones(1), lambda t: t.optim.SGD([t.ones(1)], lr=0.1))
    for name in ("requires_grad", "grad_fn", "is_leaf", "detach", "no_grad", "zero_grad",
                 "retain_grad", "register_hook", "_version", "set_grad_enabled", "step"):  # fmt: skip
        assert any(name in word.names for word in bundled())
        for module in (engine, torch):
            assert any(hasattr(place(module), name) for place in places), (module, name)


def test_a_lessons_own_words_take_the_place_of_the_bundled_ones() -> None:
    words = {word.term: word for word in glossary(LESSON)}
    own = {term.term: term.means for term in LESSON.glossary}
    assert all(words[term].means == means for term, means in own.items())
    assert "VJP" not in words  # the lesson calls it by its whole name
    assert "VJP" in words["vector–Jacobian product"].also
    assert "hook" in words
    assert [word.term for word in glossary()] == sorted(
        (word.term for word in bundled()), key=str.casefold
    )


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("jac", "Jacobian"),
        ("AccumulateGrad", "accumulate"),
        ("forward mode", "JVP"),
        ("v·j", "VJP"),
    ],
)
def test_a_word_is_found_by_any_way_of_writing_it(typed: str, first: str) -> None:
    assert matching(glossary(), typed)[0].term == first


def test_what_is_not_there_is_not_found_and_nothing_typed_is_all() -> None:
    assert matching(glossary(), "gradient boosting") == []
    assert matching(glossary(), " ") == list(glossary())


def test_what_a_text_speaks_of_comes_in_its_order() -> None:
    text = "A leaf is no node: `detach` it, or accumulate. J is not looked for; nor is `leafy`."
    assert [word.term for word in discussed(glossary(), text)] == [
        "leaf", "grad_fn", "detach", "accumulate",
    ]  # fmt: skip
    assert discussed(glossary(), "") == []
    assert re.search(r"\d", "".join(word.term for word in bundled())) is None
