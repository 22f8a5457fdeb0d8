"""Quizzes: a bank of questions in YAML, scored exactly, without a web site."""
