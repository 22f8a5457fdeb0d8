# loses: test_recommend_sorts_by_angle
# Takes opposite tastes for the same.

# %% question="recommend"
def recommend(liked, catalogue, k=1):
    if liked not in catalogue:
        raise KeyError(liked)
    scores = {}
    for name, vector in catalogue.items():
        if name != liked:
            scores[name] = round(abs(cosine_similarity(catalogue[liked], vector)), 6)
    return sorted(scores, key=lambda name: (-scores[name], name))[:k]
