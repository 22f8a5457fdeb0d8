"""Chatbots with a fake language model: what it was sent, what was replied, what is remembered."""

from functools import partial

import pytest

from autograder.checks import FakeModel, Turn, assert_conversation, assert_fixed_system_message, assert_remembers
from autograder.errors import StudentError

BOT = """
class Bot:
    shared = []

    def __init__(self, llm, fault=None, memory=2):
        self.llm, self.fault, self.memory, self.turns = llm, fault, memory, []
        if fault == "shared":
            self.turns = Bot.shared

    def reply(self, text):
        if "weather" in text and self.fault != "never refuses":
            return "I do not know."
        system = "Answer briefly."
        if self.fault == "obeys":
            system += text
        keep = self.turns if self.fault == "remembers all" else self.turns[-self.memory:] if self.memory else []
        messages = [{"role": "system", "content": system}]
        for said, answer in keep:
            pair = [("user", said), ("assistant", answer)]
            for role, content in pair[::-1] if self.fault == "swaps" else pair:
                messages.append({"role": role, "content": content.lower() if self.fault == "lowers" else content})
        messages.append({"role": "user", "content": "Documents: <doc>room 125</doc> " + text})
        if self.fault == "strings":
            messages = text
        if self.fault == "odd role":
            messages[0]["role"] = "developer"
        if self.fault == "two calls":
            self.llm(messages)
        answer = self.llm(messages)
        self.turns.append((text, answer))
        return None if self.fault == "none" else answer + " word" * (60 if self.fault == "wordy" else 0)
"""
TURNS = [
    Turn("My name is Zorvex.", about="name", reply_has=["hello"], prompt_has=["room 125"], calls=1, most_words=50),
    Turn("What is the weather?", about="refusal", reply="I do not know.", calls=0),
    Turn("Who am I?", about="memory", prompt_has=["Zorvex"], reply_lacks=["125"], calls=1),
    Turn("And now?", prompt_has=["Who am I?"], calls=1),
    Turn("And then?", about="forgetting", prompt_has=["And now?"], prompt_lacks=["Zorvex"], calls=1),
]


@pytest.fixture
def talk(notebook):
    """Runs the suite against a bot with a fault."""
    student = notebook(BOT)

    def run(fault=None, turns=TURNS, replies="hello"):
        model = FakeModel(replies)
        bot = student.new("Bot", student.callback(model), fault)
        assert_conversation(partial(bot.call, "reply"), model, turns)
        return model

    return run


def test_right_bot_passes(talk):
    """Grounded, refusing, remembering two turns and no third; each bot has a memory of its own."""
    model = talk()
    assert len(model.calls) == 4
    assert_fixed_system_message(model, never=["room 125", "Zorvex"])
    assert_remembers(model.calls[-1], [("Who am I?", "hello"), ("And now?", "hello")])
    assert_remembers(talk().calls[0], [])


@pytest.mark.parametrize(
    ("fault", "clue"),
    [
        ("never refuses", r"turn 1 \(refusal\): the language model was asked 1 time, expected 0"),
        ("remembers all", r"turn 4 \(forgetting\): .* must not see"),
        ("lowers", r"turn 2 \(memory\): something is missing in what the language model was sent"),
        ("strings", "takes a list of messages"),
        ("odd role", "one of the roles"),
        ("two calls", r"turn 0 \(name\): the language model was asked 2 times, expected 1"),
        ("none", r"turn 0 \(name\): expected a text as reply, got None"),
        ("wordy", r"turn 0 \(name\): the reply has 61 words, at most 50"),
    ],
)
def test_faulty_bots_fail_without_giving_the_suite_away(talk, fault, clue):
    """Each fault fails in its turn, and no message holds a text of the suite."""
    with pytest.raises(AssertionError, match=clue) as caught:
        talk(fault)
    assert not any(turn.says in str(caught.value) for turn in TURNS)


