"""Hostile files: refused as a whole with one message, and never followed anywhere."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.errors import AutograderError, CourseError
from autograder.interop import package, xmlio
from autograder.interop.formats import READABLE, detect
from autograder.interop.package import Package, write_zip
from autograder.interop.xmlio import parse, text_of
from tests.interop.samples import KINDS, exported, imported, quiz_of

ITEM = (
    b'<questestinterop><item ident="a" title="A"><presentation><material><mattext texttype="text/html">'
    b"%s</mattext></material></presentation></item></questestinterop>"
)
SECRET = "a word that no message may show"


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """A zip of these entries, names as they are."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in entries:
            made.writestr(name, data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def special(mode: int) -> zipfile.ZipInfo:
    """An entry that is a link, a pipe or a device."""
    entry = zipfile.ZipInfo("quiz.xml")
    entry.create_system = 3
    entry.external_attr = mode << 16
    return entry


def lying(data: bytes, field: int, value: int) -> bytes:
    """A zip of one file whose directory claims another number: flags (8), method (10) or unpacked size (24)."""
    at = data.index(b"PK\x01\x02") + field
    width = 4 if field == 24 else 2
    return data[:at] + value.to_bytes(width, "little") + data[at + width :]


ONE = zipped(("quiz.xml", b"<x/>"))
PACKAGES = {
    "a path that is not allowed: '../": zipped(("../quiz.xml", b"<x/>")),
    "a path that is not allowed: 'a/..": zipped(("a/../../quiz.xml", b"<x/>")),
    "a path that is not allowed: '/etc": zipped(("/etc/quiz.xml", b"<x/>")),
    "a path that is not allowed: 'C:": zipped(("C:/quiz.xml", b"<x/>")),
    "a path that is not allowed: 'a\\\\": zipped(("a\\..\\quiz.xml", b"<x/>")),
    "a link or a special file": zipped((special(stat.S_IFLNK | 0o777), b"/etc/passwd")),
    "special file": zipped((special(stat.S_IFIFO | 0o600), b"")),
    "more than 2,000 files": zipped(*((f"{number}.xml", b"") for number in range(2_001))),
    "times its size": zipped(("quiz.xml", bytes(20 * 2**20))),
    "unpacks to more than 200": zipped(*((f"{number}.xml", bytes(2**20 - 1)) for number in range(201))),
    "is encrypted": lying(ONE, 8, 1),
    "packed in a way": lying(ONE, 10, 14),
    "is damaged": lying(ONE, 24, 3),
    "does not have the size": lying(ONE, 24, 50),
    "cannot be opened": ONE[:-10],
    "holds no quiz": ONE,
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused() -> None:
    """Two entries of one name, capital letters aside: which one counts depends on who reads."""
    for other in ("quiz.xml", "Quiz.XML"):
        with pytest.raises(CourseError, match="two files named") as caught:
            imported(zipped(("quiz.xml", b"<x/>"), (other, b"<y/>")), "canvas")
        assert len(caught.value.problems) == 1


@pytest.mark.parametrize("words", PACKAGES)
def test_package_is_refused_with_one_message(words: str) -> None:
    """Each hostile package is refused before any question is read."""
    with pytest.raises(CourseError) as caught:
        imported(PACKAGES[words], "canvas")
    (problem,) = caught.value.problems
    assert words in problem.message


def test_package_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The size of the package itself has a limit too."""
    monkeypatch.setattr(package, "MOST_PACKED", 100)
    with pytest.raises(CourseError, match="MiB"):
        Package(ONE, "a.zip")


def test_honest_package_is_read() -> None:
    """What we write passes the same looks."""
    made = Package(write_zip({"a/b.xml": b"<x/>", "images/é.png": b"1"}), "a.zip")
    assert made.names == ("a/b.xml", "images/é.png")
    assert made.read("a/b.xml") == b"<x/>"


def entity(kind: str, secret: Path) -> bytes:
    """A document with an entity: one that names a file, one that grows, one over the network."""
    declared = {
        "file": f'<!ENTITY e SYSTEM "file://{secret}">',
        "network": '<!ENTITY e SYSTEM "http://127.0.0.1:9/x">',
        "parameter": f'<!ENTITY % p SYSTEM "file://{secret}"> %p;',
        "laughs": '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY e "&b;&b;&b;&b;">',
    }[kind]
    return f"<!DOCTYPE quiz [{declared}]><quiz><question>&e;</question></quiz>".encode()


@pytest.mark.parametrize("kind", ["file", "network", "parameter", "laughs"])
@pytest.mark.parametrize("wrapped", [False, True])
def test_document_type_is_refused(kind: str, wrapped: bool, tmp_path: Path) -> None:
    """Entities are never looked up: the file is refused for its document type, alone and in a package."""
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    data = entity(kind, secret)
    with pytest.raises(CourseError, match="document type") as caught:
        imported(zipped(("quiz.xml", data)) if wrapped else data, "canvas")
    assert SECRET not in str(caught.value)
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    "disguise",
    [
        lambda text: text.encode("utf-16"),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: b'<?xml version="1.0" encoding="ISO-8859-1"?>\n<!-- a > -->\n<?p ?>' + text.encode(),
        lambda text: b"\n\n" + text.encode(),
    ],
)
def test_document_type_in_disguise_is_refused(disguise: Callable[[str], bytes]) -> None:
    """Whatever the encoding and whatever stands before it."""
    with pytest.raises(CourseError, match="document type"):
        parse(disguise('<!DOCTYPE quiz [<!ENTITY e "x">]><quiz>&e;</quiz>'), "quiz.xml")


@pytest.mark.parametrize("encoding", ["utf-7", "utf-32", "cp037", "rot13"])
def test_strange_encoding_is_refused(encoding: str) -> None:
    """An encoding that hides what the parser will see is not read."""
    with pytest.raises(CourseError, match="encoding"):
        parse(f'<?xml version="1.0" encoding="{encoding}"?><quiz/>'.encode(), "quiz.xml")


def test_undeclared_entity_is_malformed() -> None:
    """An entity that nobody declared is an error with its line."""
    with pytest.raises(CourseError, match="malformed") as caught:
        parse(b"<quiz>\n&secret;</quiz>", "quiz.xml")
    assert caught.value.problems[0].line == 2


def test_inclusion_is_not_followed(tmp_path: Path) -> None:
    """XInclude is an element like any other."""
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    include = f'<x:include href="{secret}" parse="text"/>'
    root = parse(f'<quiz xmlns:x="http://www.w3.org/2001/XInclude">{include}</quiz>'.encode(), "quiz.xml")
    assert SECRET not in text_of(root)


def test_deep_nesting_is_refused() -> None:
    """A document a hundred thousand elements deep is malformed to us."""
    with pytest.raises(CourseError, match="malformed"):
        parse(b"<a>" * 100_000 + b"</a>" * 100_000, "quiz.xml")


def test_many_questions_are_refused() -> None:
    """Two thousand questions are a bank, not a quiz."""
    rows = b"".join(b"<question type='x'><name><text>q</text></name></question>" for _ in range(2_001))
    with pytest.raises(CourseError, match="2,000 questions"):
        imported(b"<quiz>" + rows + b"</quiz>", "moodle")


@pytest.mark.parametrize("form", READABLE)
@settings(max_examples=80, deadline=None)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(form: str, data: bytes) -> None:
    """Noise is never a crash: it is refused as a file, or as questions."""
    with suppress(CourseError):
        assert imported(data, form).text is not None


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A real file of each format."""
    quiz = quiz_of(tmp_path_factory.mktemp("mutated"), "".join(KINDS.values()))
    made = {form: exported(quiz, form).data for form in READABLE}
    with zipfile.ZipFile(io.BytesIO(made["canvas"])) as inside:
        made["canvas"] = inside.read("sample/sample.xml")
    return made


@pytest.mark.parametrize("form", READABLE)
@settings(max_examples=60, deadline=None)
@given(edits=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 40), st.binary(max_size=12)), max_size=6))
def test_damaged_file_is_read_or_refused(
    form: str, edits: list[tuple[int, int, bytes]], files: dict[str, bytes]
) -> None:
    """A file with pieces cut out and put in is never a crash either."""
    data = files[form]
    for place, cut, put in edits:
        at = place % len(data)
        data = data[:at] + put + data[at + cut :]
    with suppress(CourseError):
        assert imported(data, form).text is not None


@pytest.mark.parametrize(
    ("data", "name", "form"),
    [
        (ONE, "a.zip", "canvas"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><!-- x --><quiz/>", "a.xml", "moodle"),
        ("<questestinterop/>".encode("utf-16"), "a.xml", "canvas"),
        (b"# Title\n\n## q\n", "a.txt", "text"),
        (b"Who? {=I}", "a.txt", "gift"),
        (b"::T::Who? {=I}", "a.gift", "gift"),
    ],
)
def test_format_is_seen(data: bytes, name: str, form: str) -> None:
    """A file's format is found by what it holds."""
    assert detect(data, name) == form


@pytest.mark.parametrize("data", [b"", b"hello", b"<html/>", b"%PDF-1.4"])
def test_unknown_format_is_refused(data: bytes) -> None:
    """What is none of the formats is refused, with the option that names one."""
    with pytest.raises(CourseError, match="--format"):
        detect(data, "a.bin")


def test_missing_library_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without lxml the formats in XML say what to install, and the others work."""
    monkeypatch.setattr(xmlio, "etree", None)
    with pytest.raises(AutograderError, match=r"pip install -e '\.\[quiz\]'"):
        imported(b"<quiz/>", "moodle")
    assert imported(b"Who?{=I}", "gift").questions
