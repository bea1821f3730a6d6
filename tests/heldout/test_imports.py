"""The site stays light: nothing that trains or runs models is in its memory."""

import json
import os
import subprocess
import sys
import tempfile

PROBE = """
import json, sys
import django
django.setup()
from django.urls import get_resolver
get_resolver().url_patterns
from heldout.celery import app
app.loader.import_default_modules()
with open("/proc/self/status") as status:
    kilobytes = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
print(json.dumps({"modules": list(sys.modules), "tasks": list(app.tasks), "megabytes": kilobytes / 1024}))
"""

HEAVY = {"torch", "onnx", "onnxruntime", "sklearn", "skops", "skimage", "numpy", "scipy", "PIL"}
TASKS = {
    "site.record_passport",
    "site.record_progress",
    "site.record_evaluation",
    "site.record_preparation",
    "site.record_preparing",
    "site.record_worker",
    "site.sweep",
}


def test_the_site_with_its_tasks_loads_nothing_heavy() -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "heldout.settings",
            "HELDOUT_SECRET_KEY": "only-for-tests-" + "x" * 40,
            "HELDOUT_VAR": folder,
        }
        done = subprocess.run(
            [sys.executable, "-c", PROBE], env=environment, capture_output=True, text=True, check=True
        )
    found = json.loads(done.stdout)
    assert HEAVY.isdisjoint(found["modules"])
    assert set(found["tasks"]) >= TASKS
    assert found["megabytes"] < 150
