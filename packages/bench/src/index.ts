export { type CommandCounts, countCommands } from './command-log.ts';
export { openJoineryService, type JoineryServiceOptions, type Role } from './joinery-service.ts';
export { countingCalls, type MethodCalls } from './method-calls.ts';
export { type LoadDriver, type LoopResult } from './load-driver.ts';
export { measureRound, type RoundPlan, type RoundResult, type RoundSize } from './measure-round.ts';
export { measureScripts, type ScriptCost } from './script-costs.ts';
export { openDriver, openService, type SubjectAt } from './open-subject.ts';
export { countJobs, readUsage, type RedisUsage, usagePer } from './redis-usage.ts';
export {
  SUBJECTS,
  subjectsOf,
  type BenchService,
  type Site,
  type Subject,
  type SubjectSettings,
} from './subject.ts';
export { WORKLOADS, workloadOf, type Workload, type WorkloadName } from './workload.ts';
