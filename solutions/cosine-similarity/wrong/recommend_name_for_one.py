# loses: test_recommend_after_avatar
# Returns a bare name for k=1.

# %% question="recommend"
def recommend(liked, catalogue, k=1):
    if liked not in catalogue:
        raise KeyError(liked)
    scores = {}
    for name, vector in catalogue.items():
        if name != liked:
            scores[name] = round(cosine_similarity(catalogue[liked], vector), 6)
    ranked = sorted(scores, key=lambda name: (-scores[name], name))[:k]
    return ranked[0] if k == 1 else ranked
