"""Chatbots, tested with a language model that is a fake: what it is asked is seen, and what it answers is known.

    llm = FakeModel(["The lab is in room 125 [0]."])                     answers, one for each call
    bot = student.new("Chatbot", retriever, student.callback(llm))
    assert_conversation(partial(bot.call, "reply"), llm, [Turn("Where is the lab?", reply_has=["125"], calls=1)])

Turns are data, so a hidden suite is a list. A failure names the turn by its number and what it was about, and never its
text: the suite stays hidden.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Final

from autograder.checks.kinds import Kind, kind_of
from autograder.checks.wording import describe, fail, plural, quote

_ROLES: Final = frozenset({"system", "user", "assistant"})
_MOST_CALLS: Final = 1000

Messages = list[dict[str, str]]


class FakeModel:
    """A language model for tests: called with messages, it records them and gives a text that the test has chosen.

    `replies`: one text for every call, a list of texts (one for each call; one call too many fails the test), or a
    function of the messages. Messages that are no list of {"role", "content"} fail the test.
    """

    def __init__(self, replies: str | Sequence[str] | Callable[[Messages], str]) -> None:
        self.calls: list[Messages] = []
        self._replies = replies

    def __call__(self, messages: Any) -> str:
        __tracebackhide__ = True
        self.calls.append(_checked(messages))
        if len(self.calls) > _MOST_CALLS:
            fail(f"the language model was called more than {_MOST_CALLS:,} times")
        if isinstance(self._replies, str):
            return self._replies
        if callable(self._replies):
            return self._replies(self.calls[-1])
        if len(self.calls) > len(self._replies):
            fail(f"the language model was called more than {plural(len(self._replies), 'time')}: once too often")
        return self._replies[len(self.calls) - 1]

    def system_messages(self) -> list[str]:
        """What the system was told, in each call: its messages' contents, joined."""
        return ["\n".join(each["content"] for each in call if each["role"] == "system") for call in self.calls]


def _checked(messages: Any) -> Messages:
    __tracebackhide__ = True
    if kind_of(messages) is not Kind.LIST or not messages:
        fail(f"the language model takes a list of messages, it was called with {describe(messages)}")
    for number, message in enumerate(messages):
        if kind_of(message) is not Kind.DICT or any(type(key) is not str for key in message):
            fail(f"message {number} is no dict of role and content but {describe(message)}")
        texts = all(type(part) is str for part in message.values())
        if {*message} != {"role", "content"} or not texts or message["role"] not in _ROLES:
            fail(f"message {number} needs a text as content and one of the roles system, user, assistant")
    checked: Messages = messages
    return checked


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing that a user says, and what must be true of the reply and of what the language model was sent.

    Texts are looked for as they stand, case included. `about` names the turn in messages.
    """

    says: str
    _: KW_ONLY
    about: str = ""
    reply: str | None = None
    reply_has: Sequence[str] = ()
    reply_lacks: Sequence[str] = ()
    prompt_has: Sequence[str] = ()
    prompt_lacks: Sequence[str] = ()
    calls: int | None = None
    most_words: int | None = None


def assert_conversation(say: Callable[[str], Any], model: FakeModel, turns: Sequence[Turn]) -> None:
    """Pass if every turn of a conversation goes as it must; `say(text)` is the student's bot, `model` what it asks.

    What the model was sent in a turn (`prompt_has`, `prompt_lacks`) are the contents of all messages of its calls in
    that turn, whatever their roles.
    """
    __tracebackhide__ = True
    if not turns:
        raise ValueError("a conversation has a turn")
    for number, turn in enumerate(turns):
        name = f"turn {number}" + (f" ({turn.about})" if turn.about else "")
        before = len(model.calls)
        reply = say(turn.says)
        if type(reply) is not str:
            fail(f"{name}: expected a text as reply, got {describe(reply)}")
        made = model.calls[before:]
        if turn.calls is not None and len(made) != turn.calls:
            fail(f"{name}: the language model was asked {plural(len(made), 'time')}, expected {turn.calls}")
        _check_reply(name, reply, turn)
        sent = "\n".join(message["content"] for call in made for message in call)
        for text in turn.prompt_has:
            if text not in sent:
                fail(f"{name}: something is missing in what the language model was sent; what does it need to know?")
        for text in turn.prompt_lacks:
            if text in sent:
                fail(f"{name}: the language model was sent what it must not see; is it too old, or somebody else's?")


def _check_reply(name: str, reply: str, turn: Turn) -> None:
    __tracebackhide__ = True
    if turn.reply is not None and reply != turn.reply:
        fail(f"{name}: the reply is {quote(reply)}, another one was expected")
    for text in turn.reply_has:
        if text not in reply:
            fail(f"{name}: something that was asked for is missing in the reply {quote(reply)}")
    for text in turn.reply_lacks:
        if text in reply:
            fail(f"{name}: the reply {quote(reply)} has something that must not be in it")
    words = len(re.findall(r"\S+", reply))
    if turn.most_words is not None and words > turn.most_words:
        fail(f"{name}: the reply has {plural(words, 'word')}, at most {turn.most_words} were asked")
    if turn.reply is None and not words:
        fail(f"{name}: the reply is empty")


def assert_fixed_system_message(model: FakeModel, *, never: Sequence[str] = ()) -> None:
    """Pass if every recorded call had the same system message, not empty, without any of the texts `never`.

    Documents and users then cannot speak with the system's voice, whatever they say.
    """
    __tracebackhide__ = True
    told = model.system_messages()
    if not told:
        fail("the language model was never called")
    if not all(told):
        fail("a call had no system message")
    if len({*told}) > 1:
        fail("the system message changes from call to call: documents, questions and memory belong elsewhere")
    if any(text in told[0] for text in never):
        fail("the system message has text of a document or of the user in it")


def assert_remembers(messages: Any, turns: Sequence[tuple[str, str]]) -> None:
    """Pass if one call's messages hold exactly these (user, assistant) turns, word for word and one after the other.

    The last message is what the user says now. Documents may stand in it, or in a message before the turns; only turns
    have an assistant's messages.
    """
    __tracebackhide__ = True
    talk = [(each["role"], each["content"]) for each in _checked(messages) if each["role"] != "system"]
    wanted = [part for said, answer in turns for part in (("user", said), ("assistant", answer))]
    if not talk or talk[-1][0] != "user":
        fail("the last message is no user's")
    *earlier, _ = talk
    answers = sum(role == "assistant" for role, _ in earlier)
    if answers != len(turns):
        clue = "which turns are too old?" if answers > len(turns) else "which are forgotten?"
        fail(f"the memory holds {plural(answers, 'answer')} of the assistant, expected {len(turns)}: {clue}")
    places = range(len(earlier) - len(wanted) + 1)
    if not any(earlier[place : place + len(wanted)] == wanted for place in places):
        fail("the memory holds other texts: is each turn kept word for word, and in order?")