def test_shared_memory_is_seen_by_the_second_bot(talk):
    """A list in the class instead of the instance remembers strangers."""
    first, second = [Turn("My secret is Quib.")], [Turn("Hello?", prompt_lacks=["Quib"])]
    talk(None, first)
    talk(None, second)
    talk("shared", first)
    with pytest.raises(AssertionError, match="somebody else's"):
        talk("shared", second)


def test_system_message_that_obeys_the_user(talk):
    """Text of the user in the system message fails."""
    model = talk("obeys", TURNS[:1])
    assert_fixed_system_message(model)
    with pytest.raises(AssertionError, match="text of a document or of the user"):
        assert_fixed_system_message(model, never=["Zorvex"])
    with pytest.raises(AssertionError, match="changes from call to call"):
        assert_fixed_system_message(talk("obeys", [Turn("one"), Turn("two")]))
    with pytest.raises(AssertionError, match="never called"):
        assert_fixed_system_message(FakeModel(""))
    model = FakeModel("x")
    model([{"role": "user", "content": "hi"}])
    with pytest.raises(AssertionError, match="had no system message"):
        assert_fixed_system_message(model)


def messages(*pairs):
    return [{"role": role, "content": content} for role, content in pairs]


NOW = ("user", "now")
ONE, TWO = [("user", "a"), ("assistant", "b")], [("user", "c"), ("assistant", "d")]


def test_memory_word_for_word():
    """Turns stand together before the last message; documents and the system may stand before them."""
    assert_remembers(messages(("system", "s"), ("user", "documents"), *ONE, *TWO, NOW), [("a", "b"), ("c", "d")])


@pytest.mark.parametrize(
    ("sent", "clue"),
    [
        (messages(*TWO, NOW), "which are forgotten"),
        (messages(*ONE, *TWO, *TWO, NOW), "which turns are too old"),
        (messages(*TWO, *ONE, NOW), "word for word"),
        (messages(*ONE, TWO[1], TWO[0], NOW), "word for word"),
        (messages(*ONE, ("user", "C"), TWO[1], NOW), "word for word"),
        (messages(*ONE, *TWO), "last message is no user's"),
        (messages(("system", "a b c d")), "last message is no user's"),
        ([], "list of messages"),
        (None, "list of messages"),
        ("a", "list of messages"),
        ([None], "message 0 is no dict"),
        ([{"role": "user"}], "message 0 needs"),
        ([{"role": "user", "content": 1}], "message 0 needs"),
        ([{"role": ["user"], "content": "x"}], "message 0 needs"),
        ([{1: "user", "content": "x"}], "message 0 is no dict"),
    ],
)
def test_memories_that_are_wrong(sent, clue):
    """Too few, too many, in another order, with other words, and what are no messages at all."""
    with pytest.raises(AssertionError, match=clue):
        assert_remembers(sent, [("a", "b"), ("c", "d")])


def test_fake_models_answer_as_told(talk):
    """One text for all, one for each call, or a function; one call too many fails."""
    assert len(talk(None, [Turn("x"), Turn("y")], ["1", "2"]).calls) == 2
    with pytest.raises(AssertionError, match="once too often"):
        talk(None, [Turn("x"), Turn("y")], ["1"])
    model = talk(None, [Turn("x", reply="3")], lambda sent: str(len(sent) + 1))
    assert [each["role"] for each in model.calls[0]] == ["system", "user"]


@pytest.mark.parametrize("reply", [None, 5, True, [], b"x", "", "  ", object()])
def test_replies_that_are_none(reply):
    """A reply is a text that is not empty."""
    with pytest.raises((AssertionError, StudentError), match="turn 0"):
        assert_conversation(lambda text: reply, FakeModel("x"), [Turn("x")])
    with pytest.raises(ValueError, match="has a turn"):
        assert_conversation(lambda text: "x", FakeModel("x"), [])
