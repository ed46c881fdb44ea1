/** A scan's id names queues and directories: no dots alone, which would be another directory. */
const scanIdPattern = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,200}$/;

export const scanIdRule = "1 to 200 of the characters A-Z a-z 0-9 . _ - (and not . or .. alone)";
export const isScanId = (text: string): boolean => scanIdPattern.test(text);

/** The queues of one scan; only the server makes and deletes them (engine-protocol, section 2). */
export interface ScanQueues {
  readonly work: string;
  readonly replies: string;
  readonly dead: string;
  readonly workers: string;
  readonly control: string;
  readonly lock: string;
}

export const scanQueues = (basename: string): ScanQueues => ({
  work: `to-clients-${basename}`,
  replies: `from-clients-${basename}`,
  dead: `dead-${basename}`,
  workers: `workers-${basename}`,
  control: `control-${basename}`,
  lock: `lock-${basename}`,
});

/** Returns of a work message (lost consumers, drains) before it goes to `dead`. */
export const workDeliveryLimit = 5;
/** RabbitMQ 4 would drop at 20: a server that crashes again and again must not lose replies. */
export const replyDeliveryLimit = 1_000_000;
export const workersTimeToLiveSec = 90;
export const workersMaxLength = 10_000;
