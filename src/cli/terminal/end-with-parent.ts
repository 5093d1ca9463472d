/** Ends a run when the process of its series has ended: its result would be lost, and it would disturb later runs. */
import { ExitCode } from './exit-code.ts';

export function endWithParent(): void {
  if (process.connected === undefined) return; // not started by a series
  if (!process.connected) process.exit(ExitCode.TERMINATED); // the parent ended while this process started
  process.on('disconnect', () => process.exit(ExitCode.TERMINATED));
  process.channel?.unref(); // the channel must not keep the process alive
}
