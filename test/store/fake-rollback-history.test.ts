import { FakeRollbackHistory } from '../fakes/fake-rollback-history';
import { describeRollbackHistory } from './rollback-history-contract';

describeRollbackHistory('FakeRollbackHistory', () => Promise.resolve(new FakeRollbackHistory()));
