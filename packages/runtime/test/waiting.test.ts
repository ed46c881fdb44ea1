import { describe, expect, test, vi } from "vitest";
import { createBackoff, createReleases, deferred, pause, within } from "../src/index.ts";

describe("backoff", () => {
  test("grows to its limit and starts over after a success", () => {
    const backoff = createBackoff({ firstMs: 100, maxMs: 500, jitter: 0 });
    expect([1, 2, 3, 4, 5].map(() => backoff.next())).toEqual([100, 200, 400, 500, 500]);
    backoff.reset();
    expect(backoff.next()).toBe(100);
  });

  test("is drawn from the upper part of the nominal wait, and never passes the limit", () => {
    const drawn = [0, 0.5, 1].map((value) =>
      createBackoff({ firstMs: 1000, maxMs: 800, jitter: 0.5, random: () => value }).next(),
    );
    expect(drawn).toEqual([800, 600, 400]);
  });
});

describe("releases", () => {
  test("run last in, first out, once", async () => {
    const order: string[] = [];
    const releases = createReleases();
    for (const name of ["first", "second", "third"]) releases.add(() => void order.push(name));
    await releases.run();
    await releases.run();
    expect(order).toEqual(["third", "second", "first"]);
  });

  test("all run even when some fail; the first error is thrown, also an undefined one", async () => {
    const last = vi.fn();
    const releases = createReleases();
    releases.add(last);
    releases.add(() => Promise.reject(new Error("second")));
    releases.add(() => {
      throw new Error("first");
    });
    await expect(releases.run()).rejects.toThrow("first");
    expect(last).toHaveBeenCalledOnce();
  });

  test("what a release adds is released too", async () => {
    const inner = vi.fn();
    const releases = createReleases();
    releases.add(() => releases.add(inner));
    await releases.run();
    expect(inner).toHaveBeenCalledOnce();
  });
});

describe("waiting", () => {
  test("a pause ends at once when it is, or becomes, unwanted; it never rejects", async () => {
    const stop = new AbortController();
    const waiting = pause(1e6, stop.signal);
    stop.abort();
    await waiting;
    await pause(1e6, stop.signal);
  });

  test("within gives the value in time, else what stands for late", async () => {
    expect(await within(1e6, Promise.resolve("value"), "late")).toBe("value");
    expect(await within(1, new Promise<string>(() => undefined), "late")).toBe("late");
  });

  test("within passes a rejection on, and swallows one that comes late", async () => {
    await expect(within(1e6, Promise.reject(new Error("no")), "late")).rejects.toThrow("no");
    const slow = deferred<string>();
    expect(await within(1, slow.promise, "late")).toBe("late");
    slow.reject(new Error("nobody listens"));
    await Promise.resolve();
  });
});
