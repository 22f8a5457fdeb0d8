"""assert_raises tells the exception asked for from limits, crashes and results."""

import pytest

from autograder.checks import assert_raises
from autograder.errors import FAULTS, InfrastructureError, StudentError


def _failing(error):
    def function(*_args, **_kw):
        raise error

    return function


def test_named_exception_passes_and_is_returned():
    """A derived class counts by the names of its bases, and the error is returned for its message."""
    error = StudentError("UnicodeDecodeError", "line 3", bases=("UnicodeError", "ValueError", "Exception"))
    assert assert_raises(ValueError, _failing(error), "load", exception=1).message == "line 3"
    assert assert_raises((KeyError, ValueError), _failing(error)) is error


@pytest.mark.parametrize("fault", sorted(FAULTS))
@pytest.mark.parametrize("wanted", [Exception, BaseException, ValueError])
def test_limits_never_count(fault, wanted):
    """Not even a claim of the right base makes a limit the exception that was asked for."""
    for bases in ((), ("ValueError", "Exception", "BaseException")):
        with pytest.raises(AssertionError, match=f"got {fault}"):
            assert_raises(wanted, _failing(StudentError(fault, "", bases=bases)))


def test_other_exception_and_no_exception_fail():
    """Another type, or a result, is told in the message."""
    with pytest.raises(AssertionError, match="expected ValueError, got TypeError: no"):
        assert_raises(ValueError, _failing(StudentError("TypeError", "no", bases=("Exception",))))
    with pytest.raises(AssertionError, match="nothing was raised: the result is a float"):
        assert_raises(ValueError, lambda: 1.0)


def test_faults_of_others_pass_through():
    """What the grader or the author broke is not the student's exception."""
    with pytest.raises(InfrastructureError):
        assert_raises(Exception, _failing(InfrastructureError("disk")))
