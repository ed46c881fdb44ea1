import { test } from "vitest";
import { freshDirectories } from "./fresh-directories.ts";
import { serveTwoScans } from "./shared-client.ts";

const freshDirectory = freshDirectories();

test("one client serves two scans over their embedded brokers, never with more fits at once than it has slots", async () => {
  await serveTwoScans(await freshDirectory(), {});
});
