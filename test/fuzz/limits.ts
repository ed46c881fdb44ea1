/** What one input may cost: time of a processor, and memory of the whole process that parses it, Node's own included. */
export const limitMs = 1000;
export const limitMb = 512;

/** Stands for an input's number while none is being parsed. */
export const betweenInputs = 0xffff_ffff;
