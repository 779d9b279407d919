import { join } from 'node:path';
import { BenchProcess } from '../child-process';
import { epochMs } from '../clock';
import type { TimedAnswer } from './raw-connection';

/** What the load generator's process is asked. */
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- an interface is no Record
export type LoadQuestions = {
  /** The port that each lane's connection is opened to. */
  open: { question: number[]; answer: undefined };
  /** Requests for each lane, sent one after the other; all lanes begin at the same instant. */
  fire: { question: string[][]; answer: { answers: TimedAnswer[][]; cpuMs: number } };
  /** Requests, each sent at its own time whether or not the earlier ones have been answered. */
  pace: { question: PacedRequest[]; answer: { answers: TimedAnswer[]; cpuMs: number } };
};

/** A request with the time at which it is sent. */
export interface PacedRequest {
  port: number;
  request: string;
  /** Milliseconds after the start of the load. */
  afterMs: number;
}

/** A student's call to allocate. */
export interface AllocateCall {
  caller: string;
  namePrefix?: string;
}

/** A call with the time at which it is sent. */
export interface PacedCall extends AllocateCall {
  /** Milliseconds after the start of the load. */
  afterMs: number;
}

/** Sends load from a process of its own, to all API processes in turn. */
export class LoadGenerator {
  /** When the last load was over; long ago before the first. */
  lastAnswerAtMs = 0;
  /** Processor time that the last load cost its own process, taken from what it measures. */
  lastCpuMs = 0;
  readonly #process: BenchProcess<LoadQuestions>;

  constructor(
    private readonly ports: readonly number[],
    private readonly apiToken: string,
    signal: AbortSignal,
  ) {
    this.#process = new BenchProcess(join(__dirname, 'load-process.ts'), signal);
  }

  /** Opens a connection for each lane, the old ones closed; lane 0 to the first API process, lane 1 to the second. */
  async open(laneCount: number): Promise<void> {
    const turns = Array.from({ length: Math.ceil(laneCount / this.ports.length) }, () => this.ports);
    await this.#process.ask('open', turns.flat().slice(0, laneCount));
  }

  /** The answers, lane by lane, in the order of the calls. */
  async allocate(lanes: AllocateCall[][]): Promise<TimedAnswer[][]> {
    try {
      const requests = lanes.map((calls) => calls.map((call) => this.#allocateRequest(call)));
      const { answers, cpuMs } = await this.#process.ask('fire', requests);
      this.lastCpuMs = cpuMs;
      return answers;
    } finally {
      this.lastAnswerAtMs = epochMs();
    }
  }

  /**
   * Sends each call at its own time, to the API processes in turn, on as many connections as are needed for that. Resolves
   * with the answers in the order of the calls, when the last one is there.
   */
  async pace(calls: PacedCall[]): Promise<TimedAnswer[]> {
    try {
      const requests = calls.map((call, index) => ({
        port: this.ports[index % this.ports.length] ?? 0,
        request: this.#allocateRequest(call),
        afterMs: call.afterMs,
      }));
      const { answers, cpuMs } = await this.#process.ask('pace', requests);
      this.lastCpuMs = cpuMs;
      return answers;
    } finally {
      this.lastAnswerAtMs = epochMs();
    }
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }

  #allocateRequest({ caller, namePrefix }: AllocateCall): string {
    return [
      'POST /v1/allocate HTTP/1.1',
      'Host: 127.0.0.1',
      `Authorization: Bearer ${this.apiToken}`,
      `X-Instruqt-Sandbox-ID: ${caller}`,
      'X-Instruqt-Track-ID: bench',
      ...(namePrefix === undefined ? [] : [`X-Sandbox-Name-Prefix: ${namePrefix}`]),
      'Content-Length: 0',
      '\r\n',
    ].join('\r\n');
  }
}
