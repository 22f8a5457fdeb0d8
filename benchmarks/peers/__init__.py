"""The same submissions of one notebook through us, nbgrader and otter-grader, and without any grader at all."""
