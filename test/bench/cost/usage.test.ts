import { dollars, LIST_PRICES, minus, plus, times } from '../../../bench/cost/usage';

const ONE = { calls: 2, readUnits: 1.5, writeUnits: 9 };

describe('usage', () => {
  it('adds, subtracts and multiplies each of its figures', () => {
    expect(plus(ONE, { calls: 1, readUnits: 0.5, writeUnits: 1 })).toEqual({
      calls: 3,
      readUnits: 2,
      writeUnits: 10,
    });
    expect(minus(ONE, { calls: 1, readUnits: 1, writeUnits: 3 })).toEqual({
      calls: 1,
      readUnits: 0.5,
      writeUnits: 6,
    });
    expect(times(ONE, 0.5)).toEqual({ calls: 1, readUnits: 0.75, writeUnits: 4.5 });
  });

  it('costs the list prices for each million units', () => {
    expect(dollars({ calls: 1, readUnits: 1e6, writeUnits: 0 })).toBeCloseTo(LIST_PRICES.perMillionReadUnits);
    expect(dollars({ calls: 1, readUnits: 0, writeUnits: 1e6 })).toBeCloseTo(
      LIST_PRICES.perMillionWriteUnits,
    );
    expect(
      dollars(
        { calls: 0, readUnits: 2e6, writeUnits: 3e6 },
        { perMillionReadUnits: 1, perMillionWriteUnits: 10 },
      ),
    ).toBeCloseTo(32);
  });
});
