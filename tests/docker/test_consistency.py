"""What is deployed must fit what the code knows: names of settings, queues, commands, versions, users.

None of it needs a container engine; `make docker-smoke` builds and runs the images.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import yaml

from scoring.job import CPU_QUEUE, GPU_QUEUE, INSPECT_QUEUE, PREPARE_QUEUE, SITE_QUEUE
from tests.test_layout import ROOT, tracked

DOCKER = ROOT / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())
MANIFESTS = sorted((DOCKER / "kubernetes").glob("*.yaml"))
FILES = {name: (DOCKER / f"{name}.Dockerfile").read_text() for name in ("site", "worker")}
SETTING = re.compile(r"\bHELDOUT_[A-Z_]+\b")
OF_THE_DEPLOYMENT = {"HELDOUT_HOST"}
"""The name of the machine, of which compose makes HELDOUT_PUBLIC_URL."""
IDS = "10001:10001"


def documents() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in MANIFESTS:
        for document in yaml.safe_load_all(path.read_text()):
            yield path.name, document


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    return {doc["metadata"]["name"]: doc for _, doc in documents() if doc["kind"] == kind}


def pods() -> dict[str, dict[str, Any]]:
    """The pod templates, by the name of what makes them."""
    made = of_kind("Deployment") | of_kind("Job")
    return {name: doc["spec"]["template"]["spec"] for name, doc in made.items()}


def known_settings() -> set[str]:
    """What the code reads from the environment."""
    code = ["platform/heldout/settings.py", "challenges/sources.py"]
    code += [f"scoring/{name}.py" for name in ("settings", "logs", "bucket")]
    return {name for path in code for name in SETTING.findall((ROOT / path).read_text())}


@pytest.mark.parametrize(
    "path", [path for path in tracked("docker") if path.suffix != ".md"], ids=lambda path: path.name
)
def test_every_setting_that_is_set_is_one_that_the_code_reads(path: Path) -> None:
    assert set(SETTING.findall(path.read_text())) <= known_settings() | OF_THE_DEPLOYMENT


def test_every_setting_of_the_code_is_in_the_table_of_the_documentation() -> None:
    page = (ROOT / "docs/install.md").read_text()
    internal = {"HELDOUT_DEMO", "HELDOUT_DEBUG"}
    assert [name for name in sorted(known_settings() - internal) if f"| `{name}` |" not in page] == []


def test_the_example_names_all_that_compose_asks_for() -> None:
    asked = set(re.findall(r"\$\{(\w+):\?", (DOCKER / "compose.yaml").read_text()))
    example = set(re.findall(r"^(\w+)=", (DOCKER / "env.example").read_text(), re.M))
    assert asked <= example
    used = set(re.findall(r"\$\{(\w+)", (DOCKER / "compose.yaml").read_text()))
    assert example <= used


def test_a_worker_is_told_nothing_of_the_site() -> None:
    files = {"HELDOUT_STORE", "HELDOUT_S3_ENDPOINT", "HELDOUT_S3_KEY", "HELDOUT_S3_SECRET"}
    allowed = {"HELDOUT_BROKER_URL", "HELDOUT_WORKER_NAME", "HELDOUT_LOG_FORMAT", *files}
    assert set(COMPOSE["services"]["worker"]["environment"]) <= allowed
    (container,) = pods()["heldout-worker"]["containers"]
    assert {setting["name"] for setting in container["env"]} <= allowed
    assert "envFrom" not in container


def test_only_workers_mount_hidden_sets() -> None:
    mounted = {
        name for name, service in COMPOSE["services"].items() if "hidden:" in str(service.get("volumes"))
    }
    assert mounted == {"worker"}
    assert {name for name, pod in pods().items() if "heldout-hidden" in str(pod["volumes"])} == {
        "heldout-worker"
    }


def test_a_worker_reaches_the_broker_and_the_files_and_no_more() -> None:
    services = COMPOSE["services"]
    assert services["worker"]["networks"] == ["queue"]
    assert COMPOSE["networks"]["queue"] == {"internal": True}
    assert {name for name, service in services.items() if "queue" in service["networks"]} == {
        "worker",
        "broker",
        "objects",
    }
    policy = of_kind("NetworkPolicy")["heldout-worker"]["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"] and policy["ingress"] == []


WRITES_BELOW_VAR = {
    "platform/heldout/catalog/queries.py": "/var/lib/heldout/previews",
    "platform/heldout/operations/archives.py": "/var/lib/heldout/archives",
    "platform/heldout/celery.py": "/tmp",  # noqa: S108 - its clock's file, by --schedule
}
"""What the site writes beside the store, and what is mounted there: a container's own files are read-only."""


