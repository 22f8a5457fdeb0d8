"""A quiz → a package in QTI 2.2: a manifest, a test that names its items, and one file for each item.

    imsmanifest.xml   test.xml   items/<id>.xml   images/…

Source: IMS Question and Test Interoperability 2.2, information model and schema (1EdTech).
"""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import quote

from autograder.interop.carried import Exported
from autograder.interop.leaving import Carrier, is_local, local_pictures, picture_bytes
from autograder.interop.package import write_zip
from autograder.interop.qti2item import QTI, name_of, write_item
from autograder.interop.tohtml import Formulas, to_html
from autograder.interop.xmlio import Element, add, root, to_bytes
from autograder.quiz.questions import Question, Quiz

_MANIFEST = "http://www.imsglobal.org/xsd/imscp_v1p1"


def write(quiz: Quiz) -> Exported:
    """The quiz as a zip in QTI 2.2."""
    pictures: dict[str, str] = {}

    def html(markdown: str, inline: bool = False) -> str:
        for path in local_pictures(markdown):
            name = PurePosixPath(path).name
            pictures.setdefault(path, path.replace("/", "-") if name in pictures.values() else name)
        return to_html(markdown, Formulas.MATHJAX, lambda path: _address(path, pictures), inline=inline)

    def item(question: Question, lost: list[str]) -> Element:
        return write_item(question, html, lost)

    made, warnings, refused = Carrier("QTI 2.2", ("title", "points", "pools", "shuffle"), item).each(quiz)
    names = [name_of(question) for question, _ in made]
    files = {"imsmanifest.xml": _manifest(quiz, names, list(pictures.values())), "test.xml": _test(quiz, made)}
    files |= {f"items/{name}.xml": to_bytes(element) for name, (_, element) in zip(names, made, strict=True)}
    files |= {f"images/{name}": picture_bytes(quiz, path) for path, name in pictures.items()}
    return Exported(write_zip(files), tuple(warnings), tuple(refused), len(made))


def _address(path: str, pictures: dict[str, str]) -> str:
    return f"../images/{quote(pictures[path])}" if is_local(path) else path


def _test(quiz: Quiz, made: list[tuple[Question, Element]]) -> bytes:
    top = root("assessmentTest", QTI, identifier=f"test-{quiz.id}", title=quiz.title)
    part = add(top, "testPart", identifier="part", navigationMode="nonlinear", submissionMode="individual")
    section = add(part, "assessmentSection", identifier="questions", title=quiz.title, visible="true")
    if quiz.shuffle:
        add(section, "ordering", shuffle="true")
    groups: dict[str, Element] = {}
    for question, _ in made:
        pool = quiz.pool_of(question.id)
        home = section
        if pool is not None:
            if pool.id not in groups:
                groups[pool.id] = add(
                    section, "assessmentSection", identifier=f"pool-{pool.id}", title=pool.id, visible="false"
                )
                add(groups[pool.id], "selection", select=str(pool.pick))
            home = groups[pool.id]
        name = name_of(question)
        add(home, "assessmentItemRef", identifier=name, href=f"items/{name}.xml")
    return to_bytes(top)


def _manifest(quiz: Quiz, items: list[str], pictures: list[str]) -> bytes:
    top = root("manifest", _MANIFEST, identifier=f"manifest-{quiz.id}")
    metadata = add(top, "metadata")
    add(metadata, "schema", "QTIv2.2 Package")
    add(metadata, "schemaversion", "1.0.0")
    add(top, "organizations")
    resources = add(top, "resources")
    test = add(resources, "resource", identifier="test", type="imsqti_test_xmlv2p2", href="test.xml")
    add(test, "file", href="test.xml")
    for name in items:
        add(test, "dependency", identifierref=f"item-{name}")
    for name in items:
        href = f"items/{name}.xml"
        item = add(resources, "resource", identifier=f"item-{name}", type="imsqti_item_xmlv2p2", href=href)
        add(item, "file", href=href)
    for number, name in enumerate(pictures, 1):
        href = f"images/{quote(name)}"
        picture = add(resources, "resource", identifier=f"picture-{number}", type="webcontent", href=href)
        add(picture, "file", href=href)
    return to_bytes(top)
