# loses: test_recommend_breaks_ties_by_name
# Sorts pairs of score and name backwards, the names too.

# %% question="recommend"
def recommend(liked, catalogue, k=1):
    if liked not in catalogue:
        raise KeyError(liked)
    scores = {}
    for name, vector in catalogue.items():
        if name != liked:
            scores[name] = round(cosine_similarity(catalogue[liked], vector), 6)
    return sorted(scores, key=lambda name: (scores[name], name), reverse=True)[:k]
