import { IceCubeError } from "../errors.ts";

/** One of the four streams of width codes of a SuperDST, taken one code per stamp. */
export interface WidthStream {
  /** @throws IceCubeError `truncated` */
  next(): number;
  /** @throws IceCubeError `garbled` when codes are left. */
  end(): void;
}

/**
 * Codes are run-length coded: low nibble the code, high nibble four bits of the run's length; consecutive bytes with the same
 * code carry further bits, least significant first. Runs stay runs, so that a few bytes cannot ask for a large array.
 */
export function createWidthStream(bytes: readonly number[]): WidthStream {
  const runs: { code: number; left: number }[] = [];
  let shift = 0;
  for (const byte of bytes) {
    const code = byte & 15;
    const last = runs.at(-1);
    if (last?.code === code) {
      shift += 4;
      if (shift > 40) throw new IceCubeError("garbled", "SuperDST: a run of widths with more than 44 bits");
      last.left += (byte >> 4) * 2 ** shift;
    } else {
      shift = 0;
      runs.push({ code, left: byte >> 4 });
    }
  }
  let position = 0;
  const skipEmpty = (): void => {
    while (runs[position]?.left === 0) position++;
  };
  return {
    next() {
      skipEmpty();
      const run = runs[position];
      if (run === undefined) throw new IceCubeError("truncated", "SuperDST: the width codes end too early");
      run.left--;
      return run.code;
    },
    end() {
      skipEmpty();
      if (position < runs.length) throw new IceCubeError("garbled", "SuperDST: width codes are left over");
    },
  };
}
