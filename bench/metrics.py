"""How long do the metrics take, beside the implementations that everybody knows?

Average precision of 5,000 images is measured in turn with pycocotools, mean IoU of 1,000 masks of
256 x 256 pixels and 21 classes in turn with torchmetrics, and both must give equal values. Then the
intervals: 200 resamples of average precision, 1,000 of mean IoU, of a mean and of a confusion table.

    python -m bench.metrics [--images 5000] [--masks 1000] [--examples 10000]

The last line is one JSON object: ap_ratio, miou_ratio and miou_unchecked_ratio (ours over theirs, medians
over the rounds; torchmetrics as it is, and without its checks), and the seconds of each interval.
"""

import argparse
import contextlib
import io
import json
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from challenges.task import MOST_BOXES, ImageInput, MetricName, Task
from scoring.kinds import classification, detection, segmentation
from scoring.statistics import mean_interval, table_interval

Array = NDArray[Any]

CLASSES = 10
MASK_CLASSES = 21
SIZE = 256
EQUAL = 1e-6


class Rounds(NamedTuple):
    """Seconds of each round, ours and theirs in turn."""

    ours: list[float]
    theirs: list[float]

    @property
    def ratios(self) -> list[float]:
        """Ours over theirs, by round."""
        return [mine / other for mine, other in zip(self.ours, self.theirs, strict=True)]


def task_of(kind: str, metric: MetricName, classes: int, size: int) -> Task:
    """A task of square images."""
    names = [f"class {number}" for number in range(classes)]
    image = ImageInput(type="image", channels=3, height=size, width=size)
    return Task.model_validate({"kind": kind, "classes": names, "metric": metric, "input": image})


def boxes_of(images: int) -> tuple[Array, Array]:
    """Truth of about 7 objects an image and about 20 detections, of which most are near an object."""
    generator = np.random.default_rng(1)
    truth = np.zeros((images, 15, 6), np.float32)
    corner = generator.uniform(0, 500, (images, 15, 2))
    truth[:, :, :2], truth[:, :, 2:4] = corner, corner + generator.lognormal(4, 0.8, (images, 15, 2))
    truth[:, :, 4] = generator.integers(0, CLASSES, (images, 15))
    truth[:, :, 5] = generator.random((images, 15)) < 0.02
    truth[generator.random((images, 15)) < 0.51, 4] = -1
    answers = np.zeros((images, MOST_BOXES, 6), np.float32)
    near = truth[:, np.arange(30) % 15]
    answers[:, :30, :4] = near[:, :, :4] + generator.normal(0, 6, (images, 30, 4))
    answers[:, :30, 2:4] = np.maximum(answers[:, :30, 2:4], answers[:, :30, :2])
    mistaken = generator.integers(0, CLASSES, (images, 30))
    right = (near[:, :, 4] >= 0) & (generator.random((images, 30)) < 0.8)
    answers[:, :30, 5] = np.where(right, near[:, :, 4], mistaken)
    answers[:, :30, 4] = generator.random((images, 30)) * np.where(right, 1, 0.7)
    answers[generator.random((images, MOST_BOXES)) < 0.33, 4] = 0
    return truth, answers


