# loses: test_recommend_breaks_ties_by_name
# Rounds to 2 decimals, so that too much is a tie.

# %% question="recommend"
def recommend(liked, catalogue, k=1):
    if liked not in catalogue:
        raise KeyError(liked)
    scores = {}
    for name, vector in catalogue.items():
        if name != liked:
            scores[name] = round(cosine_similarity(catalogue[liked], vector), 2)
    return sorted(scores, key=lambda name: (-scores[name], name))[:k]
