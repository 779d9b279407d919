import type { Refusal } from './aws-refusals';

type Json = Record<string, unknown>;

/** What the emulator gets wrong about one action, and what is done about it. */
export interface EmulatorGap {
  /** The action as in the header `X-Amz-Target`; `ec2.<action>` of EC2, which has none. */
  target: string;
  reason: string;
  /** Refuses what AWS would, before the emulator is asked. */
  refuse?: (request: Json) => Refusal | undefined;
  /** Answers in the emulator's place. */
  insteadOfEmulator?: (request: Json) => Json;
  /** Takes note of a call that the emulator has answered, and completes the answer. */
  afterEmulator?: (request: Json, answer: Json) => Json;
  /** The same of EC2, which is asked in forms and answers in XML. */
  afterEmulatorXml?: (request: URLSearchParams, answer: string) => string;
}
