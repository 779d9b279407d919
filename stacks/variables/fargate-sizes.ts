/** The memory that Fargate offers for a number of CPU units. */
export interface FargateSize {
  /** 1024 units are one vCPU. */
  cpuUnits: number;
  memoryMib: readonly number[];
}

const GIB = 1_024;

/**
 * The sizes of a Linux task, on ARM64 and X86_64 alike. Source: Amazon ECS Developer Guide, "Task definition
 * parameters for Fargate", section "Task size".
 */
export const FARGATE_SIZES: readonly FargateSize[] = [
  { cpuUnits: 256, memoryMib: [512, 1 * GIB, 2 * GIB] },
  { cpuUnits: 512, memoryMib: steps(1 * GIB, 4 * GIB, 1 * GIB) },
  { cpuUnits: 1_024, memoryMib: steps(2 * GIB, 8 * GIB, 1 * GIB) },
  { cpuUnits: 2_048, memoryMib: steps(4 * GIB, 16 * GIB, 1 * GIB) },
  { cpuUnits: 4_096, memoryMib: steps(8 * GIB, 30 * GIB, 1 * GIB) },
  { cpuUnits: 8_192, memoryMib: steps(16 * GIB, 60 * GIB, 4 * GIB) },
  { cpuUnits: 16_384, memoryMib: steps(32 * GIB, 120 * GIB, 8 * GIB) },
];

/** Every whole step from the first to the last number, both included. */
function steps(first: number, last: number, step: number): number[] {
  return Array.from({ length: (last - first) / step + 1 }, (_, index) => first + index * step);
}
