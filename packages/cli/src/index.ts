export { EMBEDDED_DIR, type EmbeddedRedis, openEmbeddedRedis } from './embedded-redis.ts';
export { describeEvent, type FollowedStore, type FollowOptions, followRun } from './follow-run.ts';
export { renderRun, renderRuns } from './render-run.ts';
export {
  createRoleServices,
  type Role,
  type RoleOptions,
  ROLES,
  type RoleServices,
} from './roles.ts';
export { runCli } from './run-cli.ts';
export { openSession, type Session, type SessionOptions } from './session.ts';
export { momentText, renderTable, spanText } from './table.ts';
export { type Terminal } from './terminal.ts';
