import { createServer } from "node:net";
import type { AddressInfo } from "node:net";

/** A TCP port of the loopback that nobody listens on now. It stays free only by luck, so start what needs it at once. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(true));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(false)));
  });

/**
 * So many different free loopback ports that the kernel gives to nobody by itself: for a service that lives long, or is stopped and started again
 * on the same port.
 */
export async function lastingPorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = 10_000 + Math.floor(20_000 * Math.random());
    if (!(await listens(port))) ports.add(port);
  }
  return [...ports];
}

export async function lastingPort(): Promise<number> {
  const [port] = await lastingPorts(1);
  return port as number;
}
