import type { Socket } from "node:net";

/**
 * Libraries write every frame by itself: one system call for each publish and each ack. This holds what is written within one turn of the
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
