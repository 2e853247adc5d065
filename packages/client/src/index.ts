export {
  createClient,
  type Client,
  type ClientOptions,
  type ResultOptions,
} from './create-client.ts';
export { type EventsOptions, type RunEvent } from './run-events.ts';
export { RequestRefusedError } from './request-refused-error.ts';
export { type RunReport } from './run-report.ts';
