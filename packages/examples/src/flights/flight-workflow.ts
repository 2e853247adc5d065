import { type Json } from '@joinery/core';
import { readFileSync } from 'node:fs';

/** The name of the workflow that answers the question about flights. */
export const FLIGHT_WORKFLOW = 'flight_delays';

/** Its definition, as in `definitions/flight-delays.json`. */
export function readFlightWorkflow(): Json {
  const file = new URL('../../definitions/flight-delays.json', import.meta.url);
  const definition: Json = JSON.parse(readFileSync(file, 'utf8'));
  return definition;
}
