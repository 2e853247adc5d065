export { type Answer, answerSchema } from './flights/answer.ts';
export { type AnsweredRun, askAboutFlights, awaitAnswer } from './flights/answered-run.ts';
export { directAnswer, type DirectQuestion } from './flights/direct-answer.ts';
export { flightTasks } from './flights/flight-tasks.ts';
export { type Airport, type Flight, readAirports, readFlights } from './flights/flight.ts';
export { FLIGHT_WORKFLOW, readFlightWorkflow } from './flights/flight-workflow.ts';
