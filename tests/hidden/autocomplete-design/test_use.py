"""Hidden tests of the question `use`, with models that are tables."""

import pytest
from helpers import tokens_stand_alone

from autograder.checks import assert_equal, assert_perplexity, token_probabilities

STORY = {
    "": {"we": 0.5, "you": 0.3, "</s>": 0.1, "<unk>": 0.1},
    "we": {"meet": 0.6, "are": 0.2, "</s>": 0.1, "<unk>": 0.1},
    "we meet": {"at": 0.4, "on": 0.3, "</s>": 0.2, "<unk>": 0.1},
    "we meet at": {"noon": 0.8, "</s>": 0.1, "<unk>": 0.1},
    "we meet at noon": {".": 0.7, "</s>": 0.2, "<unk>": 0.1},
    "we meet at noon .": {"</s>": 0.9, "<unk>": 0.1},
    "*": {"you": 0.3, "are": 0.2, "noon": 0.15, "we": 0.1, "at": 0.1, "</s>": 0.1, "<unk>": 0.05},
}


def told(context, word):
    """What the table of STORY says."""
    return STORY.get(" ".join(context), STORY["*"]).get(word, 0.0)


@pytest.fixture
def story(student):
    """A model that is the table STORY."""
    tokens_stand_alone(student)
    return student.new("TableModel", STORY)


@pytest.mark.question("use", points=0.5, hint="Is the mean over tokens or over sentences, and does each sentence end?")
def test_perplexity_over_all_tokens(student, story):
    """A long sentence, a short one and an empty one: the mean is over all tokens and ends."""
    sentences = ["we meet at noon .", "you", "", "we are"]
    expected = token_probabilities(told, [sentence.split() for sentence in sentences])
    assert_perplexity(student.call("perplexity", story, sentences), expected)


@pytest.mark.question("use", points=0.5, hint="Which tokens does the model get as context, and in which form?")
def test_perplexity_of_whole_contexts(student, reference):
    """Words that the model does not know stay in the context, and capitals are none."""
    student.set("tokenize", student.callback(reference.tokenize))
    rows = {"": {"we": 0.3}, "we": {"<unk>": 0.2}, "we zoom": {".": 0.4}, "we zoom .": {"</s>": 0.6}, "*": {"we": 0.01}}
    model = student.new("TableModel", rows)
    assert_perplexity(student.call("perplexity", model, ["We ZOOM."]), [0.3, 0.2, 0.4, 0.6])


@pytest.mark.question("use", points=0.5, hint="What is no word, and must not be suggested even if it is probable?")
def test_suggest_no_markers(student):
    """Markers are left out however probable they are, marks are not."""
    tokens_stand_alone(student)
    model = student.new("TableModel", {"*": {"</s>": 0.4, "<unk>": 0.3, "go": 0.1, ".": 0.15, "a": 0.05}})
    assert_equal(student.call("suggest", model, "go", 2), [".", "go"])


@pytest.mark.question("use", points=0.5, hint="What if there are fewer words than k, or k is 0?")
def test_suggest_at_most_k(student, story):
    """k words, all of them if there are fewer, none for 0."""
    assert_equal(student.call("suggest", story, "who knows", 1), ["you"])
    assert_equal(student.call("suggest", story, "who knows", 0), [])
    everything = ["you", "are", "noon", "at", "we", ".", "meet", "on"]
    assert_equal(student.call("suggest", story, "who knows", 50), everything)


@pytest.mark.question("use", points=0.5, hint="In which order stand words that are equally probable?")
def test_suggest_breaks_ties(student, rng):
    """Equal words stand in alphabetical order, whatever the vocabulary's order."""
    tokens_stand_alone(student)
    words = ["bus", "ant", "cup", "dog", "ape", "eel"]
    row = {words[place]: 0.1 for place in rng.permutation(len(words))}
    model = student.new("TableModel", {"*": {"cup": 0.1, **row, "zoo": 0.2, "</s>": 0.1, "<unk>": 0.1}})
    assert_equal(student.call("suggest", model, "", 5), ["zoo", "ant", "ape", "bus", "cup"])


@pytest.mark.question("use", points=0.5, hint="How much of what was typed does the model get to see?")
def test_suggest_after_the_whole_prefix(student, reference, story):
    """The context is the whole prefix, in tokens."""
    student.set("tokenize", student.callback(reference.tokenize))
    assert_equal(student.call("suggest", story, "We meet at", 1), ["noon"])
    assert_equal(student.call("suggest", story, "", 2), ["we", "you"])


@pytest.mark.question("use", points=0.5, hint="When does the sentence end, and is its end written out?")
def test_complete_to_the_end(student, story):
    """The most probable token again and again, until it is the end."""
    assert_equal(student.call("complete", story, "we meet"), "we meet at noon .")
    assert_equal(student.call("complete", story, ""), "we meet at noon .")


@pytest.mark.question("use", points=0.5, hint="What if the end never comes? What if the best token is <unk>?")
def test_complete_has_a_limit(student):
    """At most max_words are added, <unk> never, and of equal tokens the first."""
    tokens_stand_alone(student)
    row = {"<unk>": 0.3, "so": 0.2, "on": 0.2, "and": 0.15, "</s>": 0.15}
    model = student.new("TableModel", {"*": row})
    assert_equal(student.call("complete", model, "and", 3), "and on on on")
    assert_equal(student.call("complete", model, "and so", 0), "and so")
    assert_equal(student.call("complete", model, "and"), "and" + 12 * " on")
