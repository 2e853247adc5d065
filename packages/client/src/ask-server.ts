import { RequestRefusedError } from './request-refused-error.ts';

/** Where the server is, and who asks. */
export interface ClientOptions {
  /** Without a path: `http://127.0.0.1:8080`. */
  readonly url: string;
  /** From `POST /api/token`; asked for at each request, so that it may be renewed. */
  readonly token?: () => string | Promise<string>;
  /** Default: the platform's. */
  readonly fetch?: typeof fetch;
}

/** Sends one request and answers its body: JSON as it is read, all else as text. */
export type Ask = (method: string, path: string, body?: unknown) => Promise<unknown>;

/** Requests to one server. They throw RequestRefusedError when it refuses, and what `fetch` throws. */
export function askServer(options: ClientOptions): Ask {
  const { url, token, fetch: ask = fetch } = options;
  return async (method, path, body) => {
    const hasBody = body !== undefined;
    const response = await ask(new URL(path, url), {
      method,
      headers: {
        ...(hasBody ? { 'content-type': 'application/json' } : {}),
        ...(token ? { authorization: `Bearer ${await token()}` } : {}),
      },
      ...(hasBody ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    const answer = isJson(response) ? parsed(text) : text;
    if (response.ok) return answer;
    throw new RequestRefusedError(response.status, answer);
  };
}

/** A path of the API with one name in it. */
export function pathTo(root: string, name: string, rest = ''): string {
  return `${root}/${encodeURIComponent(name)}${rest}`;
}

/** `?name=value…` of what is given; empty when nothing is. */
export function queryOf(
  values: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) params.set(name, String(value));
  }
  const query = params.toString();
  return query === '' ? '' : `?${query}`;
}

function isJson(response: Response): boolean {
  return response.headers.get('content-type')?.includes('json') === true;
}

function parsed(text: string): unknown {
  return JSON.parse(text);
}
