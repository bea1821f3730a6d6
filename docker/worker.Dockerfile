# A scoring worker. It knows the broker, the blobs and the hidden sets; no database and no secret of the site.
#   docker build -f docker/worker.Dockerfile -t heldout-worker .
# With a GPU (not tried by us; the host needs NVIDIA's driver and container toolkit):
#   docker build -f docker/worker.Dockerfile -t heldout-worker:gpu \
#     --build-arg GPU=1 --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu130 .
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ARG GPU=0
COPY docker/wheels /build/wheels
COPY docker/install pyproject.toml constraints.txt /build/
RUN /build/install requirements worker
COPY LICENSE README.md /build/
COPY platform /build/platform
COPY challenges /build/challenges
COPY scoring /build/scoring
COPY client /build/client
RUN /build/install project

FROM ${BASE}
RUN apt-get update \
    && apt-get install --yes --no-install-recommends bubblewrap libseccomp2 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 heldout \
    && useradd --uid 10001 --gid heldout --no-create-home --home-dir /var/lib/heldout --shell /usr/sbin/nologin heldout \
    && install -d -o heldout -g heldout /var/lib/heldout /var/lib/heldout/blobs /var/lib/heldout/data \
    && install -d -o heldout -g heldout -m 0700 /var/lib/heldout/hidden
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HELDOUT_BLOBS=/var/lib/heldout/blobs \
    HELDOUT_HIDDEN=/var/lib/heldout/hidden \
    HELDOUT_DATA=/var/lib/heldout/data \
    HELDOUT_WORKER_ALIVE=/tmp/heldout-worker-alive
WORKDIR /var/lib/heldout
USER 10001:10001
VOLUME ["/var/lib/heldout/blobs", "/var/lib/heldout/hidden"]
HEALTHCHECK --interval=10s --timeout=5s --start-period=180s --retries=3 \
    CMD ["python", "-m", "scoring.alive"]
CMD ["python", "-m", "scoring.worker"]
