// The rules that decide what a container sees and gets, and whose it is.
import { describe, expect, test } from "vitest";
import { startTicksOf } from "@skyscan/runtime";
import { isOrphan, labelValue, thisClient } from "../src/container/client-label.ts";
import type { ClientIdentity } from "../src/container/client-label.ts";
import { containerEnvironment } from "../src/container/container-environment.ts";
import { containerMounts } from "../src/container/mounts.ts";
import { engineRefusal } from "../src/container/refusal.ts";
import { createSharedTasks } from "../src/container/shared-tasks.ts";
import { childEnvironment } from "../src/process/child-environment.ts";

describe("the environment of a container", () => {
  const client = {
    PATH: "/usr/bin",
    HOME: "/home/me",
    TMPDIR: "/tmp/job",
    LANG: "de_DE.UTF-8",
    TERM: "xterm",
    http_proxy: "http://proxy",
    TOKEN: "secret",
    SKYSCAN_BROKER_AUTH: "token of the broker",
    APPTAINERENV_LD_PRELOAD: "/evil.so",
    SINGULARITYENV_X: "x",
    DOCKER_HOST: "unix:///run/docker.sock",
    OTHER: "other",
  };
  const run = { env: { MODE: "fast", URL: "u={{ENV:TOKEN}}", XDG_CACHE_HOME: "{{SCRATCH}}" }, passEnv: ["TOKEN", "UNSET"] };
  const values = { recoDir: "/r", scratch: "/s", dataHub: "/d", startup: "/u.json" };
  const inside = childEnvironment(run, values, 3, client, true);

  test("is the reco's own, with a home and a temporary directory that are there, and the image's PATH", () => {
    expect(inside).toEqual({
      ...{ HOME: "/s", TMPDIR: "/s", LANG: "de_DE.UTF-8", LC_ALL: "C.UTF-8", TOKEN: "secret", MODE: "fast", URL: "u=secret" },
      ...{ SKYSCAN_STARTUP: "/u.json", SKYSCAN_SLOT: "3", SKYSCAN_SCRATCH: "/s", XDG_CACHE_HOME: "/s" },
    });
  });

  test.each(["docker", "podman"] as const)("of %s shows no value of the client's environment on the command line", (engine) => {
    const { engine: own, shown, named } = containerEnvironment(engine, run, inside, client);
    expect([...named].sort()).toEqual(["TOKEN", "URL"]);
    expect(own).toMatchObject({
      TOKEN: "secret",
      URL: "u=secret",
      HOME: "/home/me",
      PATH: "/usr/bin",
      DOCKER_HOST: client.DOCKER_HOST,
    });
    expect({ ...shown, TOKEN: "secret", URL: "u=secret" }).toEqual(inside);
    expect(own).not.toHaveProperty("SKYSCAN_BROKER_AUTH");
  });

  test.each([
    ["apptainer", "APPTAINER"],
    ["singularity", "SINGULARITY"],
  ] as const)("of %s goes through variables with its prefix, and nothing gets in beside them", (engine, prefix) => {
    const { engine: own, shown, named } = containerEnvironment(engine, run, inside, client);
    expect({ shown, named }).toEqual({ shown: {}, named: [] });
    const entering = Object.entries(own).filter(([name]) => /^(APPTAINER|SINGULARITY)|^TERM$|proxy/.test(name));
    const wanted = Object.entries(inside).filter(([name]) => name !== "HOME");
    expect(Object.fromEntries(entering)).toEqual({
      [`${prefix}_NO_EVAL`]: "1",
      ...Object.fromEntries(wanted.map(([name, value]) => [`${prefix}ENV_${name}`, value])),
    });
    expect(own).not.toHaveProperty("SKYSCAN_BROKER_AUTH");
  });
});

