import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { skipReason } from "./data.ts";

const run = promisify(execFile);

/** Undefined when certificates can be made here, else why tests over TLS are skipped. */
export const opensslMissing: string | undefined = skipReason(
  "openssl",
  existsSync("/usr/bin/openssl") ? undefined : "there is no openssl here",
);

/** Paths of PEM files: a certificate for localhost and 127.0.0.1 that signs itself, so it is its own authority. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  remove(): Promise<void>;
}

export async function makeCertificate(): Promise<Certificate> {
  const directory = await mkdtemp(join(tmpdir(), "skyscan-tls-"));
  const [cert, key] = [join(directory, "cert.pem"), join(directory, "key.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  await run("openssl", ["req", ...kind, "-keyout", key, "-out", cert, ...subject]);
  return { cert, key, remove: () => rm(directory, { recursive: true, force: true }) };
}
