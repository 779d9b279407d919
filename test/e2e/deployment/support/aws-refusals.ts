type Json = Record<string, unknown>;

/** An error as AWS answers it. */
export interface Refusal {
  code: string;
  message: string;
}

/** The task definitions that ECS would start no more; the emulator forgets to ask. */
export class InactiveRevisions {
  private readonly names = new Set<string>();

  /** Takes note of `DeregisterTaskDefinition`. */
  note(answer: Json): Json {
    this.names.add(revisionName((answer.taskDefinition as Json).taskDefinitionArn));
    return answer;
  }

  /** Of a service that is to run one, made or changed. */
  refuse({ taskDefinition }: Json): Refusal | undefined {
    if (taskDefinition === undefined || !this.names.has(revisionName(taskDefinition))) return undefined;
    return { code: 'ClientException', message: 'TaskDefinition is inactive' };
  }
}

/** What parameters allow themselves to be; the emulator keeps the pattern, and any value. */
export class ParameterPatterns {
  private readonly patternsByName = new Map<unknown, RegExp>();

  /** Of `PutParameter`: a pattern that is not given again stays. */
  refuse(request: Json): Refusal | undefined {
    const { Name, Value, AllowedPattern } = request as {
      Name?: string;
      Value?: string;
      AllowedPattern?: string;
    };
    const pattern = AllowedPattern === undefined ? this.patternsByName.get(Name) : new RegExp(AllowedPattern);
    if (pattern === undefined) return undefined;
    if (!pattern.test(Value ?? '')) {
      return {
        code: 'ParameterPatternMismatchException',
        message: `Parameter value, cannot be validated against allowedPattern: ${pattern.source}`,
      };
    }
    this.patternsByName.set(Name, pattern);
    return undefined;
  }
}

/** Of calls that the emulator answers as if it had understood them: a test that makes one would prove nothing. */
export function refuseMisunderstood(what: string, isIt: (request: Json) => boolean) {
  return (request: Json): Refusal | undefined =>
    isIt(request)
      ? {
          code: 'EmulatorMisunderstands',
          message: `The AWS emulator answers, but ${what}: ask something else (emulator-gaps.ts)`,
        }
      : undefined;
}

function revisionName(arnOrName: unknown): string {
  return String(arnOrName).split('/').pop() ?? '';
}