describe("what a container sees of the host", () => {
  const values = { recoDir: "/recos/a", scratch: "/tmp/c/slot", dataHub: "/tmp/c", startup: "/tmp/c/startup.json" };
  const mounts = (change: Partial<Parameters<typeof containerMounts>[0]>): readonly string[] =>
    containerMounts({
      run: { binds: [], passEnv: [] },
      values,
      inputs: [],
      executable: undefined,
      environment: {},
      exists: () => true,
      ...change,
    }).map(({ path, writable }) => `${path} ${writable ? "rw" : "ro"}`);
  const own = ["/recos/a ro", "/tmp/c rw", "/tmp/c/slot rw", "/tmp/c/startup.json ro"];

  test("is the reco's directory and the startup file, read-only, scratch and hub: parents before what is in them", () => {
    expect(mounts({})).toEqual(["/recos/a ro", "/tmp/c rw", "/tmp/c/slot rw", "/tmp/c/startup.json ro"]);
  });

  test("is the directory of the outfile, too; an infile that is elsewhere is a file", () => {
    const files = { infile: "/f/unit/in", outfile: "/f/unit/out" };
    expect(mounts({ values: { ...values, ...files } })).toEqual(expect.arrayContaining([...own, "/f/unit rw"]));
    expect(mounts({ values: { ...values, ...files } })).not.toContain("/f/unit/in ro");
    expect(mounts({ values: { ...values, ...files, infile: "/events/e.json" } })).toContain("/events/e.json ro");
  });

  test("is IceCube's packet and geometry, and an executable beside the reco's directory", () => {
    const all = mounts({ values: { ...values, gcdqpPacket: "/p.json", baselineGcd: "/g.i3" }, executable: "/recos/build/x" });
    expect(all).toEqual(expect.arrayContaining(["/p.json ro", "/g.i3 ro", "/recos/build/x ro"]));
    expect(mounts({ executable: "/recos/a/x" })).toHaveLength(own.length);
  });

  test("is those of the binds that exist, each path once, writable if it is to be", () => {
    const binds = [
      "/cvmfs",
      "/not-there",
      "{{ENV:TABLES}}",
      "{{ENV:UNSET}}",
      "{{RECO_DIR}}/../icetray",
      "/tmp/c/slot",
      "/cvmfs/",
    ];
    const all = mounts({
      run: { binds, passEnv: ["TABLES", "UNSET"] },
      environment: { TABLES: "/data/tables" },
      exists: (path) => path !== "/not-there",
    });
    expect([...all].sort()).toEqual([...own, "/cvmfs ro", "/data/tables ro", "/recos/icetray ro"].sort());
  });
});

describe("a container's label", () => {
  const us: ClientIdentity = { host: "node-1", uid: 1000, boot: "b1", pidNamespace: "4026", pid: 50, startTicks: "900" };
  const lives = (pid: number): string | undefined => ({ 50: "900", 60: "777" })[pid];
  const orphan = (client: Partial<ClientIdentity>, running = true): boolean =>
    isOrphan({ id: "x", label: labelValue({ ...us, ...client }), running }, us, lives);

  test.each([
    ["our own", {}, false],
    ["another client's that lives", { pid: 60, startTicks: "777" }, false],
    ["a client's that is dead", { pid: 70 }, true],
    ["a client's whose process id somebody else has now", { pid: 60, startTicks: "111" }, true],
    ["another user's, whose processes may be hidden", { pid: 70, uid: 0 }, false],
    ["a client's in another container, whose process ids are others", { pid: 70, pidNamespace: "5000" }, false],
    ["another host's", { pid: 70, host: "node-2", boot: "b2" }, false],
    ["what runs since an other boot of a host of our name", { pid: 70, boot: "b0" }, false],
  ] as const)("tells whether it is %s", (_whose, client, dead) => {
    expect(orphan(client)).toBe(dead);
  });

  test("of before this boot is a dead client's when the container does not run", () => {
    expect(orphan({ boot: "b0" }, false)).toBe(true);
  });

  test("that is none of ours says nothing", () => {
    for (const label of ["", "x", "a_b_c_d_e_f"]) expect(isOrphan({ id: "x", label, running: false }, us, lives)).toBe(false);
  });

  test("of this process says that it lives", () => {
    const here = thisClient();
    expect(isOrphan({ id: "x", label: labelValue(here), running: true }, here, startTicksOf)).toBe(false);
    expect(isOrphan({ id: "x", label: labelValue({ ...here, startTicks: "1" }), running: true }, here, startTicksOf)).toBe(true);
  });
});

