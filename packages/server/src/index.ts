export { createServer, type Server, type ServerOptions } from './create-server.ts';
export { type ApiKey, ROLES, type Role } from './auth/api-key.ts';
export { isLoopbackHost } from './loopback.ts';
export { checkRedisHealth } from './redis-health.ts';
export { type ServerParts } from './server-parts.ts';
