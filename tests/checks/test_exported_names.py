"""What others may import from this room."""

import subprocess
import sys

import autograder.checks as room

PUBLIC = [
    "FakeModel",
    "Turn",
    "assert_as_exact",
    "assert_beats_baseline",
    "assert_causal",
    "assert_close",
    "assert_conversation",
    "assert_count",
    "assert_device",
    "assert_distribution",
    "assert_dtype",
    "assert_dtypes",
    "assert_equal",
    "assert_every_parameter_changes",
    "assert_every_parameter_reached",
    "assert_finite",
    "assert_fixed_system_message",
    "assert_frequencies",
    "assert_global_seed_untouched",
    "assert_gradients_close",
    "assert_loss_falls",
    "assert_normal",
    "assert_overfits",
    "assert_parameter_count",
    "assert_perplexity",
    "assert_probabilities",
    "assert_raises",
    "assert_ranking",
    "assert_remembers",
    "assert_reproducible",
    "assert_rows_independent",
    "assert_shape",
    "assert_sums_to_one",
    "assert_tied",
    "assert_type",
    "assert_unchanged",
    "assert_usage",
    "assert_within",
    "autograd_gradients",
    "bigram",
    "central_differences",
    "find_loose_comparisons",
    "gradients_of",
    "parameters_of",
    "pca_error",
    "perplexity",
    "token_probabilities",
    "values_of",
]


def test_public_names_are_these():
    """A name that appears or goes is noticed, and every one is there."""
    assert sorted(room.__all__) == sorted(PUBLIC)
    assert all(hasattr(room, name) for name in PUBLIC)


def test_room_needs_no_torch_and_no_unix():
    """A student's laptop imports it: without torch, and without the modules that Windows lacks."""
    missing = ("torch", "resource", "fcntl", "pwd", "termios")
    code = f"import sys; sys.modules.update(dict.fromkeys({missing})); import autograder.checks as c; c.perplexity([1])"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
