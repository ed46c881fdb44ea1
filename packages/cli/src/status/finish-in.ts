import { z } from "zod";
import { formatDuration } from "@skyscan/server";

/** Of a manifest, what says how much is left and who works on it. */
const manifestSchema = z.object({
  progress: z.object({
    processing_stats: z.object({
      predictions: z.object({
        rest: z.array(z.object({ nside: z.number(), recos: z.number(), "slot seconds per reco": z.number() })),
      }),
    }),
  }),
  workers: z.object({ alive: z.number(), slots: z.number() }),
});

interface Level {
  readonly nside: number;
  readonly fits: number;
  readonly slotSec: number;
}

/** How long these take: one nside after the other, each at least as long as one fit. */
const takesSec = (levels: readonly Level[], slots: number): number =>
  levels.reduce((sum, { fits, slotSec }) => sum + Math.max(1, fits / slots) * slotSec, 0);

/** The fewest slots with which all is done in that time; undefined when no number is enough. */
export function slotsFor(levels: readonly Level[], wishedSec: number): number | undefined {
  let enough = Math.max(1, ...levels.map(({ fits }) => fits));
  if (takesSec(levels, enough) > wishedSec) return undefined;
  for (let tooFew = 0; enough - tooFew > 1;) {
    const slots = Math.floor((enough + tooFew) / 2);
    if (takesSec(levels, slots) <= wishedSec) enough = slots;
    else tooFew = slots;
  }
  return enough;
}

/** Lines that say how many clients it takes to finish in the wished time, with the arithmetic; why not, when that cannot be said. */
export function describeFinishIn(manifest: unknown, wishedSec: number): readonly string[] {
  const wish = formatDuration(wishedSec);
  const parsed = manifestSchema.safeParse(manifest);
  const rest = parsed.success ? parsed.data.progress.processing_stats.predictions.rest : [];
  if (!parsed.success || rest.length === 0) {
    return [`finish in  ${wish}: cannot be said before the first fits are done: start some clients`];
  }
  const { alive, slots: slotsNow } = parsed.data.workers;
  const levels = rest
    .filter(({ recos }) => recos > 0)
    .map((level): Level => ({ nside: level.nside, fits: level.recos, slotSec: level["slot seconds per reco"] }));
  const sums = levels.map(({ nside, fits, slotSec }) => `${fits} fits of nside ${nside} x ${slotSec.toPrecision(3)} s`);
  const workSec = levels.reduce((sum, { fits, slotSec }) => sum + fits * slotSec, 0);
  const work = `           ${sums.join(" + ")} = ${Math.round(workSec)} s of one slot`;
  const now = `now ${alive} ${alive === 1 ? "client" : "clients"} with ${slotsNow} slots`;
  const slots = slotsFor(levels, wishedSec);
  if (slots === undefined) {
    const least = levels.reduce((sum, { slotSec }) => sum + slotSec, 0);
    return [
      `finish in  ${wish}: not with any number of clients: ${levels.length} nsides one after the other take ${formatDuration(least)} at least`,
      work,
    ];
  }
  const perClient = alive === 0 ? 1 : Math.max(1, Math.round(slotsNow / alive));
  const clients = Math.ceil(slots / perClient);
  const more = clients - alive;
  return [
    `finish in  ${wish}: ${clients} clients with ${perClient} ${perClient === 1 ? "slot" : "slots"} each; ${now}: ${more > 0 ? `${more} more` : "enough"}`,
    work,
    `           with ${slots} slots ${formatDuration(takesSec(levels, slots))}: an nside takes its fits / slots, and one fit at least`,
  ];
}
