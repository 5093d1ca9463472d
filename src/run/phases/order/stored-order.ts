/** The order of a run with its store open. */
import { idsBefore, type OpenStore, openStore } from '../../worker/store/open-store.ts';
import type { RunOrder } from './run-order.ts';

export interface StoredOrder {
  readonly order: RunOrder;
  /** Null if the run has none. */
  readonly store: OpenStore | null;
}

/**
 * Opens the store of a run. Where the switch is not part of the run, it may have a store of its own.
 * @throws as openStore.
 */
export function storedOrder(order: RunOrder): StoredOrder {
  const { plan, targets, storeFolder } = order;
  if (targets !== null) {
    const elsewhere = { ...plan, store: null, idsBefore: idsBefore(Date.now()) };
    return { order: { ...order, plan: elsewhere }, store: null };
  }
  const store = openStore(plan, storeFolder ?? null);
  return { order: store === null ? order : { ...order, plan: store.plan }, store };
}
