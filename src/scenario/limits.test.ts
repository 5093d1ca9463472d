import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as contacts from '../driver/contacts.ts';
import * as payload from '../driver/payload.ts';
import * as frames from '../wire/frames.ts';
import { CONTACTS_MAX, PAYLOAD_BYTES_MAX, PAYLOAD_BYTES_MIN } from './limits.ts';

describe('the limits of a scenario', () => {
  it('are those of the code that causes them', () => {
    assert.equal(CONTACTS_MAX, contacts.CONTACTS_MAX);
    assert.equal(PAYLOAD_BYTES_MIN, payload.PAYLOAD_BYTES_MIN);
    assert.equal(PAYLOAD_BYTES_MAX, frames.PAYLOAD_BYTES_MAX);
  });
});
