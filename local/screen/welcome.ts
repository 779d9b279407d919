import type { LocalSystem } from '../local-system';

/** What people see when the system is up: where everything is, and three calls to try. */
export function welcomeText(
  system: LocalSystem,
  { basePath, jobs, files }: { basePath: string; jobs: string; files: string },
): string {
  const [first] = system.apis;
  const base = `${first?.url ?? ''}${basePath}`;
  const headers = `-H 'Authorization: Bearer ${system.brokerApiToken}' -H 'X-Instruqt-Sandbox-ID: student-1'`;
  return `
The sandbox broker runs on this machine, as it would in production. Ctrl-C stops it.

  API          ${system.apis.map((api) => api.url).join('  ')}  (base path ${basePath})
  Console      ${first?.url ?? ''}/console  (asks for the admin token)
  Metrics      ${[...system.apis, ...system.workers].map(({ url }) => `${url}/metrics`).join('  ')}
  Jobs         ${jobs}
  Track token  ${system.brokerApiToken}
  Admin token  ${system.brokerAdminToken}
  Portal       ${system.cspUrl}  (a simulator; docs/console.md breaks it with one curl)
  DynamoDB     ${system.dynamodbEndpoint}  (table ${system.tableNames.table})
  Files        ${files}

Get a sandbox:

  curl -sw '\\n' -X POST ${base}/allocate ${headers}

Look at it, and give it back, with the sandbox_id of the answer in the place of SANDBOX_ID:

  curl -sw '\\n' ${base}/sandboxes/SANDBOX_ID ${headers}
  curl -sw '\\n' -X POST ${base}/sandboxes/SANDBOX_ID/mark-for-deletion ${headers}
`;
}
