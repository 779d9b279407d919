import { FakeJobStore } from '../fakes/fake-job-store';
import { describeJobStore } from './job-store-contract';

describeJobStore('FakeJobStore', () => Promise.resolve(new FakeJobStore()));
