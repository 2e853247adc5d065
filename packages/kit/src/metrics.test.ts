import { describe, expect, it } from 'vitest';
import { createMetrics } from './metrics.ts';

describe('metrics', () => {
  it('counts, stands and collects, in the text format of Prometheus', async () => {
    const metrics = createMetrics({ defaultLabels: { role: 'sweeper' } });
    const repairs = metrics.counter({ name: 'repairs_total', help: 'Repairs.', labels: ['cause'] });
    repairs.add({ cause: 'lost-job' });
    repairs.add({ cause: 'lost-job' }, 2);
    metrics.gauge({ name: 'runs_live', help: 'Runs.' }).set({}, 7);
    const waits = metrics.histogram({
      name: 'lock_wait_seconds',
      help: 'Waits.',
      buckets: [0.1, 1],
    });
    waits.observe({}, 0.5);
    const text = await metrics.render();
    expect(text).toContain('joinery_repairs_total{cause="lost-job",role="sweeper"} 3');
    expect(text).toContain('joinery_runs_live{role="sweeper"} 7');
    expect(text).toContain('joinery_lock_wait_seconds_bucket{le="0.1",role="sweeper"} 0');
    expect(text).toContain('joinery_lock_wait_seconds_bucket{le="1",role="sweeper"} 1');
    expect(metrics.contentType).toContain('text/plain');
  });

  it('gives everybody who asks by one name the same metric', async () => {
    const metrics = createMetrics();
    const spec = { name: 'starts_total', help: 'Starts.', labels: ['definition'] } as const;
    metrics.counter(spec).add({ definition: 'order' });
    metrics.counter(spec).add({ definition: 'order' });
    expect(await metrics.render()).toContain('joinery_starts_total{definition="order"} 2');
  });

  it('refuses two different metrics of one name', () => {
    const metrics = createMetrics();
    metrics.counter({ name: 'starts_total', help: 'Starts.' });
    expect(() => metrics.gauge({ name: 'starts_total', help: 'Starts.' })).toThrow(
      'metric starts_total is already a counter(); asked for a gauge()',
    );
    expect(() => metrics.counter({ name: 'starts_total', help: 'x', labels: ['a'] })).toThrow(
      'asked for a counter(a)',
    );
  });

  it('counts what comes after the limit of series under other, and goes on counting the known', async () => {
    const metrics = createMetrics({ seriesLimit: 2 });
    const tasks = metrics.counter({ name: 'tasks_total', help: 'Tasks.', labels: ['type'] });
    for (const type of ['a', 'b', 'c', 'd', 'a']) tasks.add({ type });
    const lines = (await metrics.render())
      .split('\n')
      .filter((line) => line.startsWith('joinery_'));
    expect(lines).toEqual([
      'joinery_tasks_total{type="a"} 2',
      'joinery_tasks_total{type="b"} 1',
      'joinery_tasks_total{type="other"} 2',
    ]);
  });

  it('keeps two registries in one process apart', async () => {
    const left = createMetrics();
    const right = createMetrics();
    left.counter({ name: 'starts_total', help: 'Starts.' }).add({});
    expect(await right.render()).not.toContain('starts_total');
  });

  it('tells about the process when asked to', async () => {
    const text = await createMetrics({ withProcess: true }).render();
    expect(text).toContain('joinery_process_cpu_seconds_total');
  });
});
