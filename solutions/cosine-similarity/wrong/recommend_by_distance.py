# loses: test_recommend_after_avatar, test_recommend_large_and_zero_k, test_recommend_sorts_by_angle, test_recommend_breaks_ties_by_name
# Takes the nearest by Euclidean distance.
# ruff: noqa: E501 - the first line names every test

# %% question="recommend"
def recommend(liked, catalogue, k=1):
    if liked not in catalogue:
        raise KeyError(liked)
    scores = {}
    for name, vector in catalogue.items():
        if name != liked:
            scores[name] = round(-math.dist(catalogue[liked], vector), 6)
    return sorted(scores, key=lambda name: (-scores[name], name))[:k]
