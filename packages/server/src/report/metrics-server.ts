import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { UsageError, codeOf, messageOf } from "@skyscan/runtime";
import type { Logger } from "@skyscan/runtime";
import { createMetrics } from "./metrics.ts";
import type { Metrics } from "./metrics.ts";
import type { MetricsRequest } from "../request/request.ts";

/** Serves `/metrics` for Prometheus and `/healthz` for whoever looks whether the process lives. */
export interface MetricsServer extends Metrics {
  close(): Promise<void>;
}

const requestTimeoutMs = 10_000;
const loopback = ["127.0.0.1", "::1", "localhost"];

/** Listens at once, so that a port that is taken is known before anything is begun. @throws UsageError when it cannot listen. */
export async function openMetricsServer(request: MetricsRequest, logger: Logger): Promise<MetricsServer> {
  const metrics = await createMetrics();
  const { registry } = metrics;

  async function answer({ url, method }: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = url?.split("?")[0];
    if (method !== "GET" && method !== "HEAD") reply(response, 405, "only GET\n");
    else if (path === "/metrics") reply(response, 200, await registry.metrics(), registry.contentType);
    else if (path === "/healthz") reply(response, 200, "ok\n");
    else reply(response, 404, "there is /metrics and /healthz\n");
  }

  const server = createServer({ requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs }, (incoming, response) => {
    answer(incoming, response).catch((error: unknown) => {
      logger.warn({ reason: messageOf(error) }, "the metrics could not be made");
      reply(response, 500, "the metrics could not be made\n");
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(refusal(request, error)));
    server.listen(request.port, request.host, resolve);
  });
  const { address, port } = server.address() as AddressInfo;
  logger.info({ address, port }, "metrics are served at /metrics");
  if (!loopback.includes(request.host))
    logger.warn({ address, port }, "whoever reaches this port can read the metrics: they have no password and no TLS");
  return {
    ...metrics,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function reply(response: ServerResponse, status: number, body: string, contentType = "text/plain; charset=utf-8"): void {
  response.writeHead(status, { "content-type": contentType, "cache-control": "no-store" }).end(body);
}

function refusal({ host, port }: MetricsRequest, error: Error): UsageError {
  const code = codeOf(error);
  const why =
    code === "EADDRINUSE"
      ? "is in use: give another one, or 0 for any free one"
      : code === "EACCES"
        ? "may not be used by this user: give one from 1024"
        : `cannot be listened on (${code ?? error.message}): is --metrics-host an address of this machine?`;
  return new UsageError(`--metrics-port ${port} on ${host} ${why}`, { cause: error });
}
