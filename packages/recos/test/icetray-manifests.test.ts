import { join } from "node:path";
import { repositoryPath } from "@skyscan/testing";
import { describe, expect, test } from "vitest";
import { loadRegistry, resourcesRecoDirectory } from "../src/manifest/registry.ts";
import { recoVariants } from "../src/manifest/variants.ts";
import type { RegisteredReco, Registry } from "../src/manifest/registry.ts";

const names = ["millipede_original", "millipede_wilks", "splinempe", "splinempe_pointed"];
const variants = { recos: "3.22.1", recos_v4: "4.2.1", recos_warm: "3.22.1" } as const;
type Variant = keyof typeof variants;
const adapters: Readonly<Record<Variant, string>> = {
  recos: "{{RECO_DIR}}/../icetray",
  recos_v4: "{{RECO_DIR}}/../../recos/icetray",
  recos_warm: "{{RECO_DIR}}/../../recos/icetray",
};
const registryOf = (variant: Variant): Registry => loadRegistry({ recoPath: [repositoryPath("resources", variant)] });
const all = (Object.keys(variants) as Variant[]).flatMap((variant) => names.map((name) => [variant, name] as const));
const recoOf = (variant: Variant, name: string): RegisteredReco => registryOf(variant).find(name);

test.each(Object.keys(variants) as Variant[])(
  "resources/%s holds the four algorithms and nothing that cannot be used",
  (variant) => {
    const registry = registryOf(variant);
    expect(registry.problems).toEqual([]);
    const here = registry.recos.filter(({ dir }) => dir.startsWith(`${repositoryPath("resources", variant)}/`));
    expect(here.map(({ manifest }) => manifest.name).sort()).toEqual(names);
    expect(registry.find("millipede").manifest.name).toBe("millipede_original");
  },
);

test("the other ways to run them are known, to be listed", () => {
  expect(recoVariants(repositoryPath("resources"))).toEqual([
    { directory: repositoryPath("resources/recos_v4"), names },
    { directory: repositoryPath("resources/recos_warm"), names },
  ]);
  expect(recoVariants(repositoryPath("nowhere"))).toEqual([]);
});

test("without a reco path they are those of the v3.22 image, one process for each fit", () => {
  expect(resourcesRecoDirectory).toBe(repositoryPath("resources/recos"));
  expect(loadRegistry({ recoPath: [] }).find("millipede")).toMatchObject({
    origin: "resources",
    manifest: { version: "3.22.1", run: { mode: "oneshot", format: "icetray" } },
  });
});

describe.each(all)("%s/%s", (variant, name) => {
  const { manifest, dir } = recoOf(variant, name);
  const { run, prepare } = manifest;

  test("asks for the image of its release, and prepares in the same", () => {
    for (const one of [run, prepare!]) {
      expect(one.image?.docker).toBe(`icecube/skymap_scanner:${variants[variant]}`);
      expect(one.image?.singularity).toMatch(new RegExp(`/skymap_scanner:v${variants[variant]}$`));
      expect(one.shmSize).toBe("6gb");
      expect(one.binds).toEqual(
        expect.arrayContaining([adapters[variant], "/cvmfs/icecube.opensciencegrid.org", "{{ENV:I3_DATA}}"]),
      );
    }
    expect(manifest.needs).toEqual(["gcdqp"]);
    expect(join(dir, adapters[variant].replace("{{RECO_DIR}}", "."))).toBe(repositoryPath("resources/recos/icetray"));
  });

  test("lets nothing in that the image's code would read as its own settings", () => {
    for (const one of [run, prepare!]) {
      expect(one.env).toEqual({});
      expect(one.passEnv).toEqual(["I3_DATA", "SKYSCAN_ICETRAY_SHELL"]);
    }
  });

  test("runs what the release understands, in the image's environment shell", () => {
    const shell = ["sh", `${adapters[variant]}/in-icetray.sh`, "python"];
    const files = ["--infile", "{{INFILE}}", "--outfile", "{{OUTFILE}}"];
    const commands: Readonly<Record<Variant, readonly string[]>> = {
      recos: [
        ...["-m", "skymap_scanner.client.reco_icetray", ...files],
        ...["--gcdqp-packet-json", "{{GCDQP_PACKET}}", "--baseline-gcd-file", "{{BASELINE_GCD}}"],
      ],
      recos_v4: ["-m", "skymap_scanner.client", ...files, "--client-startup-json", "{{STARTUP}}"],
      recos_warm: [
        ...["-B", "-u", `${adapters.recos_warm}/serve.py`, "--algorithm", name],
        ...["--baseline-gcd", "{{BASELINE_GCD}}"],
      ],
    };
    expect(run.command).toEqual([...shell, ...commands[variant]]);
    expect(prepare!.command).toEqual([
      ...[...shell, "-B", "-u", `${adapters[variant]}/prepare.py`, "--algorithm", name],
      ...files,
    ]);
  });

  test("is seeded as in the other variants", () => {
    expect(manifest.seeding).toEqual(recoOf("recos", name).manifest.seeding);
    expect(manifest.calibratedLevels).toEqual(recoOf("recos", name).manifest.calibratedLevels);
  });
});

test("the seeds are the predecessor's", () => {
  const rotated = { rotateVertex: true, refineTime: true, addFallbackPosition: true };
  const cylinder = { kind: "cylinder", radiusM: 150, heightM: 80, n: 6 };
  const seedingOf = (name: string): unknown => recoOf("recos", name).manifest.seeding;
  expect(seedingOf("millipede_original")).toEqual({
    vertexVariations: { kind: "octahedron", radiusM: 20 },
    ...{ rotateVertex: false, refineTime: false, addFallbackPosition: false, pointing: null },
  });
  expect(seedingOf("millipede_wilks")).toEqual({ vertexVariations: { kind: "point" }, ...rotated, pointing: null });
  expect(seedingOf("splinempe")).toEqual({ vertexVariations: cylinder, ...rotated, pointing: null });
  const pointing = { particle: "OnlineL2_SplineMPE", radiusDeg: 3.5 };
  expect(seedingOf("splinempe_pointed")).toEqual({ vertexVariations: cylinder, ...rotated, pointing });
  expect(recoOf("recos", "millipede_original").manifest.calibratedLevels).toEqual({ "50": 22.2, "90": 64.2 });
});
