# The engine: server, client, every tool, and the native recos.
#   docker build -t skyscan .
#   docker run --rm skyscan demo
# NODE_IMAGE: another base with Node 20.19 or newer and Debian's apt-get, by its full name where no registry is searched.
ARG NODE_IMAGE=docker.io/library/node:20-bookworm-slim

FROM ${NODE_IMAGE} AS build
RUN apt-get update -q && apt-get install -y -q --no-install-recommends g++ && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# In one step, so that no layer holds what only the build needs. Types were checked where the sources come from.
RUN npx -y pnpm@10 install --frozen-lockfile --filter skyscan-workspace --filter "skyscan..." \
    && node_modules/.bin/tsc -b packages/cli --noCheck \
    && node scripts/build-native.mjs \
    && node packages/cli/bin/skyscan.js bundle --no-node --output /opt/skyscan \
    && rm -rf node_modules packages/*/node_modules /root/.cache /root/.local /root/.npm

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="skyscan" \
      org.opencontainers.image.description="Finds where on the sky a neutrino came from" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/skyscan /opt/skyscan
COPY LICENSE /opt/skyscan/
# HOME and /work may be written to by whatever user the container is run as.
RUN ln -s /opt/skyscan/bin/skyscan /usr/local/bin/skyscan \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /work skyscan \
    && mkdir -m 1777 /work
ENV NODE_ENV=production HOME=/work
USER skyscan
WORKDIR /work
# No HEALTHCHECK: the same image is a server, a client, or a tool that ends, and each says how it is in another way. compose.yaml has the server's.
ENTRYPOINT ["skyscan"]
CMD ["--help"]
