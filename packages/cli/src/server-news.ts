import type { ProgressSnapshot, ScanEnd } from "@skyscan/server";

/** What a server says over its channel to the process that started it (`skyscan scan-many`). */
export type ServerNews = { readonly progress: ProgressSnapshot } | { readonly end: ScanEnd };

/** Resolves when it was said, or there is nobody to say it to. */
export const tellStarter = (news: ServerNews): Promise<void> =>
  new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(news, undefined, undefined, () => resolve());
  });

/** This process was started by another one of ours, which knows by itself what it asked for. */
export const hasStarter = (): boolean => process.connected;
