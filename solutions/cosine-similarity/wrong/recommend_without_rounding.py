# loses: test_recommend_breaks_ties_by_name
# Compares unrounded scores.

# %% question="recommend"
def recommend(liked, catalogue, k=1):
    if liked not in catalogue:
        raise KeyError(liked)
    scores = {}
    for name, vector in catalogue.items():
        if name != liked:
            scores[name] = cosine_similarity(catalogue[liked], vector)
    return sorted(scores, key=lambda name: (-scores[name], name))[:k]
