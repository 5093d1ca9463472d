import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { TrunklineError } from '../../base/errors.ts';
import * as reference from '../../driver/content/blob-reference.ts';
import * as payload from '../../driver/content/payload.ts';
import * as contacts from '../../driver/people/contacts.ts';
import { COUNTED_MAX } from '../../driver/terms/driver-counters.ts';
import * as frames from '../../wire/frames.ts';
import { KINDS_MAX } from '../keys/content-keys.ts';
import { PLATFORMS_MAX } from '../keys/phones/platforms-key.ts';
import { parseScenario } from '../scenario.ts';
import {
  CONTACTS_MAX,
  GROUP_PAYLOAD_BYTES_MAX,
  PAYLOAD_BYTES_MAX,
  PAYLOAD_BYTES_MIN,
  REFERENCE_BYTES,
} from './limits.ts';

const SMOKE = new URL('../../../scenarios/smoke.yaml', import.meta.url);

describe('the limits of a scenario', () => {
  it('are those of the code that causes them', () => {
    assert.equal(CONTACTS_MAX, contacts.CONTACTS_MAX);
    assert.equal(PAYLOAD_BYTES_MIN, payload.PAYLOAD_BYTES_MIN);
    assert.equal(REFERENCE_BYTES, reference.REFERENCE_BYTES);
    assert.equal(PAYLOAD_BYTES_MAX, frames.PAYLOAD_BYTES_MAX);
    assert.equal(GROUP_PAYLOAD_BYTES_MAX, frames.GROUP_PAYLOAD_BYTES_MAX);
    assert.deepEqual([KINDS_MAX, PLATFORMS_MAX], [COUNTED_MAX, COUNTED_MAX]);
  });

  it('leave each phone more active phones than contacts, so that this needs no check of its own', () => {
    const smoke = readFileSync(SMOKE, 'utf8');
    const isAccepted = (activePhones: number): boolean => {
      const settings = [`phones.contacts=${CONTACTS_MAX}`, `traffic.activePhones=${activePhones}`];
      try {
        parseScenario(smoke, 'smoke.yaml', settings);
        return true;
      } catch (error) {
        assert.ok(error instanceof TrunklineError);
        assert.match(error.message, /traffic\.activePhones: expected/);
        return false;
      }
    };
    assert.ok(isAccepted(CONTACTS_MAX + 100));
    for (let activePhones = 1; activePhones <= CONTACTS_MAX; activePhones++) assert.ok(!isAccepted(activePhones));
  });
});
