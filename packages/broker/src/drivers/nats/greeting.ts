import { once } from "node:events";
import { createConnection } from "node:net";
import { createInterface } from "node:readline";
import type { ServerInfo } from "@nats-io/transport-node";

const greetingMs = 2000;

/**
 * Whether the server lets in only who shows a certificate: what it says to everybody, unasked and before TLS begins.
 *
 * With TLS 1.3 a client's handshake is over before the server has looked at its certificate. When the client has
 * written by the time it is refused, the operating system may drop the reason and pass on a reset alone.
 */
export async function wantsCertificate(host: string, port: number): Promise<boolean> {
  const socket = createConnection(port, host);
  socket.setTimeout(greetingMs, () => void socket.destroy());
  // Said by "close" as well.
  socket.on("error", () => undefined);
  const lines = createInterface({ input: socket });
  try {
    const [line] = (await Promise.race([once(lines, "line"), once(lines, "close")])) as [string?];
    const info = /^INFO (\{.*\})/.exec(line ?? "")?.[1];
    return info !== undefined && (JSON.parse(info) as Partial<ServerInfo>).tls_verify === true;
  } catch {
    return false;
  } finally {
    lines.close();
    socket.destroy();
  }
}
