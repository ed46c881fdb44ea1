import { setTimeout as pause } from "node:timers/promises";
import { between, pick } from "./chance.ts";
import type { Fault } from "./fault.ts";
import type { KeptBroker } from "./kept-broker.ts";
import type { Stage } from "./stage.ts";

/** What is done to the broker itself, one thing at a time; a server that starts meanwhile finds none and says so. */
function toBroker(
  work: (broker: KeptBroker, stage: Stage, random: Parameters<Fault["strike"]>[1]["random"]) => Promise<void>,
): Fault["strike"] {
  return async (stage, { at, random }) => {
    if (!(await stage.reached(at))) return false;
    stage.server.excuse(2);
    await stage.broker!.alone(() => work(stage.broker!, stage, random));
    return true;
  };
}

export const brokerFaults: readonly Fault[] = [
  {
    name: "kill-broker",
    what: "kill -9 of the broker, started again on its data",
    weight: 2,
    needs: "broker",
    strike: toBroker(async (broker, stage, random) => {
      stage.note("kill -9 broker");
      await broker.kill9();
      await pause(between(random, 0, 1500));
      await broker.restart();
      stage.note("the broker is started again");
    }),
  },
  {
    name: "empty-broker",
    what: "kill -9 of the broker, its disk lost: it comes back empty",
    weight: 2,
    needs: "broker",
    strike: toBroker(async (broker, stage) => {
      stage.note("kill -9 broker, its data go");
      await broker.kill9();
      await broker.wipe();
      await broker.restart();
      stage.note("the broker is started again, empty");
    }),
  },
  {
    name: "stop-broker",
    what: "SIGSTOP of the broker for 3 to 8 s: beyond heartbeats",
    weight: 2,
    needs: "broker",
    strike: toBroker(async (broker, stage, random) => {
      stage.note("the broker stops");
      await broker.freeze();
      try {
        await pause(between(random, 3000, 8000));
      } finally {
        await broker.thaw();
        stage.note("the broker goes on");
      }
    }),
  },
  {
    name: "alarm",
    what: "the broker raises its memory or disk alarm for 2 to 5 s: it takes nothing",
    weight: 2,
    needs: "alarm",
    strike: toBroker(async (broker, stage, random) => {
      const alarm = pick(random, broker.alarms);
      stage.note("the broker raises an alarm");
      await alarm.raise();
      try {
        await pause(between(random, 2000, 5000));
      } finally {
        await alarm.clear();
        stage.note("the alarm is over");
      }
    }),
  },
];
