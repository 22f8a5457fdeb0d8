"""What several tests need: a search by table, correct parts to hand in, and the documents that stand in a prompt."""

import html
import re
from types import SimpleNamespace

from autograder.checks import assert_type

LOW = 0.05  # the score of what is not in a table


def search_by(table, count, queries):
    """A search in `count` documents: the first word of the table that is in the query says index → score.

    What is searched for is appended to `queries`.
    """

    def search(query, k):
        queries.append(query)
        scores = next((row for word, row in table.items() if word in query), {})
        pairs = [(index, scores.get(index, LOW)) for index in range(count)]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:k]

    return search


def make_bot(student, reference, model, documents, table, queries=None, **options):
    """The student's Chatbot on a given retriever, with a correct calculator handed in."""
    student.set("use_calculator", student.callback(reference.use_calculator))
    search = student.callback(search_by(table, len(documents), [] if queries is None else queries))
    retriever = student.new("GivenRetriever", documents, search)
    return student.new("Chatbot", retriever, student.callback(model), **options)


def say(bot, message):
    """The bot's reply, which has to be a text."""
    reply = bot.call("reply", message)
    assert_type(reply, str)
    return reply


def last_call(model):
    """The messages of the last call of the language model, of which there must have been one."""
    assert model.calls, "the language model was never called"
    return model.calls[-1]


def quoted(messages, documents):
    """The documents between the delimiters of one call: pairs of index and text, by index.

    The system's message may explain the delimiters, so what it has between them counts if it is one of `documents`.
    """
    pairs = []
    for message in messages:
        found = re.findall(r'<document id="([0-9]+)">(.*?)</document>', message["content"], re.DOTALL)
        texts = [(int(index), html.unescape(text).strip()) for index, text in found]
        pairs += [pair for pair in texts if message["role"] != "system" or pair[1] in documents]
    return sorted(pairs)


def sent(model, *, to_the_system=True):
    """All that the language model was sent, in all calls. The text of the system's messages is the student's own."""
    messages = [message for messages in model.calls for message in messages]
    return "\n".join(each["content"] for each in messages if to_the_system or each["role"] != "system")


def squeezed(text):
    """A text without its white space."""
    return "".join(text.split())


def hand_in_parts(student, reference):
    """Correct parts in the place of all that `build_assistant` may rest on."""

    def rank(vectors, target, k):
        answers = [vectors, target]
        return reference.Retriever([""] * len(vectors), lambda _: answers.pop(0)).search("", k)

    def talk(documents, hits, turns, message, memory_turns, min_score, answer):
        asked = []
        retriever = SimpleNamespace(documents=documents, search=lambda *_: hits)
        bot = reference.Chatbot(
            retriever, lambda messages: asked.append(messages) or answer or "", memory_turns, min_score
        )
        bot.turns.extend(tuple(turn) for turn in turns)
        reply = bot.reply(message)
        return reply if answer is not None else asked[0] if asked else None

    for name in ("chunk", "use_calculator"):
        student.set(name, student.callback(getattr(reference, name)))
    student.set("Retriever", student.keep("stand_in_retriever", student.callback(rank)))
    student.set("Chatbot", student.keep("stand_in_chatbot", student.callback(talk)))
