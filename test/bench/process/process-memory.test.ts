import { parseProcStatus } from '../../../bench/process/process-memory';

it('reads resident memory and its peak, in MB', () => {
  const text = 'Name:\tnode\nVmPeak:\t 9999999 kB\nVmHWM:\t  204800 kB\nVmRSS:\t  102400 kB\n';

  expect(parseProcStatus(text)).toEqual({ rssMb: 100, peakRssMb: 200 });
});

it('says what is missing', () => {
  expect(() => parseProcStatus('VmRSS:\t 1 kB\n')).toThrow('/proc names no VmHWM');
});
