import { setTimeout as pause } from "node:timers/promises";
import { within } from "@skyscan/runtime";
import { between, pick, whole } from "./chance.ts";
import type { Fault } from "./fault.ts";
import type { Stage } from "./stage.ts";

/** Resolves true when the server that runs now has said so, false when it ends first or the scan is over. */
const said = (stage: Stage, text: RegExp): Promise<boolean> =>
  stage.server.process.said(text).then(
    () => !stage.over.aborted,
    () => false,
  );

/** Faults of the server at moments that a random time would seldom hit. */
export const serverFaults: readonly Fault[] = [
  {
    name: "kill-planning",
    what: "kill -9 of the server while it plans and writes its plan down",
    weight: 2,
    async strike(stage, { random }) {
      const plans = 1 + whole(random, 5);
      if (!(await said(stage, new RegExp(`(pixels planned[^]*){${plans}}`)))) return false;
      return stage.server.kill();
    },
  },
  {
    name: "kill-publishing",
    what: "kill -9 of the server while it publishes what it has planned",
    weight: 2,
    async strike(stage, { random }) {
      const plans = 1 + whole(random, 5);
      if (!(await said(stage, new RegExp(`(pixels planned[^]*){${plans}}`)))) return false;
      await pause(between(random, 2, 80));
      return stage.server.kill();
    },
  },
  {
    name: "kill-draining",
    what: "kill -9 of the server, and again while it resumes: reads waiting replies, asks who holds what",
    weight: 2,
    async strike(stage, { at, random }) {
      const { server } = stage;
      if (!(await stage.reached(at))) return false;
      const before = server.starts;
      if (!(await server.kill()) || !(await server.restarted(before))) return false;
      if (!(await said(stage, /scan goes on/))) return false;
      await pause(between(random, 0, 3000));
      return server.kill();
    },
  },
  {
    name: "kill-ending",
    what: "kill -9 of the server while it ends: writes the result, says so, removes the queues",
    weight: 3,
    async strike(stage, { random }) {
      const when = pick(random, ["last fits", "complete", "told"] as const);
      if (when === "last fits") {
        if (!(await stage.reached(0.98))) return false;
        await pause(between(random, 0, 200));
      } else {
        if (!(await said(stage, /the scan is complete/))) return false;
        await pause(when === "complete" ? between(random, 0, 30) : between(random, 30, 500));
      }
      return stage.server.kill();
    },
  },
  {
    name: "second-server",
    what: "a second server is started on the same cache directory: it ends with 2 and says why, the first goes on",
    weight: 2,
    async strike(stage, { at }) {
      const { server } = stage;
      if (!(await stage.reached(at * 0.5)) || !server.running) return false;
      const { pid } = server.process;
      // Should the first one die meanwhile, the second is the server for a moment.
      server.excuse(2);
      // Starting takes longer than such a scan does.
      for (const client of stage.clients) client.signal("SIGSTOP");
      try {
        stage.note("a second server is started");
        const second = stage.commands().server(...stage.serverFlags);
        stage.family.add(second.pid);
        const first = server.process.ended;
        void first.then(() => second.kill("SIGKILL"));
        const end = await second.ended;
        stage.note(`the second server ended with ${String(end.signal ?? end.status)}`);
        if ((await within(0, first, undefined)) !== undefined) return false;
        if (end.status !== 2 || !end.stderr.includes(`another server (process ${pid} on this host)`))
          stage.problem(
            `the second server ended with ${String(end.signal ?? end.status)}: ${end.stderr.trim().split("\n").at(-1) ?? ""}`,
          );
        return true;
      } finally {
        for (const client of stage.clients) client.signal("SIGCONT");
      }
    },
  },
  {
    name: "late-client",
    what: "a client that is started after the scan's end leaves at once with 0",
    weight: 1,
    async strike(stage) {
      await stage.server.finished;
      const late = stage.commands(0).client();
      stage.family.add(late.pid);
      const end = await late.ended;
      if (end.status !== 0) stage.problem(`a late client ended with ${String(end.signal ?? end.status)}`);
      return true;
    },
  },
];
