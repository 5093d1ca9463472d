/**
 * A process that takes the lock of a series when it is told to, says what came of it, and keeps it until it is ended.
 */
import { SeriesLock } from './series-lock.ts';

const [, , folder = ''] = process.argv;

process.on('message', (command) => {
  if (command === 'release') process.exit(0);
  SeriesLock.take(folder).then(
    () => process.send?.('taken'),
    (error: unknown) => process.send?.(error instanceof Error && 'code' in error ? error.code : String(error)),
  );
});
process.send?.('ready');
