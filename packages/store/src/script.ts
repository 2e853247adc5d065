import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Cluster, type Redis } from 'ioredis';
import { z } from 'zod';

/** A connection that can run scripts: one node, or a Redis Cluster. Never closed by this package. */
export type RedisClient = Redis | Cluster;

/** One Lua file, one atomic transition, and the types at its boundary. */
export interface Script<Keys, Args, Reply extends z.ZodType> {
  /** The file is `lua/<name>.lua`. */
  readonly name: string;
  /** What Redis is given: the file with its fragments in place. */
  readonly lua: string;
  readonly sha1: string;
  /** KEYS in the order in which the file binds them; all in one slot. */
  readonly keys: (keys: Keys) => readonly string[];
  /** ARGV in the order in which the file binds them. */
  readonly args: (args: Args) => readonly (string | number)[];
  readonly reply: Reply;
}

const luaRoot = new URL('../lua/', import.meta.url);

/**
 * Binds `lua/<name>.lua` to its types; the file is read here and never again. A line `-- @include <fragment>`
 * is replaced by `lua/lib/<fragment>.lua`, once per script however often it is asked for.
 */
export function defineScript<Keys, Args, Reply extends z.ZodType>(
  definition: Omit<Script<Keys, Args, Reply>, 'lua' | 'sha1'>,
): Script<Keys, Args, Reply> {
  const lua = luaOf(definition.name);
  return { ...definition, lua, sha1: sha1Of(lua) };
}

/** The hash by which Redis knows `lua/<name>.lua`: for whoever watches what goes over the wire. */
export function scriptSha1(name: string): string {
  return sha1Of(luaOf(name));
}

function luaOf(name: string): string {
  return withFragments(readLua(`${name}.lua`), (fragment) => readLua(`lib/${fragment}.lua`));
}

function sha1Of(lua: string): string {
  return createHash('sha1').update(lua).digest('hex');
}

/**
 * Runs `script` atomically and answers its parsed reply. Falls back to EVAL when the server has not cached it
 * (restart, failover). Throws what ioredis throws, and an Error naming the script for a reply of unknown shape.
 */
export async function runScript<Keys, Args, Reply extends z.ZodType>(
  redis: RedisClient,
  script: Script<Keys, Args, Reply>,
  keys: Keys,
  args: Args,
): Promise<z.output<Reply>> {
  const keyList = script.keys(keys);
  const raw = await evaluateLua(redis, script, keyList.length, [...keyList, ...script.args(args)]);
  const parsed = script.reply.safeParse(raw);
  if (parsed.success) return parsed.data;
  const found = JSON.stringify(raw)?.slice(0, 200);
  throw new Error(`Script ${script.name} answered ${found}, which is not a reply it declares`, {
    cause: parsed.error,
  });
}

/** The fields of each tagged reply, in the order in which the script lists them after the tag. */
export type ReplyFields = Readonly<Record<string, z.ZodRawShape>>;

/** The union that `taggedReply` parses into: `['claimed', 1]` becomes `{ type: 'claimed', attempt: 1 }`. */
export type TaggedReply<Fields extends ReplyFields> = {
  [Tag in keyof Fields & string]: { readonly type: Tag } & {
    readonly [Field in keyof Fields[Tag]]: z.output<Fields[Tag][Field]>;
  };
}[keyof Fields & string];

/** Schema for replies `{ tag, field, … }`; a tag or a field count that is not declared is an error. */
export function taggedReply<Fields extends ReplyFields>(
  fields: Fields,
): z.ZodType<TaggedReply<Fields>> {
  // Built once: building a schema costs more than parsing with it.
  const replies = new Map(
    Object.entries(fields).map(([tag, shape]) => {
      return [tag, { names: Object.keys(shape), schema: z.object(shape) }] as const;
    }),
  );
  const named = z.tuple([z.string()], z.unknown()).transform(([tag, ...values], context) => {
    const reply = replies.get(tag);
    if (reply === undefined || reply.names.length !== values.length) {
      context.addIssue(`no reply ${tag} with ${values.length} fields is declared`);
      return z.NEVER;
    }
    const found = Object.fromEntries(reply.names.map((name, index) => [name, values[index]]));
    const parsed = reply.schema.safeParse(found);
    if (parsed.success) return { type: tag, ...parsed.data };
    for (const { path, message } of parsed.error.issues) {
      context.addIssue({ code: 'custom', path, message });
    }
    return z.NEVER;
  });
  // The shapes above have proved it; the compiler cannot follow a lookup by tag.
  return named.pipe(z.custom<TaggedReply<Fields>>());
}

/** EVALSHA, and EVAL when the server does not know the script. Answers the raw reply. */
export async function evaluateLua(
  redis: RedisClient,
  script: { readonly lua: string; readonly sha1: string },
  keyCount: number,
  argv: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(script.sha1, keyCount, ...argv);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return await redis.eval(script.lua, keyCount, ...argv);
  }
}

/** Puts fragments in the place of their include lines; fragments may include others, and each comes once. */
export function withFragments(lua: string, readFragment: (name: string) => string): string {
  const seen = new Set<string>();
  const expand = (text: string): string =>
    text.replaceAll(/^-- @include ([\w-]+)$/gm, (_line, fragment: string) => {
      if (seen.has(fragment)) return '';
      seen.add(fragment);
      return expand(readFragment(fragment)).trimEnd();
    });
  return expand(lua);
}

function readLua(path: string): string {
  return readFileSync(new URL(path, luaRoot), 'utf8');
}
