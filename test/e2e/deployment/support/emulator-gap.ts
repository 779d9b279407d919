type Json = Record<string, unknown>;

/** What the emulator gets wrong about one action, and what is done about it. */
export interface EmulatorGap {
  /** The action as in the header `X-Amz-Target`. */
  target: string;
  reason: string;
  /** Answers in the emulator's place. */
  insteadOfEmulator?: (request: Json) => Json;
  /** Takes note of a call that the emulator has answered, and completes the answer. */
  afterEmulator?: (request: Json, answer: Json) => Json;
}
