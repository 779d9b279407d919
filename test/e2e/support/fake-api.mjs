/**
 * Stands in for the API where a test is about the processes around it: healthy at once, shows its environment, and
 * ends at SIGTERM. FAKE_API_EXIT_CODE makes it end at its start instead.
 */
import { createServer } from 'node:http';

if (process.env.FAKE_API_EXIT_CODE !== undefined) {
  console.error('fake API: this configuration is wrong');
  process.exit(Number(process.env.FAKE_API_EXIT_CODE));
}

const server = createServer((request, response) => {
  if (request.url === '/environment') response.end(JSON.stringify(process.env));
  else response.writeHead(request.url === '/healthz' ? 200 : 404).end();
});
server.listen(Number(process.env.PORT ?? process.env.WORKER_PORT), () => {
  console.log('fake API listening');
});
process.on('SIGTERM', () => {
  console.log('fake API ended in order');
  process.exit(0);
});
