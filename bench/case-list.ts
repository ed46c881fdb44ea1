import { parseArgs } from "node:util";

/** What a benchmark measures that runs one case after the other. */
export interface CaseList {
  readonly cases: readonly number[];
  readonly json: boolean;
}

/**
 * The settings of a benchmark whose only option beside `--json` is a comma list of cases. Undefined: its usage was asked for.
 * @throws Error for an option that is unknown, or a case that `allowed` does not take
 */
export function readCaseList(
  words: string[],
  option: {
    readonly name: string;
    readonly standard: string;
    readonly isAllowed: (text: string) => boolean;
    readonly allowed: string;
  },
): CaseList | undefined {
  const { values } = parseArgs({
    args: words,
    options: {
      [option.name]: { type: "string", default: option.standard },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values["help"]) return undefined;
  const cases = String(values[option.name]).split(",");
  for (const text of cases)
    if (!option.isAllowed(text)) throw new Error(`--${option.name} ${text} is not allowed: it takes ${option.allowed}`);
  return { cases: cases.map(Number), json: values["json"] };
}
