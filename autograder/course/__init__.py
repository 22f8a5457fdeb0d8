"""Course files: course.yml, assignment.yml, the roster and the declarations of tests, read into frozen values."""

from autograder.course.assignment import (
    Assignment,
    Device,
    Limits,
    Question,
    QuestionKind,
    RubricItem,
)
from autograder.course.course import Course, load_course
from autograder.course.fields import Entry
from autograder.course.late import LateFree, LatePerDay, LatePolicy
from autograder.course.load import check_course, load_assignment
from autograder.course.locate import find_assignment, find_course
from autograder.course.problems import raise_problems, relative_to
from autograder.course.roster import Roster, Student, read_roster, student_id_fault
from autograder.course.schema import validate
from autograder.course.testscan import Scan, TestSpec, scan_tests
from autograder.course.yamlfile import YamlFile, read_yaml

__all__ = [
    "Assignment",
    "Course",
    "Device",
    "Entry",
    "LateFree",
    "LatePerDay",
    "LatePolicy",
    "Limits",
    "Question",
    "QuestionKind",
    "Roster",
    "RubricItem",
    "Scan",
    "Student",
    "TestSpec",
    "YamlFile",
    "check_course",
    "find_assignment",
    "find_course",
    "load_assignment",
    "load_course",
    "raise_problems",
    "read_roster",
    "read_yaml",
    "relative_to",
    "scan_tests",
    "student_id_fault",
    "validate",
]
