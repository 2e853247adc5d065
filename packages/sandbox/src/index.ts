export { createSandbox, type Sandbox } from './sandbox.ts';
export { DEFAULT_LIMITS, type SandboxLimits } from './sandbox-limits.ts';
