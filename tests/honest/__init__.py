"""Unusual but right notebooks, which must get full marks; see `classroom` for how they are graded."""
