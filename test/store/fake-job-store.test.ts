import { FakeJobStore } from '../fakes/fake-job-store';
import { describeJobStore } from './job-store-contract';
import { describeRunTraces } from './run-traces-contract';

describeJobStore('FakeJobStore', () => Promise.resolve(new FakeJobStore()));
describeRunTraces('FakeJobStore', () => Promise.resolve(new FakeJobStore()));
