# loses: test_recommend_large_and_zero_k
# Turns k=0 into the default.

# %% question="recommend"
def recommend(liked, catalogue, k=1):
    if liked not in catalogue:
        raise KeyError(liked)
    scores = {}
    for name, vector in catalogue.items():
        if name != liked:
            scores[name] = round(cosine_similarity(catalogue[liked], vector), 6)
    return sorted(scores, key=lambda name: (-scores[name], name))[: k or 1]
