"""Prometheus and Grafana beside the site: what they are given fits together. Neither was run by us."""

import json
import re
from typing import Any

import promql_parser
import pytest
import yaml
from django.urls import resolve

from tests.docker.test_consistency import COMPOSE, DOCKER
from tests.test_layout import ROOT

ALERTS: dict[str, Any] = yaml.safe_load((DOCKER / "alerts.yaml").read_text())
SCRAPING: dict[str, Any] = yaml.safe_load((DOCKER / "prometheus.yaml").read_text())
DASHBOARD: dict[str, Any] = json.loads((DOCKER / "grafana/heldout.json").read_text())
RULES: list[dict[str, Any]] = [rule for group in ALERTS["groups"] for rule in group["rules"]]
QUERIES = [rule["expr"] for rule in RULES] + [
    target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]
]
WATCHING = ("prometheus", "grafana")
DURATION = re.compile(r"^\d+[smhd]$")


def mounted(name: str) -> dict[str, str]:
    """What a service sees: the path within, by the file or the volume outside."""
    pairs = (volume.split(":") for volume in COMPOSE["services"][name]["volumes"])
    return {parts[1]: parts[0] for parts in pairs}


@pytest.mark.parametrize("query", QUERIES)
def test_each_query_is_one_that_prometheus_can_read(query: str) -> None:
    assert promql_parser.parse(query)


def test_a_query_that_is_none_is_noticed() -> None:
    with pytest.raises(ValueError, match="unexpected"):
        promql_parser.parse("max(heldout_workers{queue=) ==")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_each_alarm_is_whole_and_says_what_to_do(rule: dict[str, Any]) -> None:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert "for" not in rule or DURATION.match(rule["for"])
    assert rule["labels"]["severity"] in ("page", "look")
    assert rule["annotations"]["summary"].endswith(".")
    assert f"`{rule['alert']}`" in (ROOT / "docs/on-call.md").read_text()


def test_alarms_have_names_of_their_own() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES)


def test_prometheus_asks_the_site_where_it_answers_and_with_its_token() -> None:
    (job,) = SCRAPING["scrape_configs"]
    (target,) = job["dns_sd_configs"]
    assert target["names"] == ["site"] and "site" in COMPOSE["services"]
    assert (
        f":{target['port']}" in (DOCKER / "site.Dockerfile").read_text() + (DOCKER / "Caddyfile").read_text()
    )
    assert resolve("/metrics").url_name == "metrics"
    secret = job["authorization"]["credentials_file"].removeprefix("/run/secrets/")
    assert secret in COMPOSE["services"]["prometheus"]["secrets"]
    assert COMPOSE["secrets"][secret] == {"environment": "HELDOUT_METRICS_TOKEN"}


def test_prometheus_finds_its_files() -> None:
    within = mounted("prometheus")
    (configuration,) = re.findall(
        r"--config\.file=(\S+)", " ".join(COMPOSE["services"]["prometheus"]["command"])
    )
    assert within[configuration] == "./prometheus.yaml"
    assert [within[path] for path in SCRAPING["rule_files"]] == ["./alerts.yaml"]


def test_grafana_finds_its_source_and_its_dashboard() -> None:
    within = mounted("grafana")
    assert within["/etc/grafana/provisioning"] == "./grafana/provisioning"
    provisioning = DOCKER / "grafana/provisioning"
    (source,) = yaml.safe_load((provisioning / "datasources/prometheus.yaml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090" and source["isDefault"] is True
    (provider,) = yaml.safe_load((provisioning / "dashboards/heldout.yaml").read_text())["providers"]
    assert within[f"{provider['options']['path']}/heldout.json"] == "./grafana/heldout.json"
    (variable,) = DASHBOARD["templating"]["list"]
    assert (variable["type"], variable["query"]) == ("datasource", source["type"])


@pytest.mark.parametrize("name", WATCHING)
def test_who_watches_is_there_only_when_asked_for_and_for_this_machine_alone(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["profiles"] == ["watch"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert re.search(r":v?\d+\.\d+", service["image"])
    assert "queue" not in service["networks"]
    assert not set(mounted(name).values()) & {"blobs", "hidden", "data", "database"}


def test_nothing_else_waits_for_who_watches() -> None:
    for name, service in COMPOSE["services"].items():
        assert name in WATCHING or not set(service.get("depends_on", [])) & set(WATCHING)
