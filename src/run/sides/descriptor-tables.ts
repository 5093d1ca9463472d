/** Descriptor tables of the threads of a process: who has one of its own, what it inherits, and what all must share. */
import type { RunPlan } from '../../plan/run-plan.ts';
import type { RunShape } from '../../plan/sizes/run-shape.ts';
import { TRANSPORTS } from '../../scenario/terms/transports.ts';
import { openBellDescriptor } from '../../transport/tcp/system/event-doorbell.ts';
import { loadSystemCalls } from '../../transport/tcp/system/system-calls.ts';
import { ThreadDescriptors } from '../../transport/tcp/system/thread-descriptors.ts';
import type { WorkerRole } from '../worker/thread/worker-messages.ts';

/** Whether each thread takes its own descriptor table, which starts as a copy of the one of its process. */
export function hasPrivateTables(plan: RunPlan): boolean {
  return TRANSPORTS[plan.settings.transport].descriptorTables === 'private';
}

/**
 * Tells each thread that is about to start which descriptors of others it need not keep. Gateways and store threads
 * keep the table of the process, and their descriptors are kept by all.
 */
export function inheritedDescriptors(): (role: WorkerRole) => number[] {
  let descriptors: ThreadDescriptors | null = null;
  return (role) => {
    if (role === 'gateway' || role === 'store') return [];
    descriptors ??= new ThreadDescriptors();
    return descriptors.list();
  };
}

/** Doorbells for threads that sleep in epoll, created before any thread takes its own descriptor table. */
export function bellDescriptors(plan: RunPlan, shape: RunShape): readonly number[] | null {
  if (!hasPrivateTables(plan)) return null;
  const calls = loadSystemCalls();
  return Array.from({ length: shape.shards + shape.lanes }, () => openBellDescriptor(calls));
}
