import { Gauge, type Registry } from 'prom-client';
import type { TableClock } from './store/table-clock';

/** Shows in `/metrics` by how much the process's own clock is corrected; 0 while it is right. */
export function registerClockOffset(registry: Registry, clock: TableClock): void {
  new Gauge({
    name: 'broker_clock_offset_seconds',
    help: 'What is added to the clock of this process to get the time of the table; 0 while they agree',
    registers: [registry],
    collect() {
      this.set(clock.offsetMs / 1000);
    },
  });
}
