import { get } from 'node:http';
import type { Config } from '../../common/config/config.js';
import { CanopyError } from '../../common/errors.js';

/** Milliseconds that the agent may take for an answer. */
const PATIENCE = 10_000;

/** Asks the agent of this host itself, at `agent.listen`. Throws `CONFIG_INVALID` where that is not set and `UNAVAILABLE` when nobody answers. */
export async function askAgent<T>({ agent: { listen } }: Config, path: string): Promise<T> {
  if (listen === undefined || listen.endsWith(':0')) {
    throw new CanopyError(
      'CONFIG_INVALID',
      'the agent of this host can be asked only where agent.listen is set\nSet it for the agent and for this command: agent.listen: 127.0.0.1:8083',
    );
  }
  const address = listen.startsWith(':') ? `127.0.0.1${listen}` : listen;
  const text = await new Promise<string>((resolve, reject) => {
    const fail = (cause: Error): void => {
      const message = `the agent of this host does not answer on ${address}: ${cause.message}\nIs it running, with the same agent.listen?`;
      reject(new CanopyError('UNAVAILABLE', message, { retriable: true, cause }));
    };
    const request = get(`http://${address}${path}`, { timeout: PATIENCE }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (body += part));
      response.on('end', () => (response.statusCode === 200 ? resolve(body) : fail(new Error(`status ${response.statusCode}`))));
      response.on('error', fail);
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${PATIENCE / 1000} s`)));
    request.on('error', fail);
  });
  return JSON.parse(text) as T;
}
