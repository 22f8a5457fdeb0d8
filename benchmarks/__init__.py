"""Side-by-side runs against other graders. `python -m benchmarks` (or `make bench`) runs them."""
