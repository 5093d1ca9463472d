import assert from 'node:assert/strict';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { loadSystemCalls } from '../../tcp/system/system-calls.ts';
import { SWITCH_HOST } from './device-addresses.ts';
import { checkRunNamespace, enterRunNamespace } from './run-namespace.ts';
import { whyNoTun } from './tun-here.test-suite.ts';

const setting = (name: string): number => Number(readFileSync(`/proc/sys/net/${name}`, 'utf8'));
const CONNECTIONS = 100_000;
const PATIENCE = 'ipv4/tcp_rto_min_us';
const ORPHANS = 'ipv4/tcp_orphan_retries';
/** Read before the first network is entered; null if this kernel has no such setting. */
const patienceOfMachine = existsSync(`/proc/sys/net/${PATIENCE}`) ? setting(PATIENCE) : null;
const whyNoPatience = (): string | false =>
  patienceOfMachine !== null ? false : 'left out: kernels before 6.11 have no such setting of a network';

describe('the network of a run', { skip: whyNoTun() }, () => {
  it('is entered before a device is made, is not that of the machine, and has the address of the switch', async () => {
    const before = readlinkSync('/proc/self/ns/net');
    assert.throws(checkRunNamespace, {
      code: 'TRANSPORT_UNAVAILABLE',
      message: /makes no device in that of the machine/,
    });
    enterRunNamespace(loadSystemCalls(), CONNECTIONS, false);
    checkRunNamespace();
    assert.notEqual(readlinkSync('/proc/self/ns/net'), before);
    assert.equal(setting('core/somaxconn'), 65_535);
    assert.equal(setting('ipv4/tcp_max_syn_backlog'), 65_535);
    assert.ok(Math.abs(setting('ipv4/tcp_ehash_entries')) >= CONNECTIONS, 'a table of connections of its own');
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, SWITCH_HOST, listening));
    await new Promise((closed) => server.close(closed));
  });

  it('has a kernel that is patient with phones that lose nothing, and as usual with others', {
    skip: whyNoPatience(),
  }, () => {
    enterRunNamespace(loadSystemCalls(), CONNECTIONS, false);
    assert.deepEqual([setting(PATIENCE), setting(ORPHANS)], [1e6, 1]);
    enterRunNamespace(loadSystemCalls(), CONNECTIONS, true);
    assert.deepEqual([setting(PATIENCE), setting(ORPHANS)], [patienceOfMachine, 3]);
  });

  it('is not that of a process that only names it', () => {
    const entered = process.env['TRUNKLINE_NETWORK'];
    assert.ok(entered !== undefined);
    process.env['TRUNKLINE_NETWORK'] = 'net:[1]';
    assert.throws(checkRunNamespace, { code: 'TRANSPORT_UNAVAILABLE', message: /--set transport=tcp/ });
    process.env['TRUNKLINE_NETWORK'] = entered;
  });
});
