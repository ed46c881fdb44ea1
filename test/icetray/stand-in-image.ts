import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { containersMissing, makeUnlessThere, repositoryPath } from "@skyscan/testing";

const standIn = repositoryPath("test/icetray-stand-in");

/** Why there can be no image with the stand-in, or undefined. */
export const standInImageMissing: string | undefined =
  containersMissing ?? (existsSync("/usr/bin/python3") ? undefined : "the image takes this machine's /usr/bin/python3");

/**
 * An image like those of the Skymap Scanner as far as its surroundings go: entry point, places of environment shell and baseline GCD files,
 * the settings of its mathematics. Inside are busybox, bash, this machine's Python, the libraries that Node needs, and the stand-in for the
 * scanner; `gcdDir` is copied in. Made in seconds when there is none of the stand-in as it is now.
 */
export function standInImage(gcdDir: string): Promise<string> {
  const name = `localhost/skyscan-icetray-stand-in:${contentHash()}`;
  const release = "/opt/icetray-stand-in/releases/v3.22.1/env-shell.sh";
  return makeUnlessThere(
    name,
    [
      `root=$(mktemp -d)`,
      `mkdir -p "$root/bin" "$root/opt" "$root/usr/local/icetray"`,
      `mkdir -m 1777 "$root/tmp"`,
      `cp /bin/busybox /bin/bash "$root/bin/"`,
      `for name in $(/bin/busybox --list); do [ -e "$root/bin/$name" ] || ln -s busybox "$root/bin/$name"; done`,
      `python=$(readlink -f /usr/bin/python3)`,
      `cd /`,
      `for file in $(ldd /bin/bash "$python" '${process.execPath}' | grep -o '/[^ :]*' | sort -u); do cp --parents -L "$file" "$root"; done`,
      `cp --parents -a /usr/bin/python3 "$python" "$root"`,
      `tar --exclude=test --exclude=__pycache__ --exclude=config-3.* --exclude=idlelib --exclude=ensurepip -c "usr/lib/\${python##*/}" | tar -C "$root" -x`,
      `cp -R '${standIn}' "$root/opt/icetray-stand-in"`,
      `cp -R '${gcdDir}' "$root/opt/icetray-stand-in/i3-data/baseline_gcds"`,
      `printf '#!/bin/bash\\nexec /bin/bash ${release} "$@"\\n' > "$root/usr/local/icetray/env-shell.sh"`,
      `tar -C "$root" -c . | podman import --change 'ENV PATH=/usr/local/bin:/usr/bin:/bin' --change 'ENV OPENBLAS_CORETYPE=Image' --change 'ENTRYPOINT ["/bin/bash","/usr/local/icetray/env-shell.sh"]' - ${name}`,
      `rm -rf "$root"`,
    ].join("; "),
  );
}

function contentHash(): string {
  const hash = createHash("sha256").update(readFileSync(new URL(import.meta.url)));
  const files = readdirSync(standIn, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const path of files.map((entry) => join(entry.parentPath, entry.name)).sort())
    hash.update(path.slice(standIn.length)).update(readFileSync(path));
  return hash.digest("hex").slice(0, 12);
}
