import { z } from 'zod';
import {
  externalId,
  requestHeader,
  sandboxId,
  sandboxName,
  sandboxPath,
  sandboxStatus,
  sfdcAccountId,
  time,
} from './fields';
import type { Operation } from './operation';

/** What allocate answers. */
export const allocationSchema = z
  .strictObject({
    sandbox_id: sandboxId,
    name: sandboxName,
    external_id: externalId,
    allocated_at: time('When it was allocated.'),
    expires_at: time('When the lab ends. After a grace period it is taken back.', 1_795_453_403),
    sfdc_account_id: sfdcAccountId,
  })
  .meta({ id: 'Allocation', description: 'The sandbox that the caller has now.' });

export type AllocationBody = z.output<typeof allocationSchema>;

/** A sandbox as its holder sees it. */
export const sandboxSchema = z
  .strictObject({
    sandbox_id: sandboxId,
    name: sandboxName,
    external_id: externalId,
    status: sandboxStatus,
    track_name: z
      .string()
      .nullable()
      .meta({ description: 'The lab’s name, if it was sent.', examples: ['intro-to-labs'] }),
    allocated_at: time('When it was allocated.').nullable(),
    expires_at: time('When the lab ends.', 1_795_453_403).nullable(),
    deletion_requested_at: time('When it was given back, or expired.', 1_795_440_000).nullable(),
    sfdc_account_id: sfdcAccountId,
  })
  .meta({ id: 'Sandbox', description: 'A sandbox as its holder sees it.' });

export type SandboxBody = z.output<typeof sandboxSchema>;

export const ALLOCATION_EXAMPLE: AllocationBody = {
  sandbox_id: '2009537',
  name: 'csp-sandbox-0017',
  external_id: 'identity/accounts/249f5d1c-7d21-4d0f-9d5e-1f2c3a4b5c6d',
  allocated_at: 1_795_439_003,
  expires_at: 1_795_453_403,
  sfdc_account_id: '001BE91C4A',
};

export const SANDBOX_EXAMPLE: SandboxBody = {
  ...ALLOCATION_EXAMPLE,
  status: 'allocated',
  track_name: 'intro-to-labs',
  deletion_requested_at: null,
};

const callerHeaders = {
  'X-Instruqt-Sandbox-ID': requestHeader(
    'Who is calling: one student’s instance. This or `X-Track-ID` is needed.',
    'student-1',
  ),
  'X-Track-ID': requestHeader(
    'The same from old scripts; counts where `X-Instruqt-Sandbox-ID` is missing.',
    'student-1',
  ),
};

/** What lab scripts call. */
export const SANDBOX_OPERATIONS: Operation[] = [
  {
    operationId: 'allocate',
    method: 'post',
    path: '/allocate',
    at: 'base',
    tag: 'Sandboxes',
    access: 'track',
    summary: 'Get a sandbox',
    description:
      'Gives the caller a sandbox of their own. Repeating the call with the same headers is always safe, also after a ' +
      'lost answer: until it is given back or its time is over, the answer is the same sandbox.',
    headers: z.object({
      ...callerHeaders,
      'Idempotency-Key': requestHeader(
        'One sandbox for each key of a caller. Without it the caller has one sandbox.',
        'lab-7',
      ),
      'X-Sandbox-Name-Prefix': requestHeader('Only a sandbox whose name begins with this.', 'csp-'),
      'X-Instruqt-Track-ID': requestHeader(
        'The lab’s name, for people who look at the pool.',
        'intro-to-labs',
      ),
    }),
    answers: {
      200: {
        description: 'The sandbox that this caller and key have already.',
        schema: allocationSchema,
        example: ALLOCATION_EXAMPLE,
      },
      201: {
        description: 'A new one.',
        schema: allocationSchema,
        example: ALLOCATION_EXAMPLE,
      },
    },
    errors: ['NO_SANDBOXES_AVAILABLE', 'ALLOCATION_CONTENDED', 'SERVICE_UNAVAILABLE', 'PAYLOAD_TOO_LARGE'],
  },
  {
    operationId: 'getSandbox',
    method: 'get',
    path: '/sandboxes/{id}',
    at: 'base',
    tag: 'Sandboxes',
    access: 'track',
    summary: 'Look at a sandbox',
    description: 'Shows a sandbox to whoever has it, or had it last.',
    pathParameters: sandboxPath,
    headers: z.object(callerHeaders),
    answers: {
      200: {
        description: 'The sandbox.',
        schema: sandboxSchema,
        example: SANDBOX_EXAMPLE,
      },
    },
    errors: ['NOT_SANDBOX_OWNER', 'SANDBOX_NOT_FOUND', 'SERVICE_UNAVAILABLE'],
  },
  {
    operationId: 'markForDeletion',
    method: 'post',
    path: '/sandboxes/{id}/mark-for-deletion',
    at: 'base',
    tag: 'Sandboxes',
    access: 'track',
    summary: 'Give a sandbox back',
    description:
      'Takes the sandbox back; it is deleted soon after. Repeating the call is safe, also when its time was over first.',
    pathParameters: sandboxPath,
    headers: z.object(callerHeaders),
    answers: {
      200: {
        description: 'It is given back, now or since an earlier call.',
        schema: sandboxSchema,
        example: {
          ...SANDBOX_EXAMPLE,
          status: 'pending_deletion',
          deletion_requested_at: 1_795_440_000,
        },
      },
    },
    errors: [
      'NOT_SANDBOX_OWNER',
      'ALLOCATION_EXPIRED',
      'SANDBOX_NOT_FOUND',
      'SERVICE_UNAVAILABLE',
      'PAYLOAD_TOO_LARGE',
    ],
  },
];
