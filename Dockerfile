# One image for every server; the command says which one it is. Without a command it is a whole MyDropbox in /data.
FROM node:24-slim AS build
WORKDIR /app
COPY . .
RUN npm ci --ignore-scripts --no-audit --no-fund \
 && npm run build -w packages/web-portal
# From here on only what runs: no tools, and the website only as it was built.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
      -w packages/standalone -w packages/route-server -w packages/web-server -w packages/data-server

FROM node:24-slim
ENV NODE_ENV=production \
    NODE_OPTIONS=--max-semi-space-size=16 \
    MYDROPBOX_HOST=0.0.0.0
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/packages packages
COPY --from=build /app/sql sql
COPY docker/healthy.mjs docker/
# A fresh volume takes over the owner of the folder it is mounted on.
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
CMD ["node", "packages/standalone/src/main.ts", "--data", "/data"]
