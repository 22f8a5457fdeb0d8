# Another right way, which no test may refuse.

# %% question="length"
def length(vector):
    return sum(float(number) ** 2 for number in vector) ** 0.5


# %% question="nearest"
def nearest(point, points):
    distances = [sum((a - b) ** 2 for a, b in zip(point, row, strict=True)) for row in points]
    return distances.index(min(distances))
