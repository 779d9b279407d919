import { TerraformElement, Tokenization, type IResolvable, type TerraformStack } from 'cdktf';
import { Construct } from 'constructs';

/** How CDKTF writes a number of Terraform's into text: -8.10…e+298, of which the sign is meant to be part. */
const NUMBER_BESIDE_HYPHEN = /--\d\.\d+e\+298|e\+298-/;

/** Text that ends a string of Terraform's language, or means something else in it. */
const NEEDS_ESCAPING = /["\\]/;

/**
 * What CDKTF 0.21 would write otherwise than it was meant, without a word. Shown one by one, outside of our code, in
 * `findings/cdktf-*.sh`; that the hash of an asset ignores the names of its files is a rule of the linter's.
 *
 * @returns a sentence for each fault, with the place and what to write instead; empty when there is none.
 */
export function synthFaults(stack: TerraformStack): string[] {
  const elements = stack.node.findAll().filter((construct) => TerraformElement.isTerraformElement(construct));
  return [
    ...duplicates(elements),
    ...elements.flatMap((element) => [...new Set(textFaults(element))].map((fault) => at(element, fault))),
  ];
}

/** Ids that differ by what Terraform's names cannot hold become one block, and the last one wins. */
function duplicates(elements: readonly TerraformElement[]): string[] {
  const pathsByBlock = new Map<string, string[]>();
  for (const element of elements) {
    const block = blockOf(element);
    if (block !== undefined) {
      pathsByBlock.set(block, [...(pathsByBlock.get(block) ?? []), element.node.path]);
    }
  }
  return [...pathsByBlock]
    .filter(([, paths]) => paths.length > 1)
    .map(
      ([block, paths]) =>
        `${paths.join(' and ')} would both be ${block}, of which Terraform sees the last only: give them ids that differ by ` +
        'more than spaces, dots and other signs.',
    );
}

/** The keys under which an element is written, such as `resource.aws_vpc.vpc`. */
function blockOf(element: TerraformElement): string | undefined {
  const path: string[] = [];
  let block: unknown = written(element);
  // A provider or backend is a list, or names itself by what it is.
  while (isRecord(block) && path.at(-1) !== element.friendlyUniqueId) {
    const [[key, value] = [], ...others] = Object.entries(block);
    if (key === undefined || others.length > 0) return undefined;
    path.push(key);
    block = value;
  }
  return path.at(-1) === element.friendlyUniqueId ? path.join('.') : undefined;
}

function textFaults(element: TerraformElement): string[] {
  return [...textsIn(written(element), false, new Set())].flatMap(({ text, isInExpression }) => {
    const faults: string[] = [];
    if (NUMBER_BESIDE_HYPHEN.test(text)) {
      faults.push('has a number of Terraform beside a hyphen, which loses one of them: use its stringValue');
    }
    if (isInExpression && NEEDS_ESCAPING.test(text)) {
      faults.push(
        `gives ${JSON.stringify(text)} to a function of Terraform, which is not escaped there: wrap it in Fn.rawString, or ` +
          'use JSON.stringify where nothing in it is known to Terraform only',
      );
    }
    return faults;
  });
}

interface Text {
  text: string;
  /** It is an argument of a function or an operator, which CDKTF writes in Terraform's own language. */
  isInExpression: boolean;
}

/** All text in a value, also within what is known only to Terraform. */
function* textsIn(value: unknown, isInExpression: boolean, seen: Set<unknown>): Generator<Text> {
  if (typeof value === 'string') yield { text: value, isInExpression };
  for (const token of tokensIn(value)) yield* textsIn(token, true, seen);
  if (typeof value !== 'object' || value === null || seen.has(value) || value instanceof Construct) return;
  seen.add(value);
  // That is what escapes.
  if (value.constructor.name === 'RawString') return;
  const isToken = Tokenization.isResolvable(value);
  for (const [key, part] of Object.entries(value)) {
    if (key === 'creationStack') continue;
    if (!Array.isArray(value) && !isToken) yield { text: key, isInExpression };
    yield* textsIn(part, isInExpression || isToken, seen);
  }
}

function tokensIn(value: unknown): IResolvable[] {
  const isText = typeof value === 'string' || typeof value === 'number';
  const isList = Array.isArray(value) && value.every((part) => typeof part === 'string');
  return isText || isList ? Tokenization.reverse(value) : [];
}

function written(element: TerraformElement): unknown {
  return element.toTerraform() as unknown;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function at(element: TerraformElement, fault: string): string {
  return `${element.node.path} ${fault}.`;
}
