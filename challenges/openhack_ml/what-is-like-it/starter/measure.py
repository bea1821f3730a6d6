"""Recall at 1 and mAP at R, measured as the platform does it."""

import numpy as np


def recall_and_map(labels: np.ndarray, embeddings: np.ndarray) -> tuple[float, float]:
    """Compare queries with the gallery by cosine; labels [n, 2] are identity and role, 0 gallery, 1 query.

    Recall at 1: how often the most similar picture of the gallery shows the query's article. mAP at R: of
    an article's R pictures in the gallery, how many come first, and how early.
    """
    directions = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    query, gallery = labels[:, 1] == 1, labels[:, 1] == 0
    order = np.argsort(-directions[query] @ directions[gallery].T, axis=1, kind="stable")
    right = labels[gallery, 0][order] == labels[query, 0][:, None]
    count = right.sum(1)
    ranks = np.arange(1, right.shape[1] + 1)
    precision = right.cumsum(1) / ranks * right * (ranks <= count[:, None])
    return float(right[:, 0].mean()), float((precision.sum(1) / count).mean())
