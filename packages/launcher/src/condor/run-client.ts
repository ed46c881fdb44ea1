import { shellQuoted } from "../shell-words.ts";

/** The job's executable: unpacks the bundle beside it and becomes the client. Nothing stands between it and signals. */
export const runClientScript = (tarball: string): string => `#!/bin/sh
# Unpacks the bundle where the job runs, and becomes its program: run-client.sh client FLAGS…
# Status 6, as when scratch cannot be written: this host has no room, or no tar.
mkdir skyscan-bundle && tar -xzf ${shellQuoted(tarball)} -C skyscan-bundle --strip-components=1 || exit 6
rm -f ${shellQuoted(tarball)}
exec ./skyscan-bundle/bin/skyscan "$@"
`;
