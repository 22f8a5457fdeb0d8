"""A quiz → a package in Canvas' QTI 1.2: the manifest, the quiz's settings, its items, its pictures.

    imsmanifest.xml   <id>/<id>.xml (items)   <id>/assessment_meta.xml (settings)   images/…

Sources: instructure/canvas-lms (importer), instructure/qti (fixtures of exports).
"""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import quote

from autograder.interop.canvasitemout import write_item
from autograder.interop.carried import Exported, Note
from autograder.interop.leaving import Carrier, is_local, local_pictures, picture_bytes
from autograder.interop.package import write_zip
from autograder.interop.tohtml import Formulas, to_html
from autograder.interop.xmlio import Element, add, root, to_bytes
from autograder.quiz.questions import Question, Quiz

_QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
_META = "http://canvas.instructure.com/xsd/cccv1p0"
_MANIFEST = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
_KEEP = {"best": "keep_highest", "last": "keep_latest", "mean": "keep_average", "first": "keep_highest"}


def write(quiz: Quiz) -> Exported:
    """The quiz as a zip that Canvas imports."""
    pictures: dict[str, str] = {}

    def html(markdown: str, inline: bool = False) -> str:
        for path in local_pictures(markdown):
            pictures.setdefault(path, _unused(path, pictures))
        return to_html(markdown, Formulas.CANVAS, lambda path: _address(path, pictures), inline=inline)

    def item(question: Question, lost: list[str]) -> Element:
        made = root("item", _QTI, ident=question.id, title=question.title or question.id)
        write_item(made, question, html, lost)
        return made

    carrier = Carrier("Canvas", ("title", "points", "pools", "text", "attempts"), item)
    made, warnings, refused = carrier.each(quiz)
    warnings += [Note("", message) for message in _lost(quiz)]
    files = {
        "imsmanifest.xml": _manifest(quiz, list(pictures.values())),
        f"{quiz.id}/{quiz.id}.xml": _assessment(quiz, made),
        f"{quiz.id}/assessment_meta.xml": _settings(quiz, html(quiz.text or "")),
    }
    files |= {f"images/{name}": picture_bytes(quiz, path) for path, name in pictures.items()}
    return Exported(write_zip(files), tuple(warnings), tuple(refused), len(made))


def _lost(quiz: Quiz) -> list[str]:
    lost = []
    if quiz.attempts.keep == "first":
        lost.append("that the first attempt counts: Canvas takes the best")
    if quiz.attempts.credit:
        lost.append("less credit for later attempts")
    if len({getattr(question, "shuffle", None) for question in quiz.questions} - {None}) > 1:
        lost.append("which questions shuffle their choices: Canvas shuffles those of all or of none")
    return lost


def _unused(path: str, taken: dict[str, str]) -> str:
    name = PurePosixPath(path).name
    return name if name not in taken.values() else path.replace("/", "-")


def _address(path: str, pictures: dict[str, str]) -> str:
    return f"%24IMS-CC-FILEBASE%24/images/{quote(pictures[path])}" if is_local(path) else path


def _assessment(quiz: Quiz, made: list[tuple[Question, Element]]) -> bytes:
    top = root("questestinterop", _QTI)
    assessment = add(top, "assessment", ident=quiz.id, title=quiz.title)
    field = add(add(assessment, "qtimetadata"), "qtimetadatafield")
    add(field, "fieldlabel", "cc_maxattempts")
    add(field, "fieldentry", str(quiz.attempts.most or "unlimited"))
    section = add(assessment, "section", ident="root_section")
    groups: dict[str, Element] = {}
    for question, element in made:
        pool = quiz.pool_of(question.id)
        if pool is None:
            section.append(element)
            continue
        if pool.id not in groups:
            group = groups[pool.id] = add(section, "section", ident=pool.id, title=pool.id)
            selection = add(add(group, "selection_ordering"), "selection")
            add(selection, "selection_number", str(pool.pick))
            add(add(selection, "selection_extension"), "points_per_item", f"{question.points:f}")
        groups[pool.id].append(element)
    return to_bytes(top)


def _settings(quiz: Quiz, description: str) -> bytes:
    """What Canvas reads before the items; a new quiz is never published by an import."""
    top = root("quiz", _META, identifier=quiz.id)
    shuffled = any(getattr(question, "shuffle", False) for question in quiz.questions)
    for name, value in {
        "title": quiz.title,
        "description": description,
        "shuffle_answers": str(shuffled).lower(),
        "scoring_policy": _KEEP[quiz.attempts.keep],
        "quiz_type": "assignment",
        "points_possible": f"{quiz.max_points:f}",
        "allowed_attempts": str(quiz.attempts.most or -1),
        "show_correct_answers": "true",
        "one_question_at_a_time": "false",
        "cant_go_back": "false",
        "available": "false",
    }.items():
        add(top, name, value)
    return to_bytes(top)


def _manifest(quiz: Quiz, pictures: list[str]) -> bytes:
    top = root("manifest", _MANIFEST, identifier=f"{quiz.id}_manifest")
    metadata = add(top, "metadata")
    add(metadata, "schema", "IMS Content")
    add(metadata, "schemaversion", "1.1.3")
    add(top, "organizations")
    resources = add(top, "resources")
    items = add(resources, "resource", identifier=quiz.id, type="imsqti_xmlv1p2")
    add(items, "file", href=f"{quiz.id}/{quiz.id}.xml")
    add(items, "dependency", identifierref=f"{quiz.id}_meta")
    kind = "associatedcontent/imscc_xmlv1p1/learning-application-resource"
    meta = f"{quiz.id}/assessment_meta.xml"
    settings = add(resources, "resource", identifier=f"{quiz.id}_meta", type=kind, href=meta)
    add(settings, "file", href=meta)
    for number, name in enumerate(pictures, 1):
        href = f"images/{quote(name)}"
        picture = add(resources, "resource", identifier=f"{quiz.id}_picture_{number}", type="webcontent", href=href)
        add(picture, "file", href=href)
    return to_bytes(top)
