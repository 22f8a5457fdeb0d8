# loses: test_recommend_large_and_zero_k
# Walks k steps, however few items there are.

# %% question="recommend"
def recommend(liked, catalogue, k=1):
    if liked not in catalogue:
        raise KeyError(liked)
    scores = {}
    for name, vector in catalogue.items():
        if name != liked:
            scores[name] = round(cosine_similarity(catalogue[liked], vector), 6)
    ranked = sorted(scores, key=lambda name: (-scores[name], name))
    return [ranked[i] for i in range(k)]
