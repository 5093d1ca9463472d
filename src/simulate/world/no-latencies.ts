/** Latencies that nobody wants to know. */
import type { LaneLatencies } from '../../driver/state/lane-settings.ts';

const NO_LATENCY = { record: (): void => {} };

export const NO_LATENCIES: LaneLatencies = {
  login: NO_LATENCY,
  acknowledgement: NO_LATENCY,
  delivery: NO_LATENCY,
  storedDelivery: NO_LATENCY,
  groupDelivery: NO_LATENCY,
  receipt: NO_LATENCY,
  presence: NO_LATENCY,
  sendDelay: NO_LATENCY,
};
