# loses: test_glove_names_the_malformed_line
# Leaves it to float() to complain, which does not know the line.

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
        vector = [float(value) for value in values]
        if not np.isfinite(vector).all():
            raise ValueError(f"line {number}: not finite")
        if dimension is None:
            dimension = len(vector)
        if len(vector) != dimension:
            raise ValueError(f"line {number}: {len(vector)} values")
        if word not in vectors:
            vectors[word] = np.array(vector, dtype=np.float32)
    return vectors
