// `npm run pack:check`: packs every public package, installs the tarballs with npm into an empty directory, and scans the demo's event there.
// What it guards: files and dependencies that a package.json forgot are there in the checkout, and missing for everybody else.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepare } from "./prepare.mjs";
import { checkout, CannotGoOn, command, run, say, step } from "./processes.mjs";

const manifestOf = (name) => JSON.parse(readFileSync(join(checkout, "packages", name, "package.json"), "utf8"));

/** Runs what must succeed and print `wanted`. */
async function succeeds(argv, cwd, wanted) {
  const { status, output } = await run(argv, { cwd, limitSec: 120 });
  if (status !== 0 || !output.includes(wanted))
    throw new CannotGoOn(`${argv.join(" ")}: status ${status}, wanted ${wanted}:\n${output}`);
}
const skyscan = (cwd, args, wanted) => succeeds(["npx", "--no-install", "skyscan", ...args], cwd, wanted);

await command(async () => {
  await prepare();
  const packages = readdirSync(join(checkout, "packages")).filter((name) =>
    existsSync(join(checkout, "packages", name, "package.json")),
  );
  const manifests = packages.map(manifestOf).filter((manifest) => manifest.private !== true);
  const directory = mkdtempSync(join(tmpdir(), "skyscan-pack-"));
  try {
    const tarballs = join(directory, "tarballs");
    const empty = join(directory, "empty");
    mkdirSync(empty);
    const chosen = manifests.flatMap(({ name }) => ["--filter", name]);
    await step("Packing", ["npx", "-y", "pnpm@10", ...chosen, "-r", "pack", "--pack-destination", tarballs]);
    const packed = readdirSync(tarballs);
    if (packed.length !== manifests.length)
      throw new CannotGoOn(`Packed ${packed.length} of ${manifests.length} packages: ${packed.join(", ")}`);

    writeFileSync(join(empty, "package.json"), JSON.stringify({ name: "empty", private: true }));
    const files = packed.map((name) => join(tarballs, name));
    await step("Installing the tarballs", ["npm", "install", "--no-audit", "--no-fund", ...files], { cwd: empty });
    const { version } = manifestOf("cli");
    await skyscan(empty, ["--version"], version);
    await skyscan(empty, ["demo", "--nsides", "8:0"], "best fit");
    await skyscan(empty, ["bundle", "--no-node", "--output", "bundle"], "bundle");
    await succeeds([join(empty, "bundle/bin/skyscan"), "recos"], empty, "millipede_original");
    // IceTray's manifests are of no use without the programs beside them.
    for (const place of ["node_modules/@skyscan/recos/resources", "bundle/resources"])
      for (const name of ["recos/icetray/serve.py", "recos_warm/millipede_original/reco.json", "recos_v4/splinempe/reco.json"])
        if (!existsSync(join(empty, place, name)))
          throw new CannotGoOn(`${place}/${name} is missing: resources/${name} did not come along`);
    say(`skyscan ${version} runs where only its packages are.`);
    return 0;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
