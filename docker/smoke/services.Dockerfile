# The servers that a smoke test runs beside the site, from the same base: no registry is needed. Not for an event.
ARG BASE=python:3.11-slim-bookworm
FROM ${BASE}
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql redis-server \
    && rm -rf /var/lib/apt/lists/*
USER postgres
