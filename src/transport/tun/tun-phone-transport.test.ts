import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ledgerUsedBytes } from '../../base/ledger-entry.ts';
import { Script } from './scripted-peer.test-suite.ts';
import { SETTINGS } from './tun-ends.test-suite.ts';

const bytesOf = ({ phones }: Script): number => ledgerUsedBytes(phones.ledger(), 'transport');

describe('the memory of the phones’ TCP', () => {
  it('counts what connections share before any is open', () => {
    const idle = bytesOf(new Script());
    assert.ok(
      idle >= SETTINGS.storeBytesMax,
      `${idle} bytes, of which the store of output alone has ${SETTINGS.storeBytesMax}`,
    );
    const larger = bytesOf(new Script({ storeBytesMax: 2 * SETTINGS.storeBytesMax }));
    assert.ok(larger >= idle + SETTINGS.storeBytesMax, 'a larger store shows');
  });
});
