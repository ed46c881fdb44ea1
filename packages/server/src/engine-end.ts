/** Why the live part of a scan is over. */
export type EngineEnd =
  | { readonly kind: "complete" }
  | { readonly kind: "hopeless"; readonly why: string }
  | { readonly kind: "timed-out"; readonly why: string }
  | { readonly kind: "finish-now" }
  | { readonly kind: "stopped"; readonly why: string }
  | { readonly kind: "failed"; readonly error: unknown };
