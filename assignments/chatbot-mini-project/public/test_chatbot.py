"""Public tests: one for each question but `assistant`, which rests on all the others.

The language model is a fake, and the embedding counts three words.
"""

import numpy as np
import pytest

from autograder.checks import FakeModel, Turn, assert_conversation, assert_equal, assert_ranking, assert_type

DOCUMENTS = ["The lab is in room 125.", "Tea is served at four.", "Homework is due on Monday."]


def embed(texts):
    """Three words and nothing else: a text is near another one that has the same of them."""
    rows = [[float(word in text.lower()) for word in ("lab", "tea", "homework")] for text in texts]
    return np.array([[*row, 0.0 if any(row) else 1.0] for row in rows])


@pytest.mark.question("chunk", points=0.5, hint="Where does the second window begin, and which one is the last?")
def test_chunk_of_ten_words(student):
    """Ten words in windows of four with two in common."""
    expected = ["a b c d", "c d e f", "e f g h", "g h i j"]
    assert_equal(student.call("chunk", "a b c d e f g h i j", 4, 2), expected)


@pytest.mark.question("retriever", points=0.5, hint="Pairs of index and cosine, the largest cosine first.")
def test_retriever_finds_the_nearest(student):
    """The document that shares a word comes first."""
    retriever = student.new("Retriever", DOCUMENTS, student.callback(embed))
    found = retriever.call("search", "Lab and homework, please", 3)
    assert_ranking(found, [(0, 0.5**0.5), (2, 0.5**0.5), (1, 0.0)], atol=1e-6)


@pytest.mark.question("tool", points=0.5, hint="What stands in the place of the call, with how many decimals?")
def test_tool_of_one_call(student):
    """A product in a sentence."""
    text = student.call("use_calculator", "Six washes cost [Calculator(6*2.25)] dollars.")
    assert_equal(text, "Six washes cost 13.50 dollars.")


@pytest.mark.question(
    "chatbot", points=1, hint="Follow one message from the search to the reply, with paper and pencil."
)
def test_chatbot_answers_from_a_document(student):
    """A question that is answered from a document, and one that is refused."""
    student.set("use_calculator", student.callback(lambda text: text))

    def search(query, k):
        scores = [0.9 if "lab" in query else 0.1, 0.1, 0.0]
        return list(enumerate(scores))[:k]

    retriever = student.new("GivenRetriever", DOCUMENTS, student.callback(search))
    model = FakeModel("It is in room 125 [0].")
    bot = student.new("Chatbot", retriever, student.callback(model))
    refusal = student.get("REFUSAL")
    assert_type(refusal, str)
    answer = [
        Turn("Where is the lab?", about="answer", prompt_has=["room 125"], reply="It is in room 125 [0].", calls=1)
    ]
    assert_conversation(lambda text: bot.call("reply", text), model, answer)
    assert_equal(bot.get("sources"), [0])
    refused = [Turn("Who won the match?", about="refusal", reply=refusal, calls=0)]
    assert_conversation(lambda text: bot.call("reply", text), model, refused)
