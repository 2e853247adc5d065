import { spawnSync } from 'node:child_process';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A wall clock that is set from outside, for a process that is started with this environment. */
export interface ShiftedClock extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
  /** From now on the process' wall clock is ahead by so much, ms. Monotonic clocks go on as they are. */
  set(aheadMs: number): Promise<void>;
}

/** libfaketime keeps a server that is built with jemalloc from starting; this allocates nothing. */
const SOURCE = `
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static volatile int64_t *ahead_ms;
__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("JOINERY_TEST_CLOCK");
  int fd = path ? open(path, O_RDONLY) : -1;
  if (fd < 0) return;
  void *page = mmap(0, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
  if (page != MAP_FAILED) ahead_ms = page;
  close(fd);
}
int clock_gettime(clockid_t id, struct timespec *t) {
  int failed = (int)syscall(SYS_clock_gettime, id, t);
  if (failed || id != CLOCK_REALTIME || !ahead_ms) return failed;
  int64_t ns = t->tv_nsec + (*ahead_ms % 1000) * 1000000;
  t->tv_sec += *ahead_ms / 1000 + ns / 1000000000;
  t->tv_nsec = ns % 1000000000;
  return 0;
}
int gettimeofday(struct timeval *restrict tv, void *restrict tz) {
  (void)tz;
  struct timespec t;
  int failed = clock_gettime(CLOCK_REALTIME, &t);
  tv->tv_sec = t.tv_sec;
  tv->tv_usec = t.tv_nsec / 1000;
  return failed;
}
time_t time(time_t *out) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  if (out) *out = t.tv_sec;
  return t.tv_sec;
}
`;

/** Compiles the shim; needs a C compiler. Forward only: the moment of the last call must not come again. */
export async function openShiftedClock(): Promise<ShiftedClock> {
  const dir = await mkdtemp(join(tmpdir(), 'joinery-clock-'));
  const [source, library, file] = ['clock.c', 'clock.so', 'ahead'].map((name) => join(dir, name));
  await writeFile(source ?? '', SOURCE);
  const args = ['-shared', '-fPIC', '-O2', '-o', library ?? '', source ?? ''];
  const { status, stderr } = spawnSync('cc', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the clock could not be compiled: ${stderr}`);
  await writeFile(file ?? '', Buffer.alloc(8));
  return {
    env: { LD_PRELOAD: library ?? '', JOINERY_TEST_CLOCK: file ?? '' },
    async set(aheadMs) {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(BigInt(Math.round(aheadMs)));
      const handle = await open(file ?? '', 'r+');
      await handle.write(bytes, 0, 8, 0);
      await handle.close();
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}
