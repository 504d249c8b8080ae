# The image of the service and of the bot: `r1plan serve` by default, `r1plan bot` by command.

FROM python:3.11-slim-bookworm AS build
WORKDIR /source
COPY requirements.lock ./
# Every file of the lock is checked by its hash; the install below then sees these files and nothing else, so it takes
# what r1plan needs to run, at the locked versions, and leaves the development tools behind.
RUN pip download --quiet --require-hashes --requirement requirements.lock --dest /wheels
COPY pyproject.toml README.md ./
COPY planner ./planner
COPY service ./service
COPY bots ./bots
COPY migrations ./migrations
RUN pip wheel --quiet --no-deps --no-index --find-links /wheels --wheel-dir /wheels . \
    && python -m venv /opt/r1plan \
    && /opt/r1plan/bin/pip install --quiet --no-index --find-links /wheels r1plan

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/r1plan --create-home r1plan
COPY --from=build /opt/r1plan /opt/r1plan
ENV PATH=/opt/r1plan/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    R1PLAN_HOST=0.0.0.0 \
    R1PLAN_PORT=8000 \
    R1PLAN_DATABASE_URL=sqlite+aiosqlite:////var/lib/r1plan/inventory.sqlite3
USER r1plan
WORKDIR /var/lib/r1plan
VOLUME /var/lib/r1plan
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"R1PLAN_PORT\"]}/health/live', timeout=2)"]
CMD ["r1plan", "serve"]
