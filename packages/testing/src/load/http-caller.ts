import { Agent, request } from 'node:http';
import { type z } from 'zod';

/** An answer with its body as text. */
export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/** Many requests to one server over connections that stay. */
export interface HttpCaller {
  /** Rejects when there is no answer. */
  call(method: string, path: string, body?: unknown): Promise<HttpAnswer>;
  close(): void;
}

/** The platform's `fetch` costs a load several times what the server pays for it. */
export function createHttpCaller(url: string): HttpCaller {
  const { hostname, port } = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  return {
    call: (method, path, body) =>
      new Promise((resolve, reject) => {
        const text = body === undefined ? undefined : JSON.stringify(body);
        const headers =
          text === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
        const sent = request({ agent, hostname, port, method, path, headers }, (response) => {
          let answer = '';
          response.setEncoding('utf8').on('data', (chunk: string) => {
            answer += chunk;
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text: answer }));
          response.on('error', reject);
        });
        sent.on('error', reject);
        sent.end(text);
      }),
    close: () => agent.destroy(),
  };
}

/** JSON of an answer; throws when it was refused. */
export function readAnswer<T>({ status, text }: HttpAnswer, schema: z.ZodType<T>): T {
  if (status !== 200) throw new Error(`${status}: ${text.slice(0, 200)}`);
  return schema.parse(JSON.parse(text));
}
