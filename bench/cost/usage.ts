/** What calls to DynamoDB use up. Units are request units of on-demand capacity, those of the indexes included. */
export interface Usage {
  calls: number;
  readUnits: number;
  writeUnits: number;
}

/** US dollars for a million units. */
export interface UnitPrices {
  perMillionReadUnits: number;
  perMillionWriteUnits: number;
}

/**
 * On demand, standard table class, `us-east-1`, as listed by AWS since November 2024
 * (https://aws.amazon.com/dynamodb/pricing/on-demand/). Other regions cost up to twice as much.
 */
export const LIST_PRICES: UnitPrices = { perMillionReadUnits: 0.125, perMillionWriteUnits: 0.625 };

export const NO_USAGE: Usage = { calls: 0, readUnits: 0, writeUnits: 0 };

/** Both together. */
export function plus(one: Usage, other: Usage): Usage {
  return {
    calls: one.calls + other.calls,
    readUnits: one.readUnits + other.readUnits,
    writeUnits: one.writeUnits + other.writeUnits,
  };
}

/** So many times as much; with a fraction, the share of one of many. */
export function times(usage: Usage, factor: number): Usage {
  return {
    calls: usage.calls * factor,
    readUnits: usage.readUnits * factor,
    writeUnits: usage.writeUnits * factor,
  };
}

/** What the first has beyond the second. */
export function minus(usage: Usage, base: Usage): Usage {
  return plus(usage, times(base, -1));
}

/** US dollars. */
export function dollars(usage: Usage, prices: UnitPrices = LIST_PRICES): number {
  const { perMillionReadUnits, perMillionWriteUnits } = prices;
  return (usage.readUnits * perMillionReadUnits + usage.writeUnits * perMillionWriteUnits) / 1e6;
}
