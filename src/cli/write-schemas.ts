/**
 * Writes the published JSON Schemas, the description of the HTTP side, the reference of scenarios, and the page about
 * guards.
 */
import { writeFileSync } from 'node:fs';
import { capacityJsonSchema } from '../analysis/capacity/capacity-schema.ts';
import { comparisonJsonSchema } from '../analysis/comparison/comparison-schema.ts';
import { baselineJsonSchema } from '../analysis/gate/baseline.ts';
import { gateJsonSchema } from '../analysis/gate/gate-schema.ts';
import { historyJsonSchema } from '../analysis/history/history-schema.ts';
import { ladderJsonSchema } from '../analysis/ladder/ladder-schema.ts';
import { simulationJsonSchema } from '../analysis/simulation/simulation-schema.ts';
import { openApiDocument } from '../http/api/open-api-document.ts';
import { packageVersion } from '../measure/fingerprint.ts';
import { guardsPage } from '../report/run/guards-page.ts';
import { intervalJsonSchema } from '../result/interval-schema.ts';
import { resultJsonSchema } from '../result/result-schema.ts';
import { stepsJsonSchema } from '../result/steps-schema.ts';
import { scenarioJsonSchema, scenarioReference } from '../scenario/scenario-reference.ts';

const SCHEMAS = {
  baseline: baselineJsonSchema,
  capacity: capacityJsonSchema,
  comparison: comparisonJsonSchema,
  gate: gateJsonSchema,
  history: historyJsonSchema,
  simulation: simulationJsonSchema,
  interval: intervalJsonSchema,
  ladder: ladderJsonSchema,
  result: resultJsonSchema,
  scenario: scenarioJsonSchema,
  steps: stepsJsonSchema,
};

const write = (path: string, text: string): void => writeFileSync(new URL(path, import.meta.url), text);

for (const [name, schema] of Object.entries(SCHEMAS)) {
  write(`../${name}.schema.json`, `${JSON.stringify(schema(), null, 1)}\n`);
}
write('../openapi.json', `${JSON.stringify(openApiDocument(packageVersion()), null, 1)}\n`);
write('../../scenarios/README.md', scenarioReference());
write('../../docs/guards.md', guardsPage());
