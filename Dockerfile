# One image for both services. The task definitions name the command: "node dist/api.js" or "node dist/worker.js".
#
# Nothing runs in the final stage. So an image for another processor needs no emulation, and the image holds neither
# shell nor package manager. To pin base images by digest as well: docs/pipelines.md.

# The bundles are plain JavaScript without native modules: built once, on the machine's own processor.
FROM --platform=$BUILDPLATFORM node:24.21.0-trixie-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# No package's own script runs: esbuild and the bundles need none.
RUN --mount=type=cache,target=/root/.npm npm ci --include=dev --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts/build.mjs scripts/
COPY app/ app/
COPY worker/ worker/
RUN node scripts/build.mjs api worker health-check

# Node.js 24 has long-term support until April 2028. Only its binary is taken: npm and its dependencies stay behind.
FROM node:24.21.0-trixie-slim AS node

# What the Node.js binary is linked with (glibc, libstdc++), certificates and time zones. The same Debian as above.
FROM gcr.io/distroless/cc-debian13:nonroot
LABEL org.opencontainers.image.title="sandbox-broker" \
      org.opencontainers.image.description="Hands each student a ready-made cloud account, exactly once" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=node /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
# No source maps: the bundles keep their names and lines, and reading a map of 6 MB takes a small task too long.
COPY --from=build /build/dist/api.js /build/dist/api.js.LEGAL.txt \
                  /build/dist/worker.js /build/dist/worker.js.LEGAL.txt \
                  /build/dist/health-check.js dist/
ENV NODE_ENV=production
# The files belong to root and the user is another one: nothing that runs here can change what runs here.
USER 1000:1000
EXPOSE 8080 9090
CMD ["node", "dist/api.js"]
