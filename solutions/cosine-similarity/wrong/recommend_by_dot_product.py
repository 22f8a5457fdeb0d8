# loses: test_recommend_sorts_by_angle, test_recommend_leaves_out_only_the_liked, test_recommend_breaks_ties_by_name
# Lets long vectors win.

# %% question="recommend"
def recommend(liked, catalogue, k=1):
    if liked not in catalogue:
        raise KeyError(liked)
    scores = {}
    for name, vector in catalogue.items():
        if name != liked:
            scores[name] = round(float(np.dot(catalogue[liked], vector)), 6)
    return sorted(scores, key=lambda name: (-scores[name], name))[:k]
