/** One line of the Prometheus text format. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const LINE = /^(?<name>[A-Za-z_:][\w:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)/;
const LABEL = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** The samples of these metrics. Lines that are none, and all other metrics, are passed over. */
export function parseMetrics(text: string, names: ReadonlySet<string>): Sample[] {
  return text.split('\n').flatMap((line) => {
    const parts = LINE.exec(line)?.groups;
    if (parts?.name === undefined || !names.has(parts.name)) return [];
    const labels = [...(parts.labels ?? '').matchAll(LABEL)].map(([, key = '', value = '']) => [
      key,
      value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped)),
    ]);
    return [
      {
        name: parts.name,
        labels: Object.fromEntries(labels) as Sample['labels'],
        value: toNumber(parts.value),
      },
    ];
  });
}

function toNumber(text: string | undefined): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  return Number(text);
}
