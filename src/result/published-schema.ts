/** The JSON Schemas that the package publishes, generated from the schemas that the program itself uses. */
import { z } from 'zod';

/** @param id name and version, such as `trunkline.result/1`. */
export function publishedSchema(id: string, title: string, schema: z.ZodType): object {
  const options: Parameters<typeof z.toJSONSchema>[1] = {
    override: ({ jsonSchema }) => {
      delete jsonSchema.readOnly; // concerns TypeScript only, not the content of a file
    },
  };
  return { $id: id, title, ...z.toJSONSchema(schema, options) };
}
