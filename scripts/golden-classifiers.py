"""Golden values for test/training/classifiers, from scikit-learn and scipy.

Run with Debian's Python (python3-sklearn, 1.2.1): /usr/bin/python3 scripts/golden-classifiers.py
"""

import json
from pathlib import Path

import numpy as np
import scipy
import sklearn
from scipy.optimize import minimize
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

OUT = Path(__file__).parent.parent / "test" / "golden" / "classifiers.json"
CLASSES = 3
COLUMNS = 6


def rounded(values, digits=7):
    return [float(f"{value:.{digits}g}") for value in np.ravel(values)]


def made_up(random, rows, step):
    """Three overlapping clouds, one of them in two parts; on a grid of steps that float32 holds exactly."""
    truth = random.integers(0, CLASSES, rows)
    centres = random.normal(0, 1, (CLASSES, COLUMNS))
    x = random.normal(0, 1.1, (rows, COLUMNS)) + centres[truth]
    x[(truth == 2) & (x[:, 5] > centres[2, 5])] += 2
    x = np.clip(np.round(x / step) * step, -3.5, 3.5)
    return x, truth


def main():
    random = np.random.default_rng(7)
    x_all, y_all = made_up(random, 200, 1 / 8)
    x, y, x_test = x_all[:150], y_all[:150], x_all[150:]
    weights = random.choice([0.5, 1.0, 2.0], 150)
    golden = {
        "source": f"scripts/golden-classifiers.py with scikit-learn {sklearn.__version__}, scipy {scipy.__version__}",
        "classes": CLASSES,
        "columns": COLUMNS,
        "x": x.ravel().tolist(),
        "truth": y.tolist(),
        "weights": weights.tolist(),
        "test": x_test.ravel().tolist(),
    }

    penalty = 0.02
    logistic = LogisticRegression(C=1 / (penalty * weights.sum()), solver="newton-cg", tol=1e-8, max_iter=10_000)
    logistic.fit(x, y, sample_weight=weights)
    golden["logistic"] = {"penalty": penalty, "logProbabilities": rounded(logistic.predict_log_proba(x_test))}

    for kernel, cost, gamma in [("rbf", 2.0, 0.9), ("linear", 0.3, 0.0)]:
        values, support = [], set()
        for label in range(CLASSES):
            svc = SVC(kernel=kernel, C=cost, gamma=max(gamma, 1e-9) / COLUMNS, tol=1e-8)
            svc.fit(x, np.where(y == label, 1, -1), sample_weight=weights)
            values.append(svc.decision_function(x_test))
            support |= set(svc.support_.tolist())
        golden[f"svm-{kernel}"] = {
            "cost": cost,
            "gamma": gamma,
            "support": sorted(support),
            "values": rounded(np.stack(values, axis=1)),
        }

    trees = [
        DecisionTreeClassifier(max_depth=4, min_samples_leaf=4, random_state=seed).fit(x, y, sample_weight=weights)
        for seed in range(20)
    ]
    shares = [tree.predict_proba(x) for tree in trees]
    assert all(np.array_equal(shares[0], other) for other in shares), "ties between splits: take other data"
    golden["tree"] = {
        "maxDepth": 4,
        "minLeafRows": 4,
        "nodes": int(trees[0].tree_.node_count),
        "trainingShares": rounded(shares[0]),
    }

    boosting = HistGradientBoostingClassifier(
        max_iter=12, learning_rate=0.2, max_depth=3, max_leaf_nodes=None, min_samples_leaf=6, l2_regularization=1.5, early_stopping=False
    ).fit(x, y, sample_weight=weights)
    golden["boosting"] = {
        "rounds": 12,
        "learningRate": 0.2,
        "maxDepth": 3,
        "minLeafRows": 6,
        "l2": 1.5,
        "logits": rounded(boosting.decision_function(x_test)),
    }

    neighbours = 7
    knn = KNeighborsClassifier(n_neighbors=neighbours, algorithm="brute").fit(x, y)
    distances, _ = knn.kneighbors(x_test, n_neighbors=neighbours + 1)
    clear = distances[:, neighbours] > distances[:, neighbours - 1] + 1e-9
    golden["neighbours"] = {
        "neighbours": neighbours,
        # Where the last neighbour and the next are as near, either may be taken.
        "clear": clear.tolist(),
        "shares": rounded(knn.predict_proba(x_test)),
    }

    golden["minimum"] = minimum(random)
    OUT.write_text(json.dumps(golden) + "\n")
    print(OUT, {name: len(str(value)) for name, value in golden.items()})


def minimum(random):
    """Σ ln(1 + exp(−aᵢ·x)) + 0.1 ‖x‖², whose only minimum scipy finds by Newton's method with conjugate gradients."""
    a = np.round(random.normal(0, 1, (30, 8)), 3)

    def value(at):
        return np.logaddexp(0, -a @ at).sum() + 0.1 * at @ at

    def slope(at):
        return -(a.T @ (1 / (1 + np.exp(a @ at)))) + 0.2 * at

    def curvature(at):
        share = 1 / (1 + np.exp(-a @ at))
        return (a.T * (share * (1 - share))) @ a + 0.2 * np.eye(8)

    found = minimize(value, np.zeros(8), jac=slope, hess=curvature, method="trust-exact", options={"gtol": 1e-12})
    return {"a": a.ravel().tolist(), "at": rounded(found.x, 12), "value": float(found.fun)}


main()
