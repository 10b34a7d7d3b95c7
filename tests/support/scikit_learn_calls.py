"""Calls of what scikit-learn computes with array-API dispatch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn import metrics, model_selection, preprocessing
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier, RidgeCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

import webtensor as wt
from tests.support.scipy_calls import Call

_STEPS = wt.UnsupportedOperatorError  # svd and eigh are on "cpu" only
_WIDE = wt.UnsupportedDtypeError
_FITTED = (
    "components_", "explained_variance_", "explained_variance_ratio_", "coef_", "intercept_",
    "scale_", "mean_", "var_", "data_min_", "theta_", "classes_",
)  # fmt: skip
_LABELS = "accuracy_score hamming_loss zero_one_loss"
_LABELS_WIDE = """balanced_accuracy_score cohen_kappa_score f1_score jaccard_score
    multilabel_confusion_matrix precision_recall_fscore_support precision_score recall_score"""
_ERRORS = """d2_absolute_error_score d2_tweedie_score explained_variance_score max_error
    mean_absolute_error mean_absolute_percentage_error mean_pinball_loss mean_squared_error
    mean_squared_log_error mean_tweedie_deviance median_absolute_error r2_score
    root_mean_squared_error root_mean_squared_log_error"""
_SCORES = "average_precision_score det_curve log_loss precision_recall_curve"
_SCORES_WIDE = "brier_score_loss d2_brier_score"
_PAIRS = """additive_chi2_kernel chi2_kernel cosine_distances cosine_similarity euclidean_distances
    laplacian_kernel linear_kernel manhattan_distances polynomial_kernel rbf_kernel
    sigmoid_kernel"""


def _fitted(make: Callable[[], Any]) -> Callable[..., Any]:
    """What an estimator learns and answers."""

    def call(*data: Any) -> Any:
        estimator = make().fit(*data)
        result = [getattr(estimator, name) for name in _FITTED if hasattr(estimator, name)]
        for method in ("transform", "predict", "predict_proba"):
            if hasattr(estimator, method):
                result.append(getattr(estimator, method)(data[0]))
        if hasattr(estimator, "inverse_transform"):
            result.append(estimator.inverse_transform(estimator.transform(data[0])))
        return result

    return call


def calls() -> list[Call]:
    """Estimators, preprocessing, metrics, pairwise distances, model selection."""
    random = np.random.default_rng(2)
    table = (random.normal(size=(60, 5)) @ random.normal(size=(5, 5))).astype(np.float32)
    table = table.astype(np.float64)
    target = table @ np.arange(5.0) + random.normal(size=60)
    target = target.astype(np.float32).astype(np.float64)
    labels = (target > 0).astype(np.int32)
    guesses = np.where(random.random(60) < 0.2, 1 - labels, labels).astype(np.int32)
    scores = (1 / (1 + np.exp(-target))).astype(np.float32).astype(np.float64)

    estimators: list[tuple[str, Callable[[], Any], tuple[Any, ...], Any]] = [
        ("PCA-full", lambda: PCA(3, svd_solver="full"), (table,), _STEPS),
        ("PCA-eigh", lambda: PCA(3, svd_solver="covariance_eigh"), (table,), _STEPS),
        ("PCA-whiten", lambda: PCA(0.9, svd_solver="full", whiten=True), (table,), _STEPS),
        ("PCA-random", _randomized, (table,), _STEPS),
        ("Ridge", lambda: Ridge(0.5, solver="svd"), (table, target), _STEPS),
        ("RidgeCV", lambda: RidgeCV((0.1, 1.0, 10.0)), (table, target), _STEPS),
        ("RidgeClassifier", lambda: RidgeClassifier(solver="svd"), (table, labels), _STEPS),
        ("LDA", LinearDiscriminantAnalysis, (table, labels), _STEPS),
        ("GaussianNB", GaussianNB, (table, labels), None),
        ("LogisticRegression", LogisticRegression, (table, labels), None),
        ("StandardScaler", preprocessing.StandardScaler, (table,), _WIDE),
        ("MinMaxScaler", preprocessing.MinMaxScaler, (table,), None),
        ("MaxAbsScaler", preprocessing.MaxAbsScaler, (table,), None),
        ("Normalizer", preprocessing.Normalizer, (table,), None),
        ("Binarizer", preprocessing.Binarizer, (table,), None),
        ("PolynomialFeatures", preprocessing.PolynomialFeatures, (table,), None),
        ("LabelEncoder", preprocessing.LabelEncoder, (labels,), None),
    ]
    result = [Call(name, _fitted(make), data, lacks) for name, make, data, lacks in estimators]
    for names, owner, operands, lacks in (
        (_LABELS, metrics, (labels, guesses), None),
        (_LABELS_WIDE, metrics, (labels, guesses), _WIDE),
        (_ERRORS, metrics, (np.abs(target) + 0.125, np.abs(target) * 0.5 + 0.25), None),
        (_SCORES, metrics, (labels, scores), None),
        (_SCORES_WIDE, metrics, (labels, scores), _WIDE),
        (_PAIRS, metrics.pairwise, (np.abs(table),), None),
    ):
        single = operands[-1] is guesses
        result += [
            Call(one, getattr(owner, one), operands, lacks, single=single) for one in names.split()
        ]

    def split(*data: Any) -> Any:
        return model_selection.train_test_split(*data, random_state=0)

    def predicted(*data: Any) -> Any:
        return model_selection.cross_val_predict(Ridge(solver="svd"), *data, cv=3)

    def chained(*data: Any) -> Any:
        steps = preprocessing.MinMaxScaler(), PCA(3, svd_solver="full"), Ridge(solver="svd")
        return make_pipeline(*steps).fit(*data).predict(data[0])

    return [
        *result,
        Call("confusion_matrix", metrics.confusion_matrix, (labels, guesses), _WIDE, anywhere=True),
        Call("train_test_split", split, (table, target)),
        Call("cross_val_predict", predicted, (table, target), _STEPS),
        Call("make_pipeline", chained, (table, target), _STEPS),
    ]


def _randomized() -> PCA:
    return PCA(3, svd_solver="randomized", power_iteration_normalizer="QR", random_state=0)
