import { z } from 'zod';

const jsonObject = z.record(z.string(), z.json());
/** As a definition's version. */
const schemaVersion = z.int().min(1).max(2_147_483_647);

/** A schema that is registered under a name (`SchemaDef` of Conductor 3.30). */
export const schemaDefSchema = z.object({
  name: z.string().min(1).max(255),
  version: schemaVersion.default(1),
  type: z.enum(['JSON', 'AVRO', 'PROTOBUF']),
  data: jsonObject.nullish(),
  externalRef: z.string().max(4_096).nullish(),
});

/** See {@link schemaDefSchema}. */
export type SchemaDef = z.output<typeof schemaDefSchema>;
