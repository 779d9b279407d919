import { seededRandom } from '../../fakes/seeded-random';
import { ENGINE_FAULTS, enginePhases, phaseAt, pickFault, PORTAL_FAULTS, portalPhases } from './phases';
import { processEvents } from './process-events';
import { seededStreams } from './seeded-streams';

const COUNTS = { apiCount: 2, workerCount: 2 };

describe('a plan', () => {
  it('is the same for the same seed, and another for another', () => {
    const plan = (seed: number): string => {
      const stream = seededStreams(seed);
      return JSON.stringify([
        enginePhases(stream('engine'), 60_000),
        portalPhases(stream('portal'), 60_000),
        processEvents(stream('processes'), 60_000, COUNTS),
      ]);
    };
    expect(plan(7)).toBe(plan(7));
    expect(plan(8)).not.toBe(plan(7));
  });

  it('knows every fault there is, and no share of more than one', () => {
    const engine = enginePhases(seededRandom(1), 60_000);
    const portal = portalPhases(seededRandom(1), 60_000);
    expect(new Set(engine.flatMap(({ rates }) => Object.keys(rates)))).toEqual(new Set(ENGINE_FAULTS));
    expect(new Set(portal.flatMap(({ rates }) => Object.keys(rates)))).toEqual(new Set(PORTAL_FAULTS));
    for (const { rates } of [...engine, ...portal]) {
      expect(Object.values(rates).reduce((sum, rate) => sum + rate, 0)).toBeLessThanOrEqual(1);
    }
  });

  it('has one phase at any time, from the start on', () => {
    const phases = enginePhases(seededRandom(1), 60_000);
    expect(phaseAt(phases, 0)).toBe(phases[0]);
    expect(phaseAt(phases, (phases[1]?.fromMs ?? 0) - 1)).toBe(phases[0]);
    expect(phaseAt(phases, 60_000)).toBe(phases.at(-1));
    expect(phaseAt(phases, -1)).toBeUndefined();
  });

  it('kills, freezes and drains processes of both kinds, and the engine, longer than a lease lives', () => {
    const events = processEvents(seededRandom(1), 600_000, COUNTS);
    const kinds = new Set(events.map(({ kind, target }) => `${kind} ${target.role}`));
    expect([...kinds].sort()).toEqual([
      'drain api',
      'drain worker',
      'freeze api',
      'freeze engine',
      'freeze worker',
      'kill api',
      'kill engine',
      'kill worker',
    ]);
    expect(Math.max(...events.map(({ durationMs }) => durationMs))).toBeGreaterThan(4_000);
  });
});

describe('pickFault', () => {
  it('deals each fault its share', () => {
    const random = seededRandom(3);
    const picked = Array.from({ length: 4_000 }, () => pickFault({ slow: 0.25, late: 0.5 }, random));
    const share = (fault: string | undefined): number =>
      picked.filter((each) => each === fault).length / 4_000;
    expect(share('slow')).toBeCloseTo(0.25, 1);
    expect(share('late')).toBeCloseTo(0.5, 1);
    expect(share(undefined)).toBeCloseTo(0.25, 1);
  });
});
