FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PATH=/app/.venv/bin:$PATH
WORKDIR /app
COPY requirements-bootstrap.txt requirements.txt ./
RUN python -m venv .venv \
    && .venv/bin/python -m pip install --no-cache-dir --require-hashes -r requirements-bootstrap.txt \
    && uv pip sync --no-cache --compile-bytecode --require-hashes requirements.txt
COPY . .
RUN useradd --create-home skyll && install -d -o skyll .local .local/journal
USER skyll
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "4", "--respawn-failed-workers", "skyll.wsgi:application"]
