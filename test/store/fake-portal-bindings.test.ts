import { FakePortalBindings } from '../fakes/fake-portal-bindings';
import { describePortalBindings } from './portal-bindings-contract';

describePortalBindings('FakePortalBindings', () => Promise.resolve(new FakePortalBindings()));
