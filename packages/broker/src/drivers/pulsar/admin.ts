import { request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import { parseForeignJson } from "@skyscan/runtime";
import { HttpFailure } from "./failures.ts";
import type { PulsarOptions } from "./options.ts";

/** Pulsar's REST API, as far as a scan needs it. Every call rejects with `HttpFailure` for what is no success, else with what the network said. */
export interface PulsarAdmin {
  /** `4.0.7` */
  version(): Promise<string>;
  /** Of a topic of the namespace. `tail` begins with a slash. */
  topic(method: "GET" | "PUT" | "POST" | "DELETE", name: string, tail: string, body?: unknown): Promise<unknown>;
}

const answerMs = 10_000;

export const credentials = ({ token }: PulsarOptions): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

export function createAdmin(options: PulsarOptions): PulsarAdmin {
  const { web, tenant, namespace, tls } = options;
  const base = `${web}/admin/v2`;
  const request = web.startsWith("https:") ? requestTls : requestPlain;

  function call(method: string, url: string, body?: unknown): Promise<string> {
    const content = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const sent = request(
        url,
        {
          method,
          // A connection for each: one that is kept may just be closing.
          agent: false,
          ...tls,
          headers: { ...credentials(options), ...(content !== undefined && { "content-type": "application/json" }) },
          signal: AbortSignal.timeout(answerMs),
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => {
            const text = Buffer.concat(chunks).toString();
            const { statusCode: status = 0 } = response;
            if (status >= 200 && status < 300) resolve(text);
            else reject(new HttpFailure(status, reasonOf(text)));
          });
        },
      );
      sent.on("error", reject);
      sent.end(content);
    });
  }

  return {
    version: () => call("GET", `${base}/brokers/version`),
    async topic(method, name, tail, body) {
      const text = await call(method, `${base}/persistent/${tenant}/${namespace}/${encodeURIComponent(name)}${tail}`, body);
      return text === "" ? undefined : parseForeignJson(text);
    },
  };
}

/** Pulsar says why as JSON; what stands before it may say it in HTML. */
function reasonOf(text: string): string {
  try {
    const { reason } = JSON.parse(text) as { readonly reason?: unknown };
    return typeof reason === "string" ? reason : "";
  } catch {
    return "";
  }
}
