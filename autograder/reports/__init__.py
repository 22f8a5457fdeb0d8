"""What students and staff get to see of a grading: pages that stand alone, and the table of the command line."""

from autograder.reports.class_page import class_page
from autograder.reports.executed_page import executed_page
from autograder.reports.files import page_name
from autograder.reports.info import AssignmentInfo, Kind, QuestionInfo
from autograder.reports.redact import StaffView, StudentView, for_staff, for_student
from autograder.reports.student_page import student_page
from autograder.reports.terminal import summary_table
from autograder.reports.writing import write_reports

__all__ = [
    "AssignmentInfo",
    "Kind",
    "QuestionInfo",
    "StaffView",
    "StudentView",
    "class_page",
    "executed_page",
    "for_staff",
    "for_student",
    "page_name",
    "student_page",
    "summary_table",
    "write_reports",
]
