"""Strict comparisons and model checks for hidden and public tests, and the lint that refuses loose comparisons."""

from autograder.checks.accuracy import assert_as_exact
from autograder.checks.autograd import autograd_gradients
from autograder.checks.baselines import assert_beats_baseline, bigram, pca_error
from autograder.checks.conversations import (
    FakeModel,
    Turn,
    assert_conversation,
    assert_fixed_system_message,
    assert_remembers,
)
from autograder.checks.gradients import assert_gradients_close, central_differences
from autograder.checks.influence import assert_causal, assert_rows_independent
from autograder.checks.likelihood import (
    assert_distribution,
    assert_perplexity,
    assert_sums_to_one,
    perplexity,
    token_probabilities,
)
from autograder.checks.loose import find_loose_comparisons
from autograder.checks.parameters import (
    assert_dtypes,
    assert_parameter_count,
    assert_tied,
    gradients_of,
    parameters_of,
    values_of,
)
from autograder.checks.properties import (
    assert_device,
    assert_dtype,
    assert_finite,
    assert_probabilities,
    assert_shape,
    assert_within,
)
from autograder.checks.raises import assert_raises
from autograder.checks.randomness import assert_global_seed_untouched, assert_reproducible
from autograder.checks.sampling import assert_frequencies, assert_normal
from autograder.checks.training import (
    assert_every_parameter_changes,
    assert_every_parameter_reached,
    assert_loss_falls,
    assert_overfits,
)
from autograder.checks.usage import assert_usage
from autograder.checks.values import (
    assert_close,
    assert_count,
    assert_equal,
    assert_ranking,
    assert_type,
    assert_unchanged,
)

__all__ = [
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
