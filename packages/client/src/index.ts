export {
  createClient,
  type Client,
  type ClientOptions,
  type ResultOptions,
} from './create-client.ts';
export { RequestRefusedError } from './request-refused-error.ts';
export { type RunReport } from './run-report.ts';
