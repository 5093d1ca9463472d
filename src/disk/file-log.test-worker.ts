/** A process that records entries until it is killed, and says after each batch how many are complete. */
import { FileLog } from './file-log.test-suite.ts';

const [, , path = ''] = process.argv;
const log = new FileLog(path);
for (let sequence = 1; sequence < 1_000_000; ) {
  for (let n = 0; n < 7; n++) log.append(sequence++, 64);
  log.writeAll();
  process.stdout.write(`${sequence - 1}\n`);
}
