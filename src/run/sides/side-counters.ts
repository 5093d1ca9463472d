/** The counters of both sides by name, from rows that hold them in the order of their names. */
import { namedCounters } from '../../base/counters.ts';
import { DRIVER_COUNTERS } from '../../driver/terms/driver-counters.ts';
import { GATEWAY_COUNTERS } from '../../switch/gateway-counters.ts';
import { SWITCH_COUNTERS } from '../../switch/terms/switch-counters.ts';
import { SOCKET_COUNTERS } from '../../transport/socket-counters.ts';
import type { SideCounters } from '../../verdict/record/run-record.ts';

/**
 * @param rows an empty row means no counters: the switch is not part of the run, there are no sockets, or there is no
 * gateway.
 */
export function sideCounters(rows: Readonly<Record<keyof SideCounters, Float64Array>>): SideCounters {
  return {
    driver: namedCounters(DRIVER_COUNTERS, rows.driver),
    switch: namedCounters(SWITCH_COUNTERS, rows.switch),
    switchSockets: namedCounters(SOCKET_COUNTERS, rows.switchSockets),
    driverSockets: namedCounters(SOCKET_COUNTERS, rows.driverSockets),
    gateway: namedCounters(GATEWAY_COUNTERS, rows.gateway),
  };
}
