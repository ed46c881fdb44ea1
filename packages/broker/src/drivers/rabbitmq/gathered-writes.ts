import type { Socket } from "node:net";
import type { ChannelModel } from "amqplib";

/** The socket under a connection, which the library's types do not show. */
export const socketOf = (model: ChannelModel): Socket | undefined =>
  (model.connection as unknown as { readonly stream?: Socket }).stream;

/**
 * The library writes every frame by itself: one system call per publish and per ack. This holds what is written within one turn of the
 * event loop together, so that it leaves in one.
 */
export function gatherWrites(socket: Socket): void {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  let corked = false;
  const release = (): void => {
    corked = false;
    socket.uncork();
  };
  const gathered = (...args: unknown[]): boolean => {
    if (!corked) {
      corked = true;
      socket.cork();
      setImmediate(release);
    }
    return write(...args);
  };
  socket.write = gathered;
}
