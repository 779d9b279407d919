import { Lifecycle } from '../app/lifecycle';

describe('Lifecycle', () => {
  it('goes from starting to serving to draining', () => {
    const lifecycle = new Lifecycle();
    expect(lifecycle.state).toBe('starting');

    lifecycle.started();
    expect(lifecycle.state).toBe('serving');

    lifecycle.drain();
    expect(lifecycle.state).toBe('draining');
  });

  it('drains even before it has served', () => {
    const lifecycle = new Lifecycle();

    lifecycle.drain();

    expect(lifecycle.state).toBe('draining');
  });

  it('never serves again once it drains', () => {
    const lifecycle = new Lifecycle();
    lifecycle.drain();

    lifecycle.started();

    expect(lifecycle.state).toBe('draining');
  });
});
