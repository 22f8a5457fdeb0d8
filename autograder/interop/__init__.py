"""Quizzes of other systems: read into our YAML, and written from it, with everything that is lost on the way said."""
