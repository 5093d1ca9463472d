/** JSON Schemas that the package publishes, made from the schemas that the program itself holds to. */
import { z } from 'zod';

/** @param id name and version, such as `trunkline.result/1`. */
export function publishedSchema(id: string, title: string, schema: z.ZodType): object {
  const options: Parameters<typeof z.toJSONSchema>[1] = {
    override: ({ jsonSchema }) => {
      delete jsonSchema.readOnly; // says how TypeScript may use a list, not what a file may hold
    },
  };
  return { $id: id, title, ...z.toJSONSchema(schema, options) };
}
