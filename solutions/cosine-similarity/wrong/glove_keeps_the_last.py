# loses: test_glove_keeps_the_first_of_a_repeated_word
# A repeated word overwrites its first vector.

# %% question="glove"
def load_glove(path):
    vectors = {}
    dimension = None
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    while lines and not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines, start=1):
        if not line:
            raise ValueError(f"line {number} is blank")
        word, *values = line.split(" ")
        try:
            vector = [float(value) for value in values]
        except ValueError:
            raise ValueError(f"line {number}: not a number") from None
        if not np.isfinite(vector).all():
            raise ValueError(f"line {number}: not finite")
        if dimension is None:
            dimension = len(vector)
        if len(vector) != dimension:
            raise ValueError(f"line {number}: {len(vector)} values")
        vectors[word] = np.array(vector, dtype=np.float32)
    return vectors
