# loses: test_recommend_leaves_out_only_the_liked
# Leaves out everything with the liked one's direction.

# %% question="recommend"
def recommend(liked, catalogue, k=1):
    if liked not in catalogue:
        raise KeyError(liked)
    scores = {}
    for name, vector in catalogue.items():
        if cosine_similarity(catalogue[liked], vector) < 1 - 1e-9:
            scores[name] = round(cosine_similarity(catalogue[liked], vector), 6)
    return sorted(scores, key=lambda name: (-scores[name], name))[:k]
