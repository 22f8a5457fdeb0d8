"""Tests of the formats of other systems."""
