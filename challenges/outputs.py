"""What a model must give, in words: the site says it before, a verdict says it after."""

from challenges.task import Task


def expected_output(task: Task) -> str:
    """What a model must give for a batch of n examples, in words."""
    height, width = task.output_shape if task.kind == "segmentation" else (0, 0)
    return {
        "classification": f"float32 [n, {len(task.classes)}]: a score for each class",
        "detection": (
            "float32 [n, boxes, 6]: x0, y0, x1, y1 in pixels of the input, score, class index from 0; "
            "a score of 0 or less fills up"
        ),
        "segmentation": (
            f"float32 [n, {len(task.classes)}, {height}, {width}]: a score for each class and pixel, "
            f"or integers [n, {height}, {width}]: class indices"
        ),
        "similarity": f"float32 [n, 1 to {task.embedding_size}]: an embedding of each example",
        "regression": "float32 [n] or [n, 1]: a number for each example",
        "images": (
            f"[n, {', '.join(map(str, task.output_shape))}]: an image of each example, grey levels 0 to 255 "
            "as integers or floats"
        ),
    }[task.kind]
