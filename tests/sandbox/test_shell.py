"""Cells as Jupyter runs them, and what is kept of their outputs."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from autograder.sandbox.shell import MAX_CELL_OUTPUT, MAX_NOTEBOOK_OUTPUT, Recorder


def result(shared_box: Any, source: str) -> str:
    """The plain text of a cell's last expression."""
    outputs, error = shared_box.run(source)
    assert error is None, error["traceback"]
    return next(output["data"]["text/plain"] for output in outputs if output["output_type"] == "execute_result")


def test_last_expression(shared_box: Any) -> None:
    """The value of the last expression is a result, unless a semicolon hides it."""
    assert result(shared_box, "1 + 1") == "2"
    assert shared_box.run("1 + 1;")[0] == []
    assert result(shared_box, "_ + 1") == "3"


def test_display(shared_box: Any) -> None:
    """`display` shows rich objects where they stand."""
    outputs, _ = shared_box.run("from IPython.display import HTML\ndisplay(HTML('<b>x</b>'), 7)\nprint('after')")
    assert outputs[0]["data"]["text/html"] == "<b>x</b>"
    assert outputs[1]["data"] == {"text/plain": "7"}
    assert outputs[2] == {"output_type": "stream", "name": "stdout", "text": "after\n"}


def test_plot(shared_box: Any) -> None:
    """A figure is shown as a PNG after the cell, with and without the magic."""
    for head in ("%matplotlib inline\n", ""):
        outputs, error = shared_box.run(head + "import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
        assert error is None
        assert base64.b64decode(outputs[-1]["data"]["image/png"]).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("%%capture kept\nprint('silent')", ""),
        ("!echo shouted; echo aside >&2", "shouted\naside"),
        ("lines = !printf 'a\\nb\\n'\nprint(lines)", "['a', 'b']"),
        ("name = 'here'\n!echo {name}", "here"),
        ("!printf '\\377'", "�"),
        ("%%bash\necho from bash", "from bash"),
        ("import asyncio\nawait asyncio.sleep(0)\nprint('awaited')", "awaited"),
        ("import sys\nprint('aside', file=sys.stderr)", "aside"),
        ("%pwd\nprint(open('data/numbers.txt').read())", "1 2 3"),
        ("%%writefile helper.py\nvalue = 5", "Writing helper.py"),
        ("import helper\nprint(helper.value)", "5"),
        ("print('\\ud83d')", "?"),
        ("import logging\nlogging.warning('careful')", "WARNING:root:careful"),
        ("print(__name__)", "__main__"),
    ],
)
def test_ipython_syntax(shared_box: Any, source: str, printed: str) -> None:
    """Magics, shell lines and top-level await do what they do in Jupyter."""
    assert shared_box.text(source) == printed


@pytest.mark.parametrize("magic", ["%time sum([1])", "%timeit -n1 -r1 sum([1])", "%%time\nsum([1])"])
def test_timing_magics(shared_box: Any, magic: str) -> None:
    """Timing magics run and print something."""
    assert shared_box.text(magic)


def test_warnings_are_printed(shared_box: Any) -> None:
    """A warning goes to stderr and stops nothing."""
    outputs, error = shared_box.run("import warnings\nwarnings.warn('old')\nprint('on')")
    assert error is None
    assert "UserWarning: old" in next(output["text"] for output in outputs if output.get("name") == "stderr")


def test_error_names_cell_and_line(shared_box: Any) -> None:
    """An error says its class, bases, message, line and that line's text, and stands in the outputs."""
    shared_box.cells = 4
    outputs, error = shared_box.run("x = 1\ndef f():\n    return {}['key']\nf()")
    assert (error["name"], error["bases"], error["message"]) == (
        "KeyError",
        ["LookupError", "Exception", "BaseException"],
        "'key'",
    )
    assert (error["cell"], error["line"], error["source"]) == (4, 3, "return {}['key']")
    assert outputs[-1]["ename"] == "KeyError"
    assert 'File "<cell 5>", line 3' in "\n".join(outputs[-1]["traceback"])
    assert "site-packages" not in error["traceback"]


