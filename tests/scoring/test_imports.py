"""A worker loads no model library itself: those live in boxes. And it knows no site."""

import subprocess
import sys

MODULES = "scoring.worker, scoring.engine, scoring.prepare, scoring.doctor, scoring.__main__"
HEAVY = ("torch", "onnx", "onnxruntime", "sklearn", "skops", "joblib", "skimage", "heldout")


def test_a_worker_imports_neither_model_libraries_nor_the_site() -> None:
    code = f"import sys, {MODULES}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    # kombu looks at django.utils wherever Django is installed; what matters is that no database is near.
    assert "django.db" not in done.stdout.split()
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert "scoring" in loaded
    assert loaded.isdisjoint(HEAVY)
