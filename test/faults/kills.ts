import { setTimeout as pause } from "node:timers/promises";
import { between, pick } from "./chance.ts";
import type { Fault } from "./fault.ts";

/** kill -9, as a machine that loses its power; and SIGTERM, as batch systems do. */
export const kills: readonly Fault[] = [
  {
    name: "kill-client",
    what: "kill -9 of a client, another is started",
    weight: 4,
    async strike(stage, { at, random }) {
      const client = pick(random, stage.clients);
      return (await stage.reached(at)) && client.kill();
    },
  },
  {
    name: "kill-all-clients",
    what: "kill -9 of every client at the same time, others are started",
    weight: 2,
    async strike(stage, { at }) {
      if (!(await stage.reached(at))) return false;
      const killed = await Promise.all(stage.clients.map((client) => client.kill()));
      return killed.includes(true);
    },
  },
  {
    name: "kill-server",
    what: "kill -9 of the server, started again with the same command",
    weight: 4,
    async strike(stage, { at, random }) {
      if (!(await stage.reached(at)) || !(await stage.server.kill())) return false;
      await stage.server.whileDown(() => pause(between(random, 0, 1500)));
      return true;
    },
  },
  {
    name: "term-client",
    what: "SIGTERM to a client: it hands back what it holds and leaves with 5",
    weight: 3,
    async strike(stage, { at, random }) {
      const client = pick(random, stage.clients);
      if (!(await stage.reached(at)) || !client.running) return false;
      client.signal("SIGTERM");
      if (random.uniform() < 0.3) {
        await pause(between(random, 0, 300));
        client.signal("SIGTERM");
      }
      await client.ended;
      return true;
    },
  },
  {
    name: "term-server",
    what: "SIGTERM to the server: it leaves with 5 and goes on with the same command",
    weight: 2,
    async strike(stage, { at }) {
      if (!(await stage.reached(at)) || !stage.server.running) return false;
      stage.server.signal("SIGTERM");
      await stage.server.ended;
      return true;
    },
  },
];
