#!/usr/bin/env node
// A file of its own, because npm links commands when it installs, and dist is built after that.
await import('../dist/main.js');
