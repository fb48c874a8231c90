# syntax=docker/dockerfile:1.9
# One image for every process; the command says which. Built in two stages so that no compiler or pip cache is shipped.

FROM python:3.11.14-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/stancewatch
WORKDIR /src
COPY requirements/build.txt requirements/runtime.txt requirements/
RUN /opt/stancewatch/bin/pip install --require-hashes -r requirements/build.txt \
 && /opt/stancewatch/bin/pip install --require-hashes -r requirements/runtime.txt
COPY pyproject.toml README.md LICENSE ./
COPY requirements/runtime.in requirements/
COPY worker worker
RUN /opt/stancewatch/bin/pip install --no-deps --no-build-isolation .

FROM python:3.11.14-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin stancewatch \
 && install -d -o stancewatch -g stancewatch /app/data
COPY --from=build /opt/stancewatch /opt/stancewatch
COPY config /app/config
COPY ops/kibana/stancewatch.ndjson /app/ops/kibana/
ENV PATH=/opt/stancewatch/bin:$PATH STANCEWATCH_CONFIG=/app/config PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
USER 10001
ENTRYPOINT ["stancewatch"]
CMD ["run"]
