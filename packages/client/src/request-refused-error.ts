import { z } from 'zod';

const bodySchema = z.object({ code: z.string(), message: z.string(), retryable: z.boolean() });

/** The server has refused a request. `code` is of Joinery's catalogue; empty when something else has answered. */
export class RequestRefusedError extends Error {
  override readonly name = 'RequestRefusedError';
  readonly status: number;
  readonly code: string;
  /** The same request may succeed later. */
  readonly isRetryable: boolean;

  constructor(status: number, body: unknown) {
    const { data } = bodySchema.safeParse(body);
    super(data?.message ?? `the server answered ${status}`);
    this.status = status;
    this.code = data?.code ?? '';
    this.isRetryable = data?.retryable ?? status >= 500;
  }
}
