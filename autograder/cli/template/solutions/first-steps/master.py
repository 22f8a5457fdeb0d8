# The master notebook: `autograder release first-steps` generates the student notebook from it.
# What stands between the solution markers is never released.

# %% [markdown]
# # First steps with vectors
#
# A vector is a list of numbers, an arrow, or a point: here it is a numpy array with one axis. Write two small
# functions, check them with the cells below them, and answer one question in words.

# %% locked=true
import numpy as np

# %% [markdown]
# > ### Question `length` (2 points)
# > `length(vector)` → a number
# >
# > The length of $v = (v_1, \dots, v_n)$ is $\lVert v \rVert = \sqrt{v_1^2 + \dots + v_n^2}$, for any $n \ge 1$.


# %% question="length"
def length(vector):
    """The Euclidean length of a vector."""
    ### BEGIN SOLUTION
    return np.sqrt(np.sum(vector**2))
    ### END SOLUTION


# %% [markdown]
# > ### Question `nearest` (3 points)
# > `nearest(point, points)` → an integer
# >
# > `point` has shape $(d,)$ and `points` has shape $(n, d)$: a point in each row. Return the index of the row that is
# > nearest to `point` by Euclidean distance, counted from 0. Of rows that are equally near, the first one counts.


# %% question="nearest"
def nearest(point, points):
    """The index of the row of points that is nearest to a point."""
    ### BEGIN SOLUTION
    return int(np.argmin(np.sum((points - point) ** 2, axis=1)))
    ### END SOLUTION


# %%
corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
print("nearest to (0.9, 0.2) is corner", nearest(np.array([0.9, 0.2]), corners))

# %% [markdown]
# > ### Question `doubled` (2 points, written)
# > Every number of a vector is doubled. What happens to its length, and why? Two or three sentences.

# %% [markdown] question="doubled"
# ### BEGIN SOLUTION
# The length doubles. Each square $v_i^2$ becomes $4 v_i^2$, so the sum of the squares is four times as large, and the
# square root of 4 is 2.
# ### END SOLUTION
