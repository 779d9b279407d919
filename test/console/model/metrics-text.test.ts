import { Registry, Gauge } from 'prom-client';
import { parseMetrics } from '../../../app/console/model/metrics-text';

const TEXT = `# HELP wanted What it is
# TYPE wanted counter
wanted{outcome="success",le="+Inf"} 12
wanted{outcome="a \\"quoted\\" \\\\ name\\n"} 1.5e-3
wanted 7 1700000000000
wanted_not{outcome="success"} 9
wanted{broken
`;

describe('parseMetrics', () => {
  it('reads the samples of the wanted metrics, their labels unescaped, and passes over everything else', () => {
    expect(parseMetrics(TEXT, new Set(['wanted']))).toEqual([
      { name: 'wanted', labels: { outcome: 'success', le: '+Inf' }, value: 12 },
      { name: 'wanted', labels: { outcome: 'a "quoted" \\ name\n' }, value: 0.0015 },
      { name: 'wanted', labels: {}, value: 7 },
    ]);
  });

  it('reads what the metrics library writes', async () => {
    const registry = new Registry();
    const gauge = new Gauge({ name: 'one', help: 'x', labelNames: ['label'], registers: [registry] });
    gauge.set({ label: 'a"b\\c\nd,}' }, 3);

    expect(parseMetrics(await registry.metrics(), new Set(['one']))).toEqual([
      { name: 'one', labels: { label: 'a"b\\c\nd,}' }, value: 3 },
    ]);
  });
});
