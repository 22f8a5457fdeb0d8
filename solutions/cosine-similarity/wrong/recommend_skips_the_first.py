# loses: test_recommend_leaves_out_only_the_liked
# Believes that the liked one always ranks first.

# %% question="recommend"
def recommend(liked, catalogue, k=1):
    if liked not in catalogue:
        raise KeyError(liked)
    scores = {}
    for name, vector in catalogue.items():
        scores[name] = round(cosine_similarity(catalogue[liked], vector), 6)
    return sorted(scores, key=lambda name: (-scores[name], name))[1 : k + 1]
