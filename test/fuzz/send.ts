import { request, type Agent } from 'node:http';
import type { Answer } from '../http/http-client';
import type { FuzzRequest } from './fuzz-request';

/**
 * Sends a request exactly as it is, on a kept connection if the agent keeps any. A kept connection that the server has
 * just ended says nothing about the request: it is sent once more then.
 */
export async function send(port: number, asked: FuzzRequest, agent: Agent): Promise<Answer> {
  try {
    return await sendOnce(port, asked, agent);
  } catch (error) {
    if (!(error instanceof LostConnectionError)) throw error;
    return sendOnce(port, asked, agent);
  }
}

class LostConnectionError extends Error {}

async function sendOnce(port: number, asked: FuzzRequest, agent: Agent): Promise<Answer> {
  const { method, target, headers, body } = asked;
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: target, method, headers: headers.flat(), agent });
    sent.setTimeout(20_000, () => sent.destroy(new Error('no answer within 20 s')));
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const isLost = sent.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      reject(isLost ? new LostConnectionError() : error);
    });
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    sent.end(body);
  });
}
