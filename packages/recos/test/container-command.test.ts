// What is said to each engine: whole command lines, as they are started.
import { describe, expect, test } from "vitest";
import { containerArguments } from "../src/container/container-command.ts";
import type { ContainerSpec } from "../src/container/container-command.ts";

const spec: ContainerSpec = {
  engine: "docker",
  image: "icecube/skymap:v3.22",
  command: ["python", "-m", "fit", "--hits", "a b", "$HOME", "x,y:z"],
  name: "skyscan-fixture-3-0af1",
  labels: { "org.skyscan.client": "host_0_boot_4026_7_99" },
  mounts: [
    { path: "/s", writable: true },
    { path: "/recos/a b", writable: false },
  ],
  environment: { shown: { SKYSCAN_SLOT: "3", TMPDIR: "/s" }, named: ["TOKEN"] },
  scratch: "/s",
  user: { uid: 1000, gid: 100 },
  shmSize: null,
  network: false,
  stdin: false,
};
const command = ["icecube/skymap:v3.22", "python", "-m", "fit", "--hits", "a b", "$HOME", "x,y:z"];
const docker = (change: { readonly first?: string[]; readonly user?: string[]; readonly network?: string[] } = {}): string[] => [
  ...["run", "--rm", "--init", ...(change.first ?? []), "--pull=never", "--log-driver=none", "--security-opt=label=disable"],
  ...["--name=skyscan-fixture-3-0af1", "--label=org.skyscan.client=host_0_boot_4026_7_99", "--user=1000:100"],
  ...(change.user ?? []),
  ...(change.network ?? ["--network=none"]),
  ...["--workdir=/s", "--mount=type=bind,source=/s,target=/s", "--mount=type=bind,source=/recos/a b,target=/recos/a b,readonly"],
  ...["--env=SKYSCAN_SLOT=3", "--env=TMPDIR=/s", "--env=TOKEN", ...command],
];
const apptainer = (network: string[] = ["--net", "--network=none"]): string[] => [
  ...["run", "--containall", "--cleanenv", "--home=/s", "--pwd=/s", ...network],
  ...["--bind", "/s:/s:rw", "--bind", "/recos/a b:/recos/a b:ro", ...command],
];

describe("the command line of a container", () => {
  test.each([
    ["docker", {}, docker()],
    ["docker, talked to", { stdin: true }, docker({ first: ["--interactive"] })],
    ["docker, network and memory", { network: true, shmSize: "6gb" }, docker({ network: ["--network=host", "--shm-size=6gb"] })],
    ["podman as a user", { engine: "podman" }, docker({ user: ["--userns=keep-id", "--http-proxy=false"] })],
    [
      "podman as root",
      { engine: "podman", user: { uid: 0, gid: 0 } },
      docker({ user: ["--http-proxy=false"] }).map((word) => (word === "--user=1000:100" ? "--user=0:0" : word)),
    ],
    ["apptainer", { engine: "apptainer" }, apptainer()],
    ["singularity", { engine: "singularity" }, apptainer()],
    // Nothing says "stdin" there, and there is no size to set.
    ["apptainer, talked to, network, memory", { engine: "apptainer", stdin: true, network: true, shmSize: "6gb" }, apptainer([])],
  ] as const)("of %s", (_what, change, argv) => {
    expect(containerArguments({ ...spec, ...change })).toEqual(argv);
  });

  const odd = ["/a b", "/a,b", "/a:b", '/a"b', "/a=b", "/a,b:c", "/$(a)"].map((path) => ({ path, writable: false }));

  test.each(["docker", "podman"] as const)("of %s holds paths with commas, colons, quotes and spaces as they are", (engine) => {
    const argv = containerArguments({ ...spec, engine, mounts: odd });
    expect(argv.filter((word) => word.startsWith("--mount="))).toEqual([
      "--mount=type=bind,source=/a b,target=/a b,readonly",
      '--mount=type=bind,"source=/a,b","target=/a,b",readonly',
      "--mount=type=bind,source=/a:b,target=/a:b,readonly",
      '--mount=type=bind,"source=/a""b","target=/a""b",readonly',
      "--mount=type=bind,source=/a=b,target=/a=b,readonly",
      '--mount=type=bind,"source=/a,b:c","target=/a,b:c",readonly',
      "--mount=type=bind,source=/$(a),target=/$(a),readonly",
    ]);
  });

  test.each(["apptainer", "singularity"] as const)("of %s uses the newer option only for paths that need it", (engine) => {
    const argv = containerArguments({ ...spec, engine, mounts: odd });
    const at = (word: string): readonly string[] => argv.filter((_, index) => argv[index - 1] === word);
    expect(at("--bind")).toEqual(["/a b:/a b:ro", "/a=b:/a=b:ro", "/$(a):/$(a):ro"]);
    expect(at("--mount")).toEqual([
      'type=bind,"source=/a,b","destination=/a,b",ro',
      "type=bind,source=/a:b,destination=/a:b,ro",
      'type=bind,"source=/a""b","destination=/a""b",ro',
      'type=bind,"source=/a,b:c","destination=/a,b:c",ro',
    ]);
  });

  test.each([
    ["docker", { mounts: [{ path: "/a\nb", writable: false }] }, /line break/],
    ["apptainer", { mounts: [{ path: "/a\nb", writable: false }] }, /line break/],
    ["apptainer", { scratch: "/a:b" }, /--scratch-dir/],
    ["singularity", { scratch: "/a,b" }, /--scratch-dir/],
  ] as const)("of %s that would not say what is meant is refused: %o", (engine, change, says) => {
    const refuse = (): unknown => containerArguments({ ...spec, engine, ...change });
    expect(refuse).toThrow(expect.objectContaining({ code: "image-failed" }));
    expect(refuse).toThrow(says);
  });
});
