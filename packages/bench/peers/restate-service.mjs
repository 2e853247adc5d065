// The workloads as Restate services. Copied to where its SDK was installed; port in argv.
import * as restate from '@restatedev/restate-sdk';

// The SDK asks for Node 22; this is all that it lacks on 20.
Promise.withResolvers ??= function withResolvers() {
  const made = {};
  made.promise = new this((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};

const all = (promises) => restate.RestatePromise.all(promises);
const payloadOf = (results) => ({ payload: results[0].payload });

const tasks = restate.service({
  name: 'tasks',
  handlers: { run: async (_ctx, { payload }) => ({ payload }) },
});

/** `task`: runs one task durably, either as a step in this process or as a call of a service. */
const shapes = {
  async W1(task, { payload }) {
    let last = { payload };
    for (let index = 1; index <= 5; index += 1) last = await task(`step${index}`, last);
    return last;
  },
  async W2(task, { payload }) {
    const first = await task('first', { payload });
    const names = Array.from({ length: 10 }, (_, index) => `branch${index + 1}`);
    return task('last', payloadOf(await all(names.map((name) => task(name, first)))));
  },
  async W3(task, { payload, branches }) {
    const names = Array.from({ length: branches }, (_, index) => `branch${index + 1}`);
    return payloadOf(await all(names.map((name) => task(name, { payload }))));
  },
  async W4(task, { payload }) {
    const names = Array.from({ length: 27 }, (_, index) => `leaf${index + 1}`);
    return task('last', payloadOf(await all(names.map((name) => task(name, { payload })))));
  },
};

const steps = (ctx) => (name, input) => ctx.run(name, () => ({ payload: input.payload }));
const calls = (ctx) => (_name, input) => ctx.serviceClient(tasks).run(input);
const serviceOf = (name, taskOf) =>
  restate.service({
    name,
    handlers: Object.fromEntries(
      Object.entries(shapes).map(([each, shape]) => [
        each,
        async (ctx, input) => shape(taskOf(ctx), input),
      ]),
    ),
  });

await restate
  .endpoint()
  .bind(tasks)
  .bind(serviceOf('steps', steps))
  .bind(serviceOf('calls', calls))
  .listen(Number(process.argv[2]));
