"""Average precision, measured as the platform does it: the mean over classes and IoUs of 0.50 to 0.95."""

import numpy as np

IOUS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0, 1, 101)


def average_precision(truth: np.ndarray, found: np.ndarray, ious: np.ndarray = IOUS) -> float:
    """Compare boxes that were found, [n, boxes, 6], with the labels, [n, most, 6], over all n images."""
    classes = np.unique(truth[:, :, 4][truth[:, :, 4] >= 0])
    return float(np.mean([_of_class(truth, found, label, iou) for label in classes for iou in ious]))


def _of_class(truth: np.ndarray, found: np.ndarray, label: float, iou: float) -> float:
    """Average precision of one class: the area under its curve of precision by recall, at 101 recalls."""
    wanted = [boxes[boxes[:, 4] == label, :4] for boxes in truth]
    images, rows = np.nonzero((found[:, :, 5] == label) & (found[:, :, 4] > 0))
    order = np.argsort(-found[images, rows, 4], kind="stable")
    free = [np.ones(len(boxes), bool) for boxes in wanted]
    right = np.zeros(len(order), bool)
    for place, (image, row) in enumerate(zip(images[order], rows[order], strict=True)):
        overlaps = overlap(found[image, row, :4], wanted[image]) * free[image]
        if overlaps.size and overlaps.max() >= iou:
            free[image][overlaps.argmax()] = False
            right[place] = True
    recall = right.cumsum() / sum(map(len, wanted))
    precision = right.cumsum() / np.arange(1, len(right) + 1)
    best = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0)
    return float(best[np.searchsorted(recall, RECALLS)].mean())


def overlap(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Give the IoU of a box [4] with each of others [m, 4]: what both cover by what either covers."""
    corners = np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2])
    both = corners.clip(0).prod(1)
    areas = (box[2:] - box[:2]).prod() + (boxes[:, 2:] - boxes[:, :2]).prod(1)
    return np.asarray(both / np.maximum(areas - both, 1e-9))