def test_syntax_error(shared_box: Any) -> None:
    """A syntax error says the line, and the next cell runs."""
    _, error = shared_box.run("x = 1\nif x\n    pass")
    assert (error["name"], error["line"], error["source"]) == ("SyntaxError", 2, "if x")
    _, error = shared_box.run("  x = 1\n y = 2")
    assert error["name"] == "IndentationError"
    assert shared_box.text("print('on')") == "on"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import sys; sys.exit(3)", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise GeneratorExit", "GeneratorExit"),
        ("input('name?')", "EOFError"),
        ("class E(Exception):\n    def __str__(self): raise E\nraise E", "E"),
        ("raise type('\\ud800', (Exception,), {})", None),
        ("%nosuchmagic", None),
        ("def f(): f()\nf()", "RecursionError"),
    ],
)
def test_cell_that_fails_does_not_stop(shared_box: Any, source: str, name: str | None) -> None:
    """Whatever a cell raises, the next one runs; nothing waits for input."""
    _, error = shared_box.run(source)
    assert name is None or error["name"] == name
    assert shared_box.text("print('on')") == "on"


@pytest.mark.parametrize("word", ["exit", "quit", "exit()", "quit()"])
def test_exit_and_quit_do_nothing(shared_box: Any, word: str) -> None:
    """`exit` and `quit` end neither the cell nor the notebook."""
    assert shared_box.run(word)[1] is None
    assert shared_box.text("print('on')") == "on"


def test_endless_output_is_cut(shared_box: Any) -> None:
    """A cell keeps a megabyte of output, with a marker; a giant line or ten million displays cost no more."""
    for source in ("for n in range(200_000): print(n)", "print('x' * 10**8)", "for n in range(20_000): display(n)"):
        outputs, error = shared_box.run(source)
        assert error is None
        assert len(outputs) < 20_000
        assert len(str(outputs)) < 5 * MAX_CELL_OUTPUT
        assert "output cut here" in str(outputs[-1])
    assert shared_box.text("print('on')") == "on"


def test_recorder_caps_the_notebook() -> None:
    """All cells together keep eight megabytes; each one that lost something says so, once."""
    recorder = Recorder()
    kept = 0
    for cell in range(20):
        recorder.begin(cell)
        recorder.text("stdout", "x" * MAX_CELL_OUTPUT)
        recorder.text("stdout", "more")
        recorder.rich("display_data", {"text/plain": "more"}, None)
        text = "".join(output["text"] for output in recorder.finish())
        assert text.count("output cut here") == 1
        kept += len(text)
    assert kept < MAX_NOTEBOOK_OUTPUT + 20 * 100
    recorder.begin(20)
    assert recorder.finish() == []


def test_recorder_merges_a_stream() -> None:
    """What a stream says in pieces is one output, until another one or a display comes between."""
    recorder = Recorder()
    recorder.begin(1)
    for name, text in (("stdout", "a"), ("stdout", "b"), ("stderr", "c"), ("stdout", "d")):
        recorder.text(name, text)
    assert [output["text"] for output in recorder.finish()] == ["ab", "c", "d"]


def test_thread_that_prints_on(shared_box: Any) -> None:
    """A thread that goes on printing disturbs no later cell."""
    shared_box.run(
        """
        import threading
        running = True
        def chat():
            while running:
                print('.', end='')
        thread = threading.Thread(target=chat)
        thread.start()
        """
    )
    for _ in range(20):
        assert shared_box.run("x = 1")[1] is None
    assert shared_box.run("running = False\nthread.join()")[1] is None


def test_failed_call_gives_its_memory_back(shared_box: Any) -> None:
    """What a failed call held is gone when its cell has ended: it must not be missing in the tests."""
    _, error = shared_box.run(
        """
        import weakref

        class Large:
            pass

        def fail():
            global held
            large = Large()
            held = weakref.ref(large)
            raise MemoryError

        fail()
        """
    )
    assert error["name"] == "MemoryError"
    assert shared_box.text("print(held())") == "None"
