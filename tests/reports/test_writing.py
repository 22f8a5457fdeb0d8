"""Names and files of the pages."""

import weakref
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.reports import page_name, write_reports


def test_write_reports_makes_two_pages_each_and_one_index(tmp_path, school):
    """Every link of the class report leads to a file, and nothing unfinished is left."""
    index = write_reports(tmp_path / "html", school.classroom(12), school.INFO)
    assert index == tmp_path / "html" / "index.html"
    names = sorted(path.name for path in (tmp_path / "html" / "students").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "html" / "staff").iterdir())
    assert len(names) == 12
    text = index.read_text(encoding="utf-8")
    assert all(f'"staff/{name}"' in text and f'"students/{name}"' in text for name in names)


def test_write_reports_keeps_no_grading(tmp_path, school):
    """The gradings are taken from a stream and let go, so that memory stays flat."""
    alive = []

    class Watched(type(next(school.classroom(1)))):  # a Grading has slots and cannot be watched itself
        __slots__ = ("__weakref__",)

    def stream():
        for grading in school.classroom(20):
            watched = Watched(grading.report, grading.evidence)
            alive.append(weakref.ref(watched))
            yield watched
            del watched
            assert sum(reference() is not None for reference in alive) <= 2

    write_reports(tmp_path, stream(), school.INFO)


def test_write_reports_again_replaces(tmp_path, school, ada):
    """A second run leaves the new pages."""
    write_reports(tmp_path, [ada], school.INFO)
    write_reports(tmp_path, [replace(ada, report=replace(ada.report, flags=("new flag",)))], school.INFO)
    assert "new flag" in (tmp_path / "students" / "ada.html").read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index.html", "staff", "students"]


def test_write_reports_of_hostile_ids_stays_inside(tmp_path, school, ada, hostile):
    """Whatever a student is called, the page lies in its folder."""
    ids = (hostile, "../../up", "/etc/passwd", ".", "..", "-rf", "con", "a/b", "A", "a", "", "x" * 300)
    root = tmp_path / "html"
    write_reports(root, [replace(ada, report=replace(ada.report, student=id)) for id in ids], school.INFO)
    assert len(list((root / "students").iterdir())) == len(ids)
    assert [path.name for path in tmp_path.iterdir()] == ["html"]


@pytest.mark.parametrize("id", ["ada", "ada.lovelace", "s123456", "john-b", "u_1"])
def test_page_name_of_plain_id_is_the_id(id):
    """Usual ids stay readable."""
    assert page_name(id) == f"{id}.html"


@given(st.text(st.characters(exclude_categories=()), max_size=80), st.text(max_size=80))
def test_page_names_are_safe_and_distinct(one, other):
    """A name is short, lower-case ASCII, and belongs to one id."""
    name = page_name(one)
    assert name.isascii()
    assert name == name.lower()
    assert len(name) <= 70
    assert not set(name) & set('/\\:*?"<>| \n\0')
    assert (one == other) == (page_name(one) == page_name(other))