def test_the_site_can_write_where_it_writes() -> None:
    below = {path for path in tracked("platform/heldout/*.py") if "settings.VAR" in path.read_text()}
    ours = {path.relative_to(ROOT).as_posix() for path in below}
    assert {path for path in ours if "/demo/" not in path} == set(WRITES_BELOW_VAR)
    service, pod = COMPOSE["services"]["site"], pods()["heldout-site"]["containers"][0]
    mounted = {volume.partition(":")[2] for volume in service["volumes"]} | set(service["tmpfs"])
    assert set(WRITES_BELOW_VAR.values()) <= mounted
    assert set(WRITES_BELOW_VAR.values()) <= {mount["mountPath"] for mount in pod["volumeMounts"]}


@pytest.mark.parametrize("name", ["migrate", "site", "site-worker", "worker"])
def test_containers_of_ours_have_no_rights_to_lose(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["user"] == IDS
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service and "docker.sock" not in str(service)


@pytest.mark.parametrize("name", sorted(pods()))
def test_pods_of_ours_have_no_rights_to_lose(name: str) -> None:
    pod = pods()[name]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert f"{pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}" == IDS
    assert pod["automountServiceAccountToken"] is False
    for container in pod["containers"]:
        confined = container["securityContext"]
        assert confined["allowPrivilegeEscalation"] is False
        assert confined["readOnlyRootFilesystem"] is True
        assert confined["capabilities"] == {"drop": ["ALL"]}


@pytest.mark.parametrize("name", sorted(pods()))
def test_what_a_pod_mounts_is_there(name: str) -> None:
    pod = pods()[name]
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    claims = of_kind("PersistentVolumeClaim")
    for container in pod["containers"]:
        assert {mount["name"] for mount in container["volumeMounts"]} == set(volumes)
    wanted = {
        v["persistentVolumeClaim"]["claimName"] for v in volumes.values() if "persistentVolumeClaim" in v
    }
    assert wanted <= set(claims)


def test_what_manifests_refer_to_is_there() -> None:
    secrets, maps = of_kind("Secret"), of_kind("ConfigMap")
    for pod in pods().values():
        for container in pod["containers"]:
            for source in container.get("envFrom", []):
                kind, found = ("configMapRef", maps) if "configMapRef" in source else ("secretRef", secrets)
                assert source[kind]["name"] in found
            for setting in container.get("env", []):
                reference = setting.get("valueFrom", {}).get("secretKeyRef")
                assert reference is None or reference["key"] in secrets[reference["name"]]["stringData"]
    for authentication in of_kind("TriggerAuthentication").values():
        for reference in authentication["spec"]["secretTargetRef"]:
            assert reference["key"] in secrets[reference["name"]]["stringData"]


def test_every_document_has_a_name_and_lives_where_the_others_do() -> None:
    for path, document in documents():
        assert document["apiVersion"] and document["kind"], path
        metadata = document["metadata"]
        assert metadata.get("namespace", "heldout") == "heldout", path
        assert document["kind"] == "Namespace" or "namespace" in metadata, f"{path}: {metadata['name']}"


def test_no_secret_is_in_the_tree() -> None:
    for secret in of_kind("Secret").values():
        assert set(secret["stringData"].values()) == {""}
    filled = re.findall(
        r"^(\w*(?:KEY|PASSWORD|TOKEN|DSN|URL)\w*)=(.+)$", (DOCKER / "env.example").read_text(), re.M
    )
    assert filled == []
    ignored = subprocess.run(
        ["git", "check-ignore", "docker/.env"], cwd=ROOT, capture_output=True, check=False
    )
    assert ignored.returncode == 0


def test_scaling_watches_queues_and_numbers_that_there_are() -> None:
    scaled = of_kind("ScaledObject")["heldout-worker"]["spec"]
    assert scaled["scaleTargetRef"]["name"] in of_kind("Deployment")
    assert "replicas" not in of_kind("Deployment")["heldout-worker"]["spec"]
    watched = {t["metadata"]["listName"] for t in scaled["triggers"] if t["type"] == "redis"}
    assert watched <= {CPU_QUEUE, GPU_QUEUE, INSPECT_QUEUE, PREPARE_QUEUE}
    assert len({trigger["name"] for trigger in scaled["triggers"]}) == len(scaled["triggers"])
    (query,) = [t["metadata"]["query"] for t in scaled["triggers"] if t["type"] == "prometheus"]
    figures = (ROOT / "platform/heldout/metrics/figures.py").read_text()
    assert {f'"{name}"' in figures for name in re.findall(r"heldout_\w+", query)} == {True}


def test_the_sites_own_worker_is_one_and_serves_its_queue() -> None:
    command = COMPOSE["services"]["site-worker"]["command"]
    deployed = of_kind("Deployment")["heldout-site-worker"]["spec"]
    assert command == deployed["template"]["spec"]["containers"][0]["command"]
    assert f"--queues={SITE_QUEUE}" in command and "--beat" in command
    assert deployed["replicas"] == 1 and deployed["strategy"] == {"type": "Recreate"}
    assert "deploy" not in COMPOSE["services"]["site-worker"]


def test_probes_ask_addresses_that_the_site_has() -> None:
    from django.urls import resolve

    asked = {probe["httpGet"]["path"] for probe in probes("heldout-site") if "httpGet" in probe}
    caddy = set(
        re.findall(r"/\w+", " ".join(re.findall(r"health_uri (\S+)|@inside path (.+)", caddyfile())[0]))
    )
    in_image = set(re.findall(r"'(/\w+)'", FILES["site"]))
    assert asked == {"/healthz", "/readyz"}
    assert {resolve(path).url_name for path in asked | caddy | in_image} >= {"alive", "ready"}


def probes(name: str) -> list[dict[str, Any]]:
    (container,) = pods()[name]["containers"]
    return [
        container[kind] for kind in ("startupProbe", "livenessProbe", "readinessProbe") if kind in container
    ]


def caddyfile() -> str:
    return (DOCKER / "Caddyfile").read_text()


def test_strangers_do_not_reach_what_is_for_machines() -> None:
    assert "@inside path /metrics /readyz" in caddyfile()
    assert "respond @inside 404" in caddyfile()


def test_the_proxy_takes_what_the_site_takes() -> None:
    from heldout.bodies import LARGEST_UPLOAD, MEBIBYTE

    megabytes = LARGEST_UPLOAD // MEBIBYTE
    assert f"max_size {megabytes}MiB" in caddyfile()
    ingress = of_kind("Ingress")["heldout-site"]["metadata"]["annotations"]
    assert ingress["nginx.ingress.kubernetes.io/proxy-body-size"] == f"{megabytes}m"


@pytest.mark.parametrize("name", ["site", "worker"])
def test_images_begin_with_a_base_that_can_be_given(name: str) -> None:
    lines = [line for line in FILES[name].splitlines() if line.startswith(("ARG BASE", "FROM"))]
    assert lines == ["ARG BASE=python:3.11-slim-bookworm", "FROM ${BASE} AS build", "FROM ${BASE}"]


@pytest.mark.parametrize("name", ["site", "worker"])
def test_images_run_as_nobody_special_and_tell_how_they_are(name: str) -> None:
    _, _, last = FILES[name].rpartition("FROM ${BASE}\n")
    assert f"USER {IDS}" in last
    assert "HEALTHCHECK" in last
    assert not re.search(r"(SECRET|PASSWORD|TOKEN)\w*=", last)


@pytest.mark.parametrize("name", ["site", "worker"])
def test_images_take_the_locked_versions_of_an_extra_that_there_is(name: str) -> None:
    import tomllib

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert f"RUN /build/install requirements {name}" in FILES[name]
    assert name in extras
    assert "constraints.txt" in FILES[name]
    installing = (DOCKER / "install").read_text()
    assert installing.count("-c constraints.txt") == 2
    assert not re.search(r"==\d", installing + FILES[name]), "versions are in constraints.txt alone"


@pytest.mark.parametrize("name", ["site", "worker"])
def test_what_an_image_copies_is_let_through_to_it(name: str) -> None:
    let_through = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    }
    copied = {
        word for line in re.findall(r"^COPY (?!--from)(.+)$", FILES[name], re.M) for word in line.split()[:-1]
    }
    assert copied == let_through
    assert all((ROOT / path).exists() for path in copied)


