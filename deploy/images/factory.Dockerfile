# Everything that a run needs, for its driver, for Ray's nodes and for a Prefect worker. From the project's folder:
#
#   docker build -f deploy/images/factory.Dockerfile -t reflectory:0.1.0 .
#   docker run --rm -v "$PWD/data:/work/data" reflectory:0.1.0 reflectory run deploy/demo.toml
#
# The image holds the code of one commit; a cluster whose nodes have another one is refused before the first call, unless
# the run sends its own (run.ship_code).
FROM python:3.11-slim-bookworm

WORKDIR /opt/reflectory
COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN pip install --no-cache-dir -r requirements.lock
COPY schemas schemas
COPY warehouse warehouse
COPY tasks tasks
COPY flows flows
COPY reflectory reflectory
RUN pip install --no-cache-dir --no-deps --no-build-isolation .

RUN useradd --create-home --uid 1000 factory && install -d -o factory /work
USER factory
WORKDIR /work
COPY deploy deploy
ENV PREFECT_SERVER_ANALYTICS_ENABLED=false DO_NOT_TRACK=1 RAY_USAGE_STATS_ENABLED=0 HF_HUB_DISABLE_TELEMETRY=1
CMD ["reflectory", "--help"]
