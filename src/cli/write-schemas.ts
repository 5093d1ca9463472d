/** Writes the JSON Schemas and the reference of scenarios that the package publishes. */
import { writeFileSync } from 'node:fs';
import { resultJsonSchema } from '../result/result-schema.ts';
import { stepsJsonSchema } from '../result/steps-schema.ts';
import { scenarioJsonSchema, scenarioReference } from '../scenario/scenario-reference.ts';

const write = (name: string, text: string): void => writeFileSync(new URL(`../${name}`, import.meta.url), text);

write('result.schema.json', `${JSON.stringify(resultJsonSchema(), null, 1)}\n`);
write('scenario.schema.json', `${JSON.stringify(scenarioJsonSchema(), null, 1)}\n`);
write('steps.schema.json', `${JSON.stringify(stepsJsonSchema(), null, 1)}\n`);
writeFileSync(new URL('../../scenarios/README.md', import.meta.url), scenarioReference());
