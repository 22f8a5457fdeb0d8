"""The templates, with two nets under them: every value is escaped, and every string is made safe to look at.

`finalize` runs over whatever a template prints, so a field that somebody forgets to sanitise is sanitised here. No
template may switch the escaping off; a test looks for it. A page loads nothing from anywhere: one style sheet inside,
no script, pictures only as `data:` URIs, and a content security policy that says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from autograder.reports import amounts
from autograder.reports.sanitise import visible

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
)


def _finalize(value: object) -> object:
    if isinstance(value, Markup):
        return value
    if isinstance(value, str):
        return visible(value)
    return "" if value is None else value


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        amount=amounts.amount,
        average=amounts.average,
        percent=amounts.percent,
        seconds=amounts.seconds,
        memory=amounts.memory,
        moment=amounts.moment,
        moment_of=amounts.moment_of,
        counted=amounts.count,
    )
    environment.globals["policy"] = CONTENT_SECURITY_POLICY
    return environment


_ENVIRONMENT = _environment()


def render(template: str, **values: object) -> str:
    """The page as text."""
    return _ENVIRONMENT.get_template(template).render(values)


def pieces(template: str, **values: object) -> Iterator[str]:
    """The page piece by piece, for pages that are long."""
    return _ENVIRONMENT.get_template(template).generate(values)
