# One image, one target per role: `docker build --target worker .`
FROM node:20-slim AS build
WORKDIR /app
COPY . .
# Type checks and tests are not of this image; it takes what builds.
RUN npm ci --loglevel=error && npm run build && npm prune --omit=dev --loglevel=error

FROM node:20-slim AS joinery
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build --chown=node:node /app /app
RUN printf '#!/bin/sh\nexec node /app/packages/cli/dist/main.js "$@"\n' > /usr/local/bin/joinery \
  && chmod +x /usr/local/bin/joinery
USER node
EXPOSE 8080
# Exec form: the process gets SIGTERM itself and drains.
ENTRYPOINT ["joinery"]

FROM joinery AS scheduler
CMD ["scheduler"]

# The tasks of the examples; for your own, copy or mount a module and name it: `worker --tasks <module>`.
FROM joinery AS worker
CMD ["worker", "--tasks", "/app/packages/examples/dist/tasks.js"]

FROM joinery AS coordinator
CMD ["coordinator"]

FROM joinery AS sweeper
CMD ["sweeper"]

FROM joinery AS server
CMD ["server", "--expose"]
