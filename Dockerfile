# One image for web, worker and migrate: `docker run IMAGE worker`.
FROM node:22-slim AS dashboard
WORKDIR /app/dashboard
COPY dashboard/package.json dashboard/package-lock.json dashboard/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY schema/schema.graphql ../schema/schema.graphql
COPY dashboard .
RUN npm run build

FROM python:3.13-slim AS build
WORKDIR /app
RUN python -m venv /venv
COPY requirements.txt .
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps \
    -r requirements.txt
COPY domain domain
COPY intake intake
COPY store store
COPY jobs jobs
COPY resolvers resolvers
COPY schema schema
COPY server server
COPY demo demo
RUN /venv/bin/python -m compileall -q /venv/lib /app

FROM python:3.13-slim
RUN useradd --system --uid 10001 --user-group --home-dir /app engagement \
    && install -d -o engagement -g engagement /data
COPY --from=build /venv /venv
COPY --from=build /app /app
COPY --from=dashboard /app/dashboard/dist /app/dashboard/dist
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 HOST=0.0.0.0 PORT=8000 DATA_DIR=/data DEMO=0
USER 10001
EXPOSE 8000
ENTRYPOINT ["python", "-m", "server"]
CMD ["web"]
