import { type Task } from '@joinery/worker';
import {
  airportDelays,
  nameAirports,
  rankAirports,
  rankMonth,
  surveyFlights,
  surveyMonth,
  worstDay,
} from './place-tasks.ts';
import { reportDelays } from './report-task.ts';
import {
  compareDistances,
  concludeDistance,
  correlateDistance,
  distanceDelays,
  hourDelays,
  orderHours,
  surveyHours,
} from './time-tasks.ts';

/** Every task type of the workflow `flight_delays`. */
export const flightTasks: readonly Task[] = [
  surveyFlights,
  surveyMonth,
  airportDelays,
  rankMonth,
  worstDay,
  rankAirports,
  nameAirports,
  surveyHours,
  hourDelays,
  orderHours,
  distanceDelays,
  compareDistances,
  correlateDistance,
  concludeDistance,
  reportDelays,
];
