import { describe, expect, it } from "vitest";
import { deferred, silentLogger } from "@skyscan/runtime";
import type { Deferred } from "@skyscan/runtime";
import type { BrokerState } from "../src/broker.ts";
import { BrokerError } from "../src/errors.ts";
import { createReopener } from "../src/reopener.ts";
import { createSupervisor } from "../src/supervisor.ts";
import type { Session } from "../src/supervisor.ts";

interface Line extends Session {
  readonly number: number;
  readonly breaks: Deferred<Error>;
}

const unreachable = (): BrokerError => new BrokerError("unreachable", "nobody answers", { retryable: true });

/** Connections that a test makes and breaks; `answers` says how each attempt goes. */
function lines(answers: readonly ("ok" | BrokerError)[], limits = { lostSec: 5, goneSec: 5 }) {
  const made: Line[] = [];
  let attempts = 0;
  return {
    made,
    attempts: () => attempts,
    connect: (): Promise<{ session: Line; limits: typeof limits }> => {
      const answer = answers[attempts] ?? answers.at(-1);
      attempts += 1;
      if (answer instanceof BrokerError) return Promise.reject(answer);
      const breaks = deferred<Error>();
      const session: Line = { number: made.length, breaks, lost: breaks.promise, close: () => Promise.resolve() };
      made.push(session);
      return Promise.resolve({ session, limits });
    },
  };
}

const until = (supervisor: { onState(listener: (state: BrokerState) => void): () => void }, kind: BrokerState["kind"]) =>
  new Promise<BrokerState>((resolve) => {
    const off = supervisor.onState((state) => {
      if (state.kind !== kind) return;
      off();
      resolve(state);
    });
  });

describe("a supervised connection", () => {
  it("fails fast the first time", async () => {
    const network = lines([unreachable()]);
    await expect(
      createSupervisor({ connect: network.connect, restore: () => Promise.resolve([]), logger: silentLogger }),
    ).rejects.toThrow("nobody");
    expect(network.attempts()).toBe(1);
  });

  it("does not wait for what a connection that is gone was asked", async () => {
    const network = lines(["ok"]);
    const asked = deferred();
    const supervisor = await createSupervisor<Line>({
      connect: network.connect,
      restore(line) {
        if (line.number > 1) return Promise.resolve([]);
        asked.resolve();
        return new Promise(() => undefined);
      },
      logger: silentLogger,
    });
    const up = until(supervisor, "up");
    network.made[0]!.breaks.resolve(new Error("cut"));
    await asked.promise;
    network.made[1]!.breaks.resolve(new Error("cut again"));
    await up;
    expect(supervisor.session?.number).toBe(2);
    await supervisor.close();
  });

  it("comes back by itself, restores first, and says what was emptied", async () => {
    const network = lines(["ok", unreachable(), "ok"]);
    const supervisor = await createSupervisor<Line>({
      connect: network.connect,
      restore: (line) => Promise.resolve([`queue-${line.number}`]),
      logger: silentLogger,
    });
    const attached: number[] = [];
    let detached = 0;
    supervisor.add({
      attach: (line) => void attached.push(line.number),
      detach: () => void (detached += 1),
      fail: () => undefined,
    });
    const up = until(supervisor, "up");
    network.made[0]?.breaks.resolve(new Error("cut"));
    const waiting = until(supervisor, "down").then(() => supervisor.whenUp());
    expect(await up).toEqual({ kind: "up", reconnected: true, emptied: ["queue-1"] });
    expect((await waiting).number).toBe(1);
    expect(attached).toEqual([0, 1]);
    expect(detached).toBe(1);
    await supervisor.close();
  });

  it("gives refused credentials the grace time, since tokens are renewed, and then fails with the refusal", async () => {
    const refused = new BrokerError("refused-credentials", "expired");
    const network = lines(["ok", refused], { lostSec: 600, goneSec: 0.3 });
    const supervisor = await createSupervisor<Line>({
      connect: network.connect,
      restore: () => Promise.resolve([]),
      logger: silentLogger,
    });
    const failed = until(supervisor, "failed");
    network.made[0]?.breaks.resolve(new Error("cut"));
    expect(await failed).toEqual({ kind: "failed", error: refused });
    await expect(supervisor.whenUp()).rejects.toBe(refused);
  });
});

describe("what is kept open", () => {
  it("waits for a missing queue as long as the grace time, then is gone", async () => {
    const network = lines(["ok"], { lostSec: 5, goneSec: 0.2 });
    const supervisor = await createSupervisor<Line>({
      connect: network.connect,
      restore: () => Promise.resolve([]),
      logger: silentLogger,
    });
    const failed = deferred<BrokerError>();
    let tries = 0;
    const reopener = createReopener<Line>({
      supervisor,
      open: () => {
        tries += 1;
        return Promise.reject(new BrokerError("queue-gone", "missing"));
      },
      detached: () => undefined,
      failed: (error) => failed.resolve(error),
    });
    await expect(reopener.ready).rejects.toMatchObject({ code: "queue-gone" });
    expect(await failed.promise).toMatchObject({ code: "queue-gone" });
    expect(tries).toBe(2);
    await supervisor.close();
  });

  it("is opened again after trouble on a healthy connection; a missing right is final", async () => {
    const network = lines(["ok"]);
    const supervisor = await createSupervisor<Line>({
      connect: network.connect,
      restore: () => Promise.resolve([]),
      logger: silentLogger,
    });
    const outcomes = [new Error("541 INTERNAL_ERROR"), undefined, new BrokerError("refused-right", "not yours")];
    const failed = deferred<BrokerError>();
    const reopener = createReopener<Line>({
      supervisor,
      open: () => {
        const outcome = outcomes.shift();
        return outcome === undefined ? Promise.resolve() : Promise.reject(outcome);
      },
      detached: () => undefined,
      failed: (error) => failed.resolve(error),
    });
    await reopener.ready;
    reopener.reopen();
    expect(await failed.promise).toMatchObject({ code: "refused-right" });
    await supervisor.close();
  });
});