def test_the_filter_of_a_worker_lets_boxes_be_made_and_keeps_the_rest() -> None:
    profile = json.loads((DOCKER / "seccomp-worker.json").read_text())
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    unconditional = [r for r in profile["syscalls"] if not r.get("includes") and not r.get("args")]
    allowed = {n for rule in unconditional if rule["action"] == "SCMP_ACT_ALLOW" for n in rule["names"]}
    refused = {n for rule in unconditional if rule["action"] == "SCMP_ACT_ERRNO" for n in rule["names"]}
    assert {
        "clone",
        "clone3",
        "unshare",
        "mount",
        "umount2",
        "pivot_root",
        "sethostname",
        "seccomp",
    } <= allowed
    assert {"bpf", "perf_event_open", "ptrace", "keyctl", "reboot"} <= refused
    assert not refused & allowed
    assert not {"init_module", "kexec_load", "iopl", "settimeofday", "io_uring_setup"} & allowed


def test_every_use_of_the_filter_names_the_file_that_is_shipped() -> None:
    assert "seccomp=./seccomp-worker.json" in COMPOSE["services"]["worker"]["security_opt"]
    assert "seccomp=$here/seccomp-worker.json" in (DOCKER / "join").read_text()
    localhost = pods()["heldout-worker"]["securityContext"]["seccompProfile"]
    assert localhost == {"type": "Localhost", "localhostProfile": "heldout/seccomp-worker.json"}


def test_commands_that_are_run_in_containers_are_there() -> None:
    commands = {entry.name for entry in entry_points(group="heldout.commands")}
    said = "".join(path.read_text() for path in tracked("docker") if path.suffix in ("", ".yaml", ".py"))
    assert set(re.findall(r"heldout (doctor|backup|restore|retain)\b", said)) <= commands
    modules = set(re.findall(r'-m[", ]+(scoring\.\w+)', said + "".join(FILES.values())))
    assert modules == {"scoring.worker", "scoring.alive"}
    assert all((ROOT / f"{name.replace('.', '/')}.py").exists() for name in modules)


@pytest.mark.parametrize("script", ["join", "install"])
def test_scripts_are_sound_for_the_shell_and_may_be_run(script: str) -> None:
    path = DOCKER / script
    assert path.stat().st_mode & 0o111
    assert subprocess.run(["sh", "-n", str(path)], check=False).returncode == 0


def test_joining_without_all_it_needs_says_how_it_is_done() -> None:
    done = subprocess.run([str(DOCKER / "join"), "redis://x"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "docker/join 'rediss://" in done.stderr
