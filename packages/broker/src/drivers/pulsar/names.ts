/** The one subscription of a queue's topic, which all who consume the queue share; its properties say that the queue was declared, and how. */
export const queueSubscription = "skyscan";
/** The subscription that keeps what was broadcast: nobody ever reads it. */
export const controlSubscription = "skyscan-control";
/** Whoever holds a lock is its one consumer. */
export const lockSubscription = "skyscan-lock";
/** Of a subscription: JSON of what was declared. */
export const declaredProperty = "skyscan";
/** Of a broadcast: which declaration of the channel it belongs to. */
export const epochProperty = "skyscan-epoch";