def pycocotools_ap(truth: Array, answers: Array) -> float:
    """AP by the reference implementation, with all that a user of it has to do from the same arrays."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    image, label = np.nonzero(truth[:, :, 4] >= 0)
    objects = [
        {
            "id": number,
            "image_id": int(place),
            "category_id": int(row[4]),
            "bbox": [row[0], row[1], row[2] - row[0], row[3] - row[1]],
            "area": (row[2] - row[0]) * (row[3] - row[1]),
            "iscrowd": int(row[5]),
        }
        for number, (place, row) in enumerate(
            zip(image, truth[image, label].astype(float).tolist(), strict=True), 1
        )
    ]
    image, spot = np.nonzero(answers[:, :, 4] > 0)
    rows = answers[image, spot].astype(float)
    found = np.column_stack([image, rows[:, 0], rows[:, 1], rows[:, 2:4] - rows[:, :2], rows[:, 4:]])
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = {
            "images": [{"id": number} for number in range(len(truth))],
            "annotations": objects,
            "categories": [{"id": number} for number in range(CLASSES)],
        }
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(found), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return float(evaluation.stats[0])


def masks_of(images: int) -> tuple[Array, Array]:
    """Truth in blocks of 16 pixels, some of them ignored, and masks of which four fifths are right."""
    generator = np.random.default_rng(2)
    blocks = generator.integers(0, MASK_CLASSES, (images, SIZE // 16, SIZE // 16), dtype=np.uint8)
    blocks[generator.random(blocks.shape) < 0.05] = 255
    truth = blocks.repeat(16, axis=1).repeat(16, axis=2)
    predicted = generator.integers(0, MASK_CLASSES, truth.shape, dtype=np.uint8)
    for wanted, given in zip(truth, predicted, strict=True):
        kept = (generator.random(wanted.shape, dtype=np.float32) < 0.8) & (wanted != 255)
        given[kept] = wanted[kept]
    return truth, predicted


def torchmetrics_miou(truth: Array, predicted: Array, checked: bool) -> float:
    """Mean IoU by torchmetrics, one mask at a time, which is faster than many at once.

    Its own check of the values, on by default, takes most of its time; ours are checked elsewhere.
    """
    import torch
    from torchmetrics.classification import MulticlassJaccardIndex

    torch.set_num_threads(1)
    metric = MulticlassJaccardIndex(num_classes=MASK_CLASSES, ignore_index=255, validate_args=checked)
    for row in range(len(truth)):
        part = slice(row, row + 1)
        metric.update(torch.from_numpy(predicted[part]).long(), torch.from_numpy(truth[part]).long())
    return float(metric.compute())


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """How long it took, and what it gave."""
    started = time.perf_counter()
    found = work()
    return time.perf_counter() - started, found


def paired(name: str, ours: Callable[[], float], theirs: Callable[[], float], rounds: int) -> Rounds:
    """Both in turn, which must agree; the first, unmeasured call of each imports what it needs."""
    result = Rounds([], [])
    for _ in range(rounds):
        mine, value = seconds(ours)
        other, expected = seconds(theirs)
        if abs(value - expected) > EQUAL:
            raise SystemExit(f"{name}: {value} is not {expected}")
        result.ours.append(mine)
        result.theirs.append(other)
    return result


def repeated(work: Callable[[], Any], rounds: int = 5) -> list[float]:
    """Seconds of each of some runs."""
    return [seconds(work)[0] for _ in range(rounds)]


def measure_ap(images: int, rounds: int) -> tuple[Rounds, list[float]]:
    """AP in turn with pycocotools, and its interval."""
    truth, answers = boxes_of(images)
    task = task_of("detection", "ap", CLASSES, 1024)
    objects, boxes = int((truth[:, :, 4] >= 0).sum()), int((answers[:, :, 4] > 0).sum())
    print(f"AP of {images} images, {objects} objects, {boxes} detections")
    few = truth[:20], answers[:20]
    pycocotools_ap(*few)
    result = paired(
        "AP",
        lambda: detection.metrics(truth, answers, task)["ap"],
        lambda: pycocotools_ap(truth, answers),
        rounds,
    )
    return result, repeated(lambda: detection.interval("ap", truth, answers, task), 3)


def measure_miou(images: int, rounds: int) -> tuple[Rounds, Rounds, list[float]]:
    """Mean IoU in turn with torchmetrics, as it is and without its checks, and its interval."""
    truth, predicted = masks_of(images)
    task = task_of("segmentation", "miou", MASK_CLASSES, SIZE)
    print(f"Mean IoU of {images} masks of {SIZE} x {SIZE} pixels, {MASK_CLASSES} classes")
    torchmetrics_miou(truth[:1], predicted[:1], True)
    as_it_is, unchecked = (
        paired(
            "mean IoU",
            lambda: segmentation.metrics(truth, predicted, task)["miou"],
            partial(torchmetrics_miou, truth, predicted, checked),
            rounds,
        )
        for checked in (True, False)
    )
    return as_it_is, unchecked, repeated(lambda: segmentation.interval("miou", truth, predicted, task))


def measure_statistics(examples: int) -> dict[str, list[float]]:
    """1,000 resamples of metrics that are sums over examples."""
    generator = np.random.default_rng(3)
    labels, given = generator.integers(0, 10, (2, examples))
    table = classification.confusion_table(labels, given, 10).astype(np.float64)
    values = generator.random(examples)
    return {
        "mean": repeated(lambda: mean_interval(values)),
        "macro_f1": repeated(lambda: table_interval(table, classification.macro_f1)),
    }


def line(name: str, values: list[float], unit: str = "s") -> str:
    """A median with its range."""
    return f"  {name:<34}{statistics.median(values):9.4f} {unit}  ({min(values):.4f} to {max(values):.4f})"


def show_rounds(name: str, theirs: str, found: Rounds) -> None:
    """A pair for a person."""
    print(line(name, found.ours))
    print(line(theirs, found.theirs))
    print(line("ratio of each round", found.ratios, "x"))


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--masks", type=int, default=1000)
    parser.add_argument("--examples", type=int, default=10_000)
    parser.add_argument("--ap-rounds", type=int, default=2, help="pycocotools takes half a minute for each")
    parser.add_argument("--miou-rounds", type=int, default=5)
    options = parser.parse_args()
    boxes, boxes_interval = measure_ap(options.images, options.ap_rounds)
    show_rounds("all six figures, ours", "all of them, pycocotools", boxes)
    print(line(f"interval, {detection.RESAMPLES} resamples", boxes_interval))
    masks, unchecked, masks_interval = measure_miou(options.masks, options.miou_rounds)
    show_rounds("all four figures, ours", "mean IoU, torchmetrics", masks)
    show_rounds("all four figures, ours", "the same without its checks", unchecked)
    print(line("interval, 1000 resamples", masks_interval))
    print(f"Metrics of {options.examples} examples, 1000 resamples")
    sums = measure_statistics(options.examples)
    for name, values in sums.items():
        print(line(f"interval of {name}", values))
    result = {
        "ap_ratio": statistics.median(boxes.ratios),
        "ap_s": statistics.median(boxes.ours),
        "ap_interval_s": statistics.median(boxes_interval),
        "miou_ratio": statistics.median(masks.ratios),
        "miou_unchecked_ratio": statistics.median(unchecked.ratios),
        "miou_s": statistics.median(masks.ours),
        "miou_interval_s": statistics.median(masks_interval),
    }
    print(json.dumps(result | {f"{name}_interval_s": statistics.median(v) for name, v in sums.items()}))


if __name__ == "__main__":
    main()
