import { afterAll, afterEach } from "vitest";
import { endAllSkyscan, temporaryDirectory } from "@skyscan/testing";

/**
 * Makes directories for the tests of one file: call it once, before the file's own hooks. After each test every skyscan process is
 * ended; after all of them the directories are removed.
 */
export function freshDirectories(): () => Promise<string> {
  const made: { remove(): Promise<void> }[] = [];
  afterEach(endAllSkyscan);
  afterAll(async () => {
    await Promise.all(made.map((directory) => directory.remove()));
  });
  return async () => {
    const directory = await temporaryDirectory();
    made.push(directory);
    return directory.path;
  };
}
