"""What a late submission costs, as data: one tagged choice in course.yml. Applying it is the gradebook's business."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from autograder.course.fields import Entry, Percent, whole


class LatePerDay(Entry):
    """Each day that was begun costs `percent` of the points, after `slip_days` free days for the whole course."""

    kind: Literal["per_day"]
    percent: Percent = Field(examples=["10"])
    slip_days: Annotated[int, whole(0, 365)] = 0


class LateFree(Entry):
    """Late submissions count in full."""

    kind: Literal["none"]


LatePolicy = Annotated[LatePerDay | LateFree, Field(discriminator="kind")]
