/**
 * What was opened, closed last-in first-out. Every release runs even when others fail; the first error is thrown at the end.
 * Running twice is harmless.
 */
export interface Releases {
  add(release: () => Promise<void> | void): void;
  run(): Promise<void>;
}

export function createReleases(): Releases {
  const stack: (() => Promise<void> | void)[] = [];
  return {
    add: (release) => void stack.push(release),
    async run() {
      let failed = false;
      let first: unknown;
      for (let release = stack.pop(); release !== undefined; release = stack.pop()) {
        try {
          await release();
        } catch (error) {
          if (!failed) first = error;
          failed = true;
        }
      }
      if (failed) throw first;
    },
  };
}
