FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/app/.venv/bin:$PATH
WORKDIR /app
COPY requirements-bootstrap.txt requirements.txt ./
RUN python -m venv .venv \
    && .venv/bin/python -m pip install --no-cache-dir --require-hashes -r requirements-bootstrap.txt \
    && uv pip sync --no-cache --compile-bytecode --require-hashes requirements.txt
COPY . .
# Code is root's and only read. What may be written are volumes; a new one takes these owners.
RUN python -m compileall -q -x '\.venv' . \
    && groupadd --gid 10001 skyll \
    && useradd --uid 10001 --gid skyll --no-create-home --home-dir /tmp skyll \
    && install -d -o skyll -g skyll .local .local/static .local/journal /copies
USER 10001:10001
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "4", "--respawn-failed-workers", "--log-level", "warning", \
     "skyll.wsgi:application"]
