/** Unless told otherwise, no reader takes a file, or unpacks members, of more than this: 1 GiB, sixteen million pixels. */
export const defaultMaxBytes: number = 2 ** 30;
