/** A run that a series started ends when the series' process does: nobody would read it, and it would disturb the next. */
import { ExitCode } from './exit-code.ts';

export function endWithParent(): void {
  if (process.connected === undefined) return; // nobody gave it a channel
  if (!process.connected) process.exit(ExitCode.TERMINATED); // gone while this process started
  process.on('disconnect', () => process.exit(ExitCode.TERMINATED));
  process.channel?.unref(); // it must not keep the process either
}
