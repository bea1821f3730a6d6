# The site: its web server, and with another command its own Celery worker and its migrations.
#   docker build -f docker/site.Dockerfile -t heldout-site .
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
COPY docker/wheels /build/wheels
COPY docker/install pyproject.toml constraints.txt /build/
RUN /build/install requirements site
COPY LICENSE README.md /build/
COPY platform /build/platform
COPY challenges /build/challenges
COPY scoring /build/scoring
COPY client /build/client
RUN /build/install project
# The key only lets the settings load; nothing is signed by it, and it is not kept.
RUN HELDOUT_VAR=/var/lib/heldout HELDOUT_SECRET_KEY=0000000000000000000000000000000000000000 \
    DJANGO_SETTINGS_MODULE=heldout.settings /opt/venv/bin/python -m django collectstatic --no-input --verbosity 0

FROM ${BASE}
RUN groupadd --gid 10001 heldout \
    && useradd --uid 10001 --gid heldout --no-create-home --home-dir /var/lib/heldout --shell /usr/sbin/nologin heldout \
    && install -d -o heldout -g heldout /var/lib/heldout /var/lib/heldout/blobs /var/lib/heldout/archives \
    && install -d -o heldout -g heldout /var/lib/heldout/previews
COPY --from=build /opt/venv /opt/venv
COPY --from=build /var/lib/heldout/static /var/lib/heldout/static
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=heldout.settings \
    HELDOUT_VAR=/var/lib/heldout \
    HELDOUT_BLOBS=/var/lib/heldout/blobs
WORKDIR /var/lib/heldout
USER 10001:10001
EXPOSE 8000
VOLUME /var/lib/heldout/blobs
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ.get('PORT', '8000') + '/healthz', timeout=4)"]
# One process a container: metrics are counted by process, and more containers serve more people.
CMD ["sh", "-c", "exec uvicorn heldout.asgi:application --host 0.0.0.0 --port ${PORT:-8000} --lifespan off --no-server-header --timeout-graceful-shutdown 20"]