describe("how a container's command ended", () => {
  const runtime =
    "Error: crun: executable file `fit` not found in $PATH: OCI runtime attempted to invoke a command that was not found";
  test.each([
    ["podman", 127, runtime, "start-failed"],
    [
      "docker",
      127,
      'docker: Error response from daemon: exec: "fit": executable file not found in $PATH: unknown.',
      "start-failed",
    ],
    ["docker", 126, "docker: Error response from daemon: permission denied: unknown.\nRun 'docker run --help'", "start-failed"],
    ["podman", 1, "ERROR (catatonit:2): failed to exec pid1: No such file or directory", "start-failed"],
    ["docker", 127, "[FATAL tini (7)] exec fit failed: No such file or directory", "start-failed"],
    ["podman", 125, "Error: statfs /x: no such file or directory", "image-failed"],
    ["apptainer", 255, "INFO: x\nFATAL:   could not open image /x.sif: no such file", "image-failed"],
    ["singularity", 255, 'FATAL:   "fit": executable file not found in $PATH', "start-failed"],
  ] as const)("tells the engine's own failure: %s %i", (engine, status, stderr, code) => {
    const refusal = engineRefusal({ engine, image: "img" }, "fit", status, `log of before\n${stderr}\n`);
    expect(refusal).toMatchObject({ code, message: expect.stringContaining("img") as string });
    if (code === "start-failed") expect(refusal?.message).toContain("command fit");
  });

  test.each([
    ["podman", 127, "reco.sh: line 3: nonsense: not found"],
    ["podman", 125, "gave up"],
    ["podman", 1, "Error: my own"],
    ["podman", 0, runtime],
    ["podman", 127, `${runtime}\n1\n2\n3\n4\n5`],
    ["apptainer", 255, "Traceback"],
    ["apptainer", null, ""],
  ] as const)("leaves a reco's own status alone: %s %s", (engine, status, stderr) => {
    expect(engineRefusal({ engine, image: "img" }, "fit", status, stderr)).toBeUndefined();
  });
});

describe("work that is shared", () => {
  const never = new AbortController().signal;

  test("is done once for all who ask; a failure is tried again by the next", async () => {
    const tasks = createSharedTasks<number>();
    let done = 0;
    const work = (): Promise<number> => Promise.resolve((done += 1));
    expect(await Promise.all([tasks.run("a", work, never), tasks.run("a", work, never)])).toEqual([1, 1]);
    expect(await tasks.run("a", work, never)).toBe(1);
    const failing = (): Promise<number> => Promise.reject(new Error("no"));
    await expect(tasks.run("b", failing, never)).rejects.toThrow("no");
    expect(await tasks.run("b", work, never)).toBe(2);
  });

  test("is let go by one who no longer wants it, and aborted when nobody does", async () => {
    const tasks = createSharedTasks<number>();
    const first = new AbortController();
    const second = new AbortController();
    let aborted = 0;
    const work = (signal: AbortSignal): Promise<number> =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => {
          aborted += 1;
          reject(new Error("aborted"));
        }),
      );
    const one = tasks.run("a", work, first.signal);
    const two = tasks.run("a", work, second.signal);
    first.abort(new Error("leaving"));
    await expect(one).rejects.toThrow("leaving");
    expect(aborted).toBe(0);
    second.abort(new Error("leaving, too"));
    await expect(two).rejects.toThrow("leaving, too");
    expect(aborted).toBe(1);
    expect(await tasks.run("a", () => Promise.resolve(7), never)).toBe(7);
  });
});
