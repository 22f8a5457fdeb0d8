# loses: test_recommend_refuses_unknown_names
# Returns an empty list for an unknown name.

# %% question="recommend"
def recommend(liked, catalogue, k=1):
    if liked not in catalogue:
        return []
    scores = {}
    for name, vector in catalogue.items():
        if name != liked:
            scores[name] = round(cosine_similarity(catalogue[liked], vector), 6)
    return sorted(scores, key=lambda name: (-scores[name], name))[:k]
