import type { Usage } from './usage';

/** What one thing that the system does uses of DynamoDB. */
export interface Measured {
  /** In the names of values: lower case with underscores. */
  name: string;
  /** In the table: what it is, and for how much of it. */
  title: string;
  usage: Usage;
}
